"""The probes as checkers require them: a module per probe, with `measure(data, split)` that returns its record."""

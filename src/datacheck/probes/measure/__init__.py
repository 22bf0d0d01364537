"""The probes as checkers require them: one module each, whose `measure(data, split)` returns its record."""

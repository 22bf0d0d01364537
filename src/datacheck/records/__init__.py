"""The small frozen records that probes return and checkers and reports read."""

"""Commands with a file of their own; `cli` registers each in one line."""

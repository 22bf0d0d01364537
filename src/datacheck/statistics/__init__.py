"""Sufficient statistics and sketches, one class per file: `of` makes one from values, `+` adds two."""

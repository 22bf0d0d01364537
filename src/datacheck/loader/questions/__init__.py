"""One question per file; each is found by its class."""

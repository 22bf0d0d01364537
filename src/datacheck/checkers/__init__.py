"""The questions asked of the profiles, one per file; a new file is a new checker."""

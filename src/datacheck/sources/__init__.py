"""Where rows come from, one format per file; a new file is found by the suffixes that it names."""

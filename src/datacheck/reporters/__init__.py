"""One report, many renderings that never disagree: a file here is a value of `--format`."""

"""The command line as a module and as a file: `python -m datacheck`, `spark-submit .../datacheck/__main__.py`."""

from datacheck.cli import main

if __name__ == "__main__":
    main()

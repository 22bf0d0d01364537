"""datacheck, as `datacheck profile` runs it: a warning or an error of a checker names its fault."""

from harness import main

import datacheck as dc
from datacheck.testing import faults


def ask(train, test, label):
    report = dc.profile({"train": train, "test": test}, label=label)
    return {finding.checker for finding in report.findings if finding.severity.rank > 0}


def profile(path):
    dc.profile(path, label="label")


if __name__ == "__main__":
    main(ask, profile, set(faults.every()))

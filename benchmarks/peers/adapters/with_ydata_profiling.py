"""ydata-profiling's alerts about the training split; the default report, and `minimal` for large tables, as its
documentation recommends."""

import pandas as pd
from harness import main
from ydata_profiling import ProfileReport

FAULTS = {
    "CONSTANT": "constant-feature",
    "MISSING": "missing-values",
    "DUPLICATES": "duplicate-rows",
    "SKEWED": "heavy-tail",
    "UNIQUE": "identifier-feature",
    "INFINITE": "non-finite-values",
}


def ask(train, test, label):
    report = ProfileReport(train, progress_bar=False, infer_dtypes=False)
    found = set()
    for alert in report.get_description().alerts:
        name = alert.alert_type.name
        if name in FAULTS:
            found.add(FAULTS[name])
        elif name == "IMBALANCE" and alert.column_name == label:
            found.add("class-imbalance")
        elif name == "HIGH_CORRELATION" and label in (alert.column_name, *alert.values.get("fields", [])):
            found.add("target-leakage")
    return found


def profile(path):
    ProfileReport(pd.read_parquet(path), minimal=True, progress_bar=False).to_json()


if __name__ == "__main__":
    main(ask, profile, {*FAULTS.values(), "class-imbalance", "target-leakage"})

"""ydata-profiling's alerts about the training split, from its default report.

An alert names its fault; that of imbalance counts where it is about the label, that of high correlation (above its
default of 0.5) where it is about the label, and that of unique values where the column is no float: drawn floats differ
anyhow. Its comparison of two reports shows the alerts of both side by side and none about their difference: no shift
is named. `--profile` reads a large file as its documentation advises, with `minimal=True`.
"""

import pandas as pd
from harness import main
from ydata_profiling import ProfileReport

FAULTS = {
    "CONSTANT": "constant-feature",
    "DUPLICATES": "duplicate-rows",
    "INFINITE": "non-finite-values",
    "MISSING": "missing-values",
    "SKEWED": "heavy-tail",
    "UNIQUE": "identifier-feature",
    "HIGH_CARDINALITY": "identifier-feature",
}
OF_THE_LABEL = {"IMBALANCE": "class-imbalance", "HIGH_CORRELATION": "target-leakage"}


def ask(train, test, label):
    alerts = ProfileReport(train, progress_bar=False).get_description().alerts
    floats = set(train.select_dtypes("float").columns)
    said = {(alert.alert_type.name, alert.column_name) for alert in alerts}
    found = {
        FAULTS[kind] for kind, name in said if kind in FAULTS and not (kind == "UNIQUE" and name in floats)
    }
    return found | {OF_THE_LABEL[kind] for kind, name in said if kind in OF_THE_LABEL and name == label}


def profile(path):
    ProfileReport(pd.read_parquet(path), progress_bar=False, minimal=True).get_description()


if __name__ == "__main__":
    main(ask, profile, {*FAULTS.values(), *OF_THE_LABEL.values()})

"""evidently's drift and summary presets with the tests that they generate, the training split as reference.

Default: the generated tests. Drift of the label names a label shift, drift of any other column a covariate shift;
its summary of the training split names copies, constants and missing values.
"""

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset, DataSummaryPreset
from harness import main

FAULTS = {
    "DuplicatedRowCount": "duplicate-rows",
    "ConstantColumnsCount": "constant-feature",
    "AlmostConstantColumnsCount": "constant-feature",
    "DatasetMissingValueCount": "missing-values",
    "MissingValueCount": "missing-values",
}


def dataset(table, label):
    numeric = [name for name in table.columns if name != label and pd.api.types.is_numeric_dtype(table[name])]
    other = [name for name in table.columns if name not in numeric]
    definition = DataDefinition(numerical_columns=numeric, categorical_columns=other)
    return Dataset.from_pandas(table, data_definition=definition)


def failed(preset, current, reference):
    """The metric, and its column, of every generated test that failed."""
    tests = Report([preset], include_tests=True).run(current, reference).dict()["tests"]
    configs = [t["metric_config"]["params"] for t in tests if str(t["status"]).endswith("FAIL")]
    return [(config["type"].rpartition(":")[2], config.get("column", "")) for config in configs]


def ask(train, test, label):
    common = [name for name in train.columns if name in test.columns]
    reference, current = dataset(train[common], label), dataset(test[common], label)
    drifted = {
        column for metric, column in failed(DataDriftPreset(), current, reference) if metric == "ValueDrift"
    }
    found = {"label-shift" if column == label else "covariate-shift" for column in drifted}
    named = {metric for metric, _ in failed(DataSummaryPreset(), reference, None)}
    return found | {fault for metric, fault in FAULTS.items() if metric in named}


def profile(path):
    Report([DataSummaryPreset()]).run(Dataset.from_pandas(pd.read_parquet(path)), None).json()


if __name__ == "__main__":
    main(ask, profile, {"covariate-shift", "label-shift", *FAULTS.values()})

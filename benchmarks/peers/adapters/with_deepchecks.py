"""deepchecks' suites for data integrity and for train and test, with their default conditions."""

import pandas as pd
from deepchecks.tabular import Dataset
from deepchecks.tabular.suites import data_integrity, train_test_validation
from harness import main

FAULTS = {
    "IsSingleValue": "constant-feature",
    "PercentOfNulls": "missing-values",
    "DataDuplicates": "duplicate-rows",
    "ConflictingLabels": "conflicting-labels",
    "ClassImbalance": "class-imbalance",
    "OutlierSampleDetection": "heavy-tail",
    "FeatureLabelCorrelation": "target-leakage",
    "FeatureLabelCorrelationChange": "target-leakage",
    "FeatureDrift": "covariate-shift",
    "MultivariateDrift": "covariate-shift",
    "LabelDrift": "label-shift",
    "NewLabelTrainTest": "unseen-label",
    "TrainTestSamplesMix": "cross-split-duplicates",
    "MixedNulls": "missing-values",
}


def ask(train, test, label):
    kinds = [name for name in train.columns if name != label and train[name].dtype == object]
    first, second = (Dataset(table, label=label, cat_features=kinds) for table in (train, test))
    results = [*data_integrity().run(first).results, *train_test_validation().run(first, second).results]
    failed = {
        type(result.check).__name__
        for result in results
        for condition in getattr(result, "conditions_results", [])
        if condition.category.value in ("FAIL", "WARN")
    }
    return {fault for name, fault in FAULTS.items() if name in failed}


def profile(path):
    data_integrity().run(Dataset(pd.read_parquet(path), label="label"))


if __name__ == "__main__":
    main(ask, profile, set(FAULTS.values()))

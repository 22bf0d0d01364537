"""cleanlab's Datalab with numeric features and out-of-fold probabilities, as its tutorial for tables does.

Default: an issue type names its fault when Datalab counts at least one row. `label` counts from 5 % of the rows
on, the share that datacheck warns at: a single suspect row stands in every table.
"""

import numpy as np
import pandas as pd
from cleanlab import Datalab
from harness import main
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import StandardScaler

FAULTS = {
    "near_duplicate": "duplicate-rows",
    "class_imbalance": "class-imbalance",
    "null": "missing-values",
    "non_iid": "sorted-labels",
    "outlier": "heavy-tail",
}


def numbers(table):
    return pd.get_dummies(table).astype(float).replace([np.inf, -np.inf], np.nan)


def ask(train, test, label):
    features, labels = numbers(train.drop(columns=[label])), train[label]
    model = HistGradientBoostingClassifier()
    probabilities = cross_val_predict(model, features, labels, cv=5, method="predict_proba")
    scaled = StandardScaler().fit_transform(features)
    lab = Datalab(data=train.assign(**{label: labels.astype(str)}), label_name=label, verbosity=0)
    lab.find_issues(features=scaled, pred_probs=probabilities)
    counts = lab.get_issue_summary().set_index("issue_type")["num_issues"]
    found = {fault for name, fault in FAULTS.items() if counts.get(name, 0) > 0}
    return found | ({"label-noise"} if counts.get("label", 0) >= 0.05 * len(train) else set())


def profile(path):
    raise SystemExit("cleanlab has no profile of a table")


if __name__ == "__main__":
    main(ask, profile, {*FAULTS.values(), "label-noise"})

"""alibi-detect's drift detectors, the training split as reference, each with its default p_val of 0.05.

A p-value is a verdict where the detector's own `is_drift` says so, after its default correction (Bonferroni over the
columns). TabularDrift, its detector for mixed columns, names a covariate shift; ChiSquareDrift of the label a label
shift. Concept shift as its documentation of supervised detectors advises: a model learns from one half of the training
rows, and CVMDrift compares its losses on the other half with those on the other split. It takes complete rows only.
Its outlier detectors are not asked: their threshold is the share of rows that they are to name.
"""

import numpy as np
import pandas as pd
from alibi_detect.cd import ChiSquareDrift, CVMDrift, TabularDrift
from harness import main
from sklearn.ensemble import HistGradientBoostingClassifier


def complete(table):
    return table.replace([np.inf, -np.inf], np.nan).dropna()


def numbers(tables, text):
    """Columns of text as codes that the splits share."""
    joined = pd.concat(tables, keys=range(len(tables)))
    coded = joined.assign(**{name: joined[name].astype("category").cat.codes for name in text})
    return [coded.loc[place].astype(float).to_numpy() for place in range(len(tables))]


def drifted(detector, values):
    return bool(detector.predict(values)["data"]["is_drift"])


def shifted(first, second, text):
    places = [place for place, name in enumerate(first.columns) if name in text]
    reference, current = numbers([first, second], text)
    levels = {p: sorted({*reference[:, p].astype(int), *current[:, p].astype(int)}) for p in places}
    return drifted(TabularDrift(reference, categories_per_feature=levels), current)


def losses(model, rows, labels):
    place = {name: index for index, name in enumerate(model.classes_)}
    shares = np.pad(model.predict_proba(rows), ((0, 0), (0, 1)))
    told = shares[np.arange(len(labels)), [place.get(label, -1) for label in labels]]
    return -np.log(np.maximum(told, 1e-6))


def relation_changed(first, second, label, text):
    rows, current = numbers([first.drop(columns=[label]), second.drop(columns=[label])], text)
    labels, half = first[label].to_numpy(), np.random.default_rng(0).random(len(first)) < 0.5
    model = HistGradientBoostingClassifier(random_state=0).fit(rows[half], labels[half])
    reference = losses(model, rows[~half], labels[~half])
    return drifted(CVMDrift(reference), losses(model, current, second[label].to_numpy()))


def ask(train, test, label):
    common = [name for name in train.columns if name in test.columns]
    first, second = complete(train[common]), complete(test[common])
    text = [name for name in common if not pd.api.types.is_numeric_dtype(train[name])]
    levels = {0: sorted({*first[label], *second[label]})}
    classes = ChiSquareDrift(first[[label]].to_numpy(), categories_per_feature=levels)
    verdicts = {
        "covariate-shift": shifted(first.drop(columns=[label]), second.drop(columns=[label]), text),
        "label-shift": drifted(classes, second[[label]].to_numpy()),
        "concept-shift": relation_changed(first, second, label, text),
    }
    return {fault for fault, verdict in verdicts.items() if verdict}


def profile(path):
    raise SystemExit("alibi-detect has no profile of a table")


if __name__ == "__main__":
    main(ask, profile, {"covariate-shift", "label-shift", "concept-shift"})

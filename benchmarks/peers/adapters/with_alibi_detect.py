"""alibi-detect's test of tables (Kolmogorov-Smirnov and chi-square, Bonferroni) at p < 0.05, its default; the
label by chi-square."""

import numpy as np
from alibi_detect.cd import ChiSquareDrift, TabularDrift
from harness import main


def codes(train, test):
    """Both splits as numbers, texts by their level, and the places of the categories."""
    columns, places = [], {}
    for place, name in enumerate(train.columns):
        both = [*train[name], *test[name]]
        if train[name].dtype == object or train[name].nunique() <= 20:
            levels = {value: code for code, value in enumerate(dict.fromkeys(map(str, both)))}
            both = [levels[str(value)] for value in both]
            places[place] = len(levels)
        columns.append(np.nan_to_num(np.array(both, float)))
    values = np.column_stack(columns)
    return values[: len(train)], values[len(train) :], places


def ask(train, test, label):
    names = [name for name in train.columns if name != label and name in test.columns]
    reference, new, places = codes(train[names], test[names])
    found = set()
    if TabularDrift(reference, p_val=0.05, categories_per_feature=places).predict(new)["data"]["is_drift"]:
        found.add("covariate-shift")
    before, after = (table[[label]].to_numpy().astype(str) for table in (train, test))
    if ChiSquareDrift(before, p_val=0.05).predict(after)["data"]["is_drift"]:
        found.add("label-shift")
    return found


def profile(path):
    raise SystemExit("alibi-detect has no profile of a table")


if __name__ == "__main__":
    main(ask, profile, {"covariate-shift", "label-shift"})

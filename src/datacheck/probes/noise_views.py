"""Out-of-fold opinions of three unlike learners on every label."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from datacheck.probes.row_model import Ridge
from datacheck.probes.target import Target

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

TRAIN_ROWS = 4_096
"""Rows that a fold's trees are grown on; more sharpen the estimates less than they cost."""
TREES = 80
BOOSTS = 100
"""Boosting rounds for two classes; with more classes each round grows a tree for each, so rounds are
fewer."""
FOLDS = 5


def views(encoded: Matrix, target: Target, rng: np.random.Generator) -> list[Matrix]:
    """Predictions by gradient boosting, extremely randomised trees and lifted ridge, each (n, C) or (n, 1).

    Unlike learners err on unlike rows: their mean ranks wrong labels better than the best of them.
    """
    # spinning OpenMP threads made boosting fifty times slower on a busy machine
    with import_module("threadpoolctl").threadpool_limits(1):
        return _views(encoded, target, rng)


def _views(encoded: Matrix, target: Target, rng: np.random.Generator) -> list[Matrix]:
    folds = rng.permutation(len(encoded)) % FOLDS
    ridge = Ridge.plan(encoded, rng, remembering=False)
    if target.task == "regression":
        goal = target.values[:, None]
        return [*_tree_values(encoded, target, folds, rng), ridge.predict(encoded, goal, target.valid, rng)]
    goal = np.eye(len(target.classes))[target.codes]
    return [*_tree_shares(encoded, target, folds, rng), ridge.predict(encoded, goal, target.valid, rng)]


def _tree_shares(encoded: Matrix, target: Target, folds: Rows, rng: np.random.Generator) -> list[Matrix]:
    classes = len(target.classes)
    rounds = int(np.clip(2 * BOOSTS / classes, 20, BOOSTS))
    boosted, grown = (np.full((len(encoded), classes), 1e-3) for _ in range(2))
    for train, test, seed in _splits(target, folds, rng):
        codes = target.codes[train]
        booster = HistGradientBoostingClassifier(max_iter=rounds, early_stopping=False, random_state=seed)
        forest = ExtraTreesClassifier(TREES, min_samples_leaf=3, random_state=seed)
        for model, result in ((booster, boosted), (forest, grown)):
            model.fit(encoded[train], codes)
            result[np.ix_(test, model.classes_)] += model.predict_proba(encoded[test])
    return [boosted, grown]


def _tree_values(encoded: Matrix, target: Target, folds: Rows, rng: np.random.Generator) -> list[Matrix]:
    boosted, grown = (np.zeros((len(encoded), 1)) for _ in range(2))
    for train, test, seed in _splits(target, folds, rng):
        booster = HistGradientBoostingRegressor(max_iter=BOOSTS, early_stopping=False, random_state=seed)
        forest = ExtraTreesRegressor(TREES, min_samples_leaf=3, max_features=0.4, random_state=seed)
        for model, result in ((booster, boosted), (forest, grown)):
            model.fit(encoded[train], target.values[train])
            result[test, 0] = model.predict(encoded[test])
    return [boosted, grown]


def _splits(target: Target, folds: Rows, rng: np.random.Generator) -> list[tuple[Rows, Rows, int]]:
    """Training rows, rows to predict, and a seed, for each fold."""
    result = []
    for fold in range(FOLDS):
        train = rng.permutation(np.flatnonzero((folds != fold) & target.valid))[:TRAIN_ROWS]
        result.append((np.sort(train), np.flatnonzero(folds == fold), int(rng.integers(2**31))))
    return result

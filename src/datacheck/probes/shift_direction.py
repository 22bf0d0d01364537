"""Learns in which direction P(y|x) changed, from residual products of models that never saw the fold it is
for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from datacheck.probes.shift_nuisance import FOLDS, Crossed, learning_rows

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PENALTY = 0.3
"""Ridge penalty in units of the mean eigenvalue, plus one share per term and row."""

LEAST_VARIANCE = 0.05
"""Added to the variance of a class's indicator before rows are weighted by its inverse."""

MOST_TREE_CLASSES = 3
"""Classes whose change is also learned by trees; more would cost time and share the same rows."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class _Task:
    """Products of residuals to learn from, shape (n, k), and the label's probabilities on the rows."""

    rows: npt.NDArray[np.bool_]
    product: FloatArray
    probability: FloatArray

    @property
    def weight(self) -> FloatArray:
        return np.asarray(1 / (self.probability * (1 - self.probability) + LEAST_VARIANCE))


def learned_direction(
    terms: FloatArray,
    trees: FloatArray,
    observed: FloatArray,
    label_model: Crossed,
    domain: IntArray,
    domain_model: Crossed,
    folds: IntArray,
    seed: int,
) -> FloatArray:
    """Guess of the change of each class's probability on every row, shape (n, k): ridge plus boosted trees.

    The ridge weights residuals by the inverse of their variance. Each learner's guess is brought to the same
    size, so that neither drowns the other.
    """
    linear, boosted = np.zeros_like(observed), np.zeros_like(observed)
    for fold in range(FOLDS):
        tasks = [
            _Task(
                rows=rows,
                product=(observed[rows] - label_model.inner[model][rows])
                * (domain[rows] - domain_model.inner[model][rows, 1])[:, None],
                probability=label_model.inner[model][rows],
            )
            for rows, model in learning_rows(folds, fold)
        ]
        held = folds == fold
        linear[held] = _ridge(tasks, terms, label_model.outer[held], terms[held])
        boosted[held] = _boosted(tasks, trees, label_model.outer[held], trees[held], seed)
    return linear / _size(linear) + boosted / _size(boosted)


def _size(direction: FloatArray) -> float:
    return max(float(np.sqrt((direction**2).mean())), 1e-12)


def _basis(probability: FloatArray, terms: FloatArray) -> FloatArray:
    """Intercept, log odds and probabilities of the label model (noise and swaps are linear in these), and
    terms."""
    odds = special.logit(np.clip(probability, 0.01, 0.99))
    odds = (odds - odds.mean(axis=0)) / np.maximum(odds.std(axis=0), 1e-9)
    return np.column_stack([np.ones(len(terms)), odds, probability - probability.mean(axis=0), terms])


def _ridge(
    tasks: list[_Task], terms: FloatArray, probability: FloatArray, held_terms: FloatArray
) -> FloatArray:
    bases = [_basis(task.probability, terms[task.rows]) for task in tasks]
    x, product, weight = (
        np.concatenate(parts) for parts in (bases, [t.product for t in tasks], [t.weight for t in tasks])
    )
    held = _basis(probability, held_terms)
    columns = []
    for own, values in zip(weight.T, product.T, strict=True):
        columns.append(held @ _weighted_ridge(x, own, values))
    return np.stack(columns, axis=1)


def _weighted_ridge(x: FloatArray, weight: FloatArray, values: FloatArray) -> FloatArray:
    """Coefficients, shape (p,), from products of terms or of rows, whichever are fewer."""
    root = np.sqrt(weight)
    scaled, target = x * root[:, None], root * values
    rows, terms = x.shape
    gram = scaled.T @ scaled if terms <= rows else scaled @ scaled.T
    penalty = np.trace(gram) / terms * (PENALTY + terms / rows)
    gram.flat[:: len(gram) + 1] += penalty
    if terms <= rows:
        return np.asarray(np.linalg.solve(gram, scaled.T @ target))
    return np.asarray(np.linalg.solve(gram, target) @ scaled)


def _boosted(
    tasks: list[_Task], trees: FloatArray, probability: FloatArray, held_trees: FloatArray, seed: int
) -> FloatArray:
    from sklearn.ensemble import HistGradientBoostingRegressor

    x = np.concatenate([np.column_stack([task.probability, trees[task.rows]]) for task in tasks])
    product = np.concatenate([task.product for task in tasks])
    held = np.column_stack([probability, held_trees])
    classes = product.shape[1]
    guess = np.zeros((len(held), classes))
    for place in range(1 if classes == 2 else min(classes, MOST_TREE_CLASSES)):
        model = HistGradientBoostingRegressor(
            max_iter=15,
            max_leaf_nodes=6,
            min_samples_leaf=40,
            l2_regularization=5.0,
            early_stopping=False,
            random_state=seed,
        )
        guess[:, place] = model.fit(x, product[:, place]).predict(held)
    if classes == 2:
        guess[:, 1] = -guess[:, 0]
    return guess

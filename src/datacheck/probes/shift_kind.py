"""From four answers to one word: which kind of shift it is."""

from __future__ import annotations

from dataclasses import dataclass

ALPHA = 0.05
"""Chance that a clean pair of splits alarms at all."""

COLUMNS, SCORE, DEPENDENCE, RIDGE, LABEL, CONCEPT, GIVEN_LABEL = 0.40, 0.08, 0.08, 0.08, 0.16, 0.30, 0.05
"""Shares of alpha. They sum to 1.15; the tests are conservative and the effect gates cut more."""

VECTORS = 0.08
"""Share of alpha of the columns of vectors, over and above, where there are any."""

MIN_AUC = 0.53
"""Area under the ROC curve of the domain classifier that counts."""

MIN_TAU = 0.02
"""Points of label probability (as a share) that comparable rows must differ by to alarm."""

MIN_TAU_KIND = 0.015
"""The same, to name the kind of a shift that already alarmed."""

KIND, KIND_SELECTED, KIND_INSIDE = 0.02, 0.001, 0.03
"""Levels that name the kind of a shift that alarmed: P(y|x), P(y|x) where the features moved too (the models
are never perfect under selection, so its z-score grows a little with the rows), and P(x|y)."""

KIND_BEYOND = 0.01
"""Level of the change of P(y|x) beyond the class mix (in 12 pure label shifts its smallest p was 0.035)."""

MIN_INSIDE = 0.02
"""Lower bound of the mean distance inside the classes for P(x|y) to alarm by itself."""

TELLING_AUC = 0.95
"""Above this the splits share too few rows to compare P(y|x) on."""

TELLING_ERROR = 0.03
"""A standard error of tau above this leaves P(y|x) open."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """Which of the four distributions moved; None where that could not be told, which counts as unmoved."""

    x: bool
    y: bool
    x_given_y: bool | None
    y_given_x: bool | None


def kind_of(moved: Moved) -> str:
    """The verdict of the rule table.

    >>> kind_of(Moved(x=True, y=True, x_given_y=True, y_given_x=False))
    'covariate'
    >>> kind_of(Moved(x=True, y=True, x_given_y=False, y_given_x=True))
    'label'
    >>> kind_of(Moved(x=False, y=False, x_given_y=True, y_given_x=True))
    'concept'
    """
    if not moved.y_given_x:
        return _covariate_or_label(moved)
    if moved.y and not moved.x_given_y:
        return "label"
    return "mixed" if moved.x and moved.x_given_y else "concept"


def _covariate_or_label(moved: Moved) -> str:
    if moved.y and not moved.x_given_y:
        return "label"
    return "covariate" if moved.x or moved.x_given_y else "none"

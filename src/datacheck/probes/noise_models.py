"""Where wrong labels come from: transition matrices fitted to out-of-fold predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

from datacheck.records.label_noise import NoiseModel

Matrix = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

SHARES = np.array([0, 0.003, 0.006, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.125, 0.15, 0.175,
                   0.2, 0.235, 0.27, 0.31, 0.35, 0.4, 0.46, 0.53, 0.6, 0.7])  # fmt: skip
"""Shares of exchanged labels at which the likelihood is profiled."""
HALF_CHI2 = 1.353
"""Half the 90 % point of chi-square with one degree of freedom: the profile interval."""
FLOOR = 1e-6
FIT_ROWS = 8192
PRIOR = 1.0
"""Variance of the Gaussian prior on class biases: their job is calibration, not explaining labels away."""
EM_STEPS = 30
DECISIVE = 2.4
"""Nats (odds of eleven) by which 'labels of other rows' must win over 'any class alike': under it, the
difference was within what miscalibrated predictions fake (measured on eight tables)."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A noise model: clean log-probabilities (n, C), transition true -> given (C, C), and the profile of
    its share."""

    model: NoiseModel
    clean: Matrix
    transition: Matrix
    shares: Matrix
    profile: Matrix

    @property
    def log_likelihood(self) -> float:
        """The best of the profile, in nats."""
        return float(self.profile.max())

    @property
    def log_odds(self) -> float:
        """Nats by which some noise is better than none."""
        return float(self.profile.max() - self.profile[0])

    def wrong(self, codes: Codes) -> Matrix:
        """Chance that each given label is wrong, shape (n,)."""
        rows = np.arange(len(codes))
        clean = np.exp(self.clean)
        given = (clean * self.transition[:, codes].T).sum(axis=1)
        kept = clean[rows, codes] * self.transition[codes, codes]
        return np.asarray(1 - kept / np.maximum(given, 1e-300))

    def wrong_given(self, shares: Matrix, codes: Codes) -> Matrix:
        """The same from the user's own probabilities, shape (n, C), taken as they are: P = (1 - p) q + p
        source.

        For wrong labels of any class alike this keeps the order of P(given label); for labels of other
        rows it lets frequent classes be suspected sooner.
        """
        exchanged = self.transition.min(axis=0)
        share = float(exchanged.sum())
        given = np.maximum(shares[np.arange(len(codes)), codes], FLOOR)
        clean = np.clip((given - exchanged[codes]) / max(1 - share, FLOOR), 0, 1)
        return np.asarray(exchanged[codes] * (1 - clean) / given)

    def truth(self, codes: Codes) -> Matrix:
        """Posterior of the true class given row and label, shape (n, C)."""
        joint = np.exp(self.clean) * self.transition[:, codes].T
        return np.asarray(joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-300))

    def ranked(self) -> Fit:
        """The same model with at least one exchange in a hundred, so that rows can be ranked when none is
        sure."""
        least = 0.01
        share = 1 - float(np.diag(self.transition).min())
        if share >= least:
            return self
        mixed = (1 - least) * self.transition + least / len(self.transition)
        return Fit(self.model, self.clean, mixed, self.shares, self.profile)


def exchange_fit(logs: Matrix, codes: Codes, source: Matrix, model: NoiseModel) -> Fit:
    """Labels kept with chance 1 - p, else drawn from `source`, shape (C,): P(y | row) = (1 - p) q_y + p
    source_y.

    The predictions have learnt the wrong labels too, so their sharpness is free: q is a softmax of `logs`,
    shape (n, C), with one temperature and one bias for each class, fitted anew at every p of a grid.
    """
    step = max(1, len(codes) // FIT_ROWS)
    some, seen = logs[::step], codes[::step]
    parameters, fitted, profile = np.append(1.0, np.zeros(logs.shape[1])), [], []
    for share in SHARES:
        found = minimize(_loss, parameters, (some, seen, source, share), jac=True, method="L-BFGS-B")
        parameters = found.x
        fitted.append(parameters)
        profile.append(-found.fun * len(seen))
    curve = np.array(profile)
    best = int(curve.argmax())
    classes = logs.shape[1]
    share = _vertex(curve, best)
    transition = (1 - share) * np.eye(classes) + share * np.tile(source, (classes, 1))
    return Fit(model, _clean(fitted[best], logs), transition, SHARES * (1 - _agreement(codes, source)), curve)


def _agreement(codes: Codes, source: Matrix) -> float:
    """Chance that a label drawn anew is the right one after all."""
    shares = np.bincount(codes, minlength=len(source)) / len(codes)
    return float(shares @ source)


def _vertex(curve: Matrix, best: int) -> float:
    """The share between grid points at which a parabola through the best three is highest."""
    if best in (0, len(curve) - 1):
        return float(SHARES[best])
    x, y = SHARES[best - 1 : best + 2], curve[best - 1 : best + 2]
    a, b, _ = np.polyfit(x - x[1], y - y[1], 2)
    return float(np.clip(x[1] - b / (2 * a), x[0], x[2])) if a < 0 else float(x[1])


def _clean(parameters: Matrix, logs: Matrix) -> Matrix:
    logits = parameters[0] * logs + parameters[1:]
    normal = logits - logsumexp(logits, axis=1, keepdims=True)
    return np.asarray(np.logaddexp(normal, np.log(FLOOR)) - np.log1p(FLOOR * logs.shape[1]))


def _loss(
    parameters: Matrix, logs: Matrix, codes: Codes, source: Matrix, share: float
) -> tuple[float, Matrix]:
    """Mean negative log-likelihood of the mixture and its gradient in temperature and biases."""
    logits = parameters[0] * logs + parameters[1:]
    clean = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
    rows = np.arange(len(codes))
    own = clean[rows, codes]
    mixed = (1 - share) * own + share * source[codes] + 1e-12
    pull = (1 - share) * own / mixed
    slope = clean * pull[:, None]
    slope[rows, codes] -= pull
    gradient = np.append((slope * logs).sum(), slope.sum(axis=0) + parameters[1:] / PRIOR)
    loss = -np.log(mixed).sum() + (parameters[1:] ** 2).sum() / (2 * PRIOR)
    return float(loss / len(codes)), np.asarray(gradient / len(codes))


def confusion_fit(start: Fit, codes: Codes) -> Fit:
    """Class-to-class exchanges by EM on the transition matrix, clean probabilities held (Dawid and Skene
    1979).

    One prior row for each class and cell pulls towards `start`. The profile is that of `start`, shifted.
    """
    clean, transition = np.exp(start.clean), start.transition
    given = np.eye(len(transition))[codes]
    weight = 0.002 * len(codes) / len(transition)
    for _ in range(EM_STEPS):
        joint = clean * transition[:, codes].T
        joint /= np.maximum(joint.sum(axis=1, keepdims=True), 1e-300)
        counts = joint.T @ given + weight * start.transition
        transition = counts / counts.sum(axis=1, keepdims=True)
    gain = _log_likelihood(clean, transition, codes) - _log_likelihood(clean, start.transition, codes)
    free = len(transition) * (len(transition) - 1)
    shifted = start.profile + gain - free / 2 * np.log(len(codes))
    return Fit("confusion", start.clean, transition, start.shares, shifted)


def _log_likelihood(clean: Matrix, transition: Matrix, codes: Codes) -> float:
    return float(np.log(np.maximum((clean * transition[:, codes].T).sum(axis=1), 1e-300)).sum())


def interval(shares: Matrix, profile: Matrix) -> tuple[float, float]:
    """The shares whose log-likelihood is within 1.35 nats of the best, ends interpolated."""
    dense = np.linspace(shares[0], shares[-1], 2001)
    within = dense[np.interp(dense, shares, profile) >= profile.max() - HALF_CHI2]
    return float(within[0]), float(within[-1])


def best_fit(logs: Matrix, codes: Codes, priors: Matrix) -> Fit:
    """The likeliest of the three noise models; the confusion matrix pays for its parameters (Schwarz
    1978)."""
    classes = len(priors)
    fits = [exchange_fit(logs, codes, priors, "permutation")]
    if np.ptp(priors) > 0.1 / classes:
        fits.append(exchange_fit(logs, codes, np.full(classes, 1 / classes), "uniform"))
    leader = fits[0] if fits[0].log_likelihood > fits[-1].log_likelihood + DECISIVE else fits[-1]
    confused = confusion_fit(leader, codes)
    return confused if confused.log_likelihood > leader.log_likelihood else leader

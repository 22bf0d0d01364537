"""What the self-test finds: counts with their uncertainty."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from scipy.stats import beta

FORMAT = 1  # 1: first


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How often something was found in how many draws of data of so many training rows.

    `strength` is that of the planted fault, None for clean data.
    """

    rows: int
    strength: float | None
    found: int
    draws: int

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of the rate (Clopper & Pearson 1934, Biometrika 26).

        >>> [round(end, 3) for end in Rate(rows=100, strength=None, found=8, draws=282).interval]
        [0.012, 0.055]
        >>> Rate(rows=100, strength=None, found=0, draws=0).interval
        (0.0, 1.0)
        """
        found, missed = self.found, self.draws - self.found
        low = float(beta.ppf(0.025, found, missed + 1)) if found else 0.0
        high = float(beta.ppf(0.975, found + 1, missed)) if missed else 1.0
        return low, high


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckerRates:
    """The error rates of one checker.

    `unit` says what a strength is; findings of `severity` and above count. `clean` are false alarms where
    the data are known to be clean: on rows of the user's own, only for checkers with `resplit`, of which a
    random split is a clean one; of the others it is how often the data as they are show the fault.
    `reason` says why there is no figure.
    """

    checker: str
    unit: str = ""
    severity: str = "warning"
    resplit: bool = False
    clean: tuple[Rate, ...] = ()
    planted: tuple[Rate, ...] = ()
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, with the ends of every interval."""
        plain = asdict(self)
        for key in ("clean", "planted"):
            plain[key] = [asdict(rate) | {"interval": list(rate.interval)} for rate in getattr(self, key)]
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From `to_json`."""
        rates = {
            key: tuple(Rate(**{k: v for k, v in rate.items() if k != "interval"}) for rate in data[key])
            for key in ("clean", "planted")
        }
        return cls(**{**data, **rates})


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfTest:
    """Error rates of the checkers on one sort of data: "bundled", or the path of the user's own."""

    data: str
    seed: int
    draws: int
    probe_draws: int
    checkers: tuple[CheckerRates, ...]

    @property
    def own(self) -> bool:
        """Whether the data are the user's."""
        return self.data != "bundled"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        fields = {"data": self.data, "seed": self.seed, "draws": self.draws, "probe_draws": self.probe_draws}
        return {"format": FORMAT, **fields, "checkers": [rates.to_json() for rates in self.checkers]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From `to_json`."""
        fields = {key: data[key] for key in ("data", "seed", "draws", "probe_draws")}
        return cls(**fields, checkers=tuple(CheckerRates.from_json(item) for item in data["checkers"]))

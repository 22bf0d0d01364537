"""Error rates of the checkers, measured: false alarms on clean data, finds of planted faults."""

from .measure import Plan, run
from .rates import CheckerRates, Rate, SelfTest
from .render import FORMATS, check_format, render

__all__ = ["FORMATS", "CheckerRates", "Plan", "Rate", "SelfTest", "check_format", "render", "run"]

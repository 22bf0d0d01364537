"""For people who write checkers: small profiles, the tests every checker must pass, and planted faults.

>>> from datacheck.testing import check_checker, faults, make_profile, run_checker
>>> faults.find("missing-labels").unit
'share of the training rows without a label'
"""

from . import faults
from .examples import check_checker, make_profile, run_checker

__all__ = ["check_checker", "faults", "make_profile", "run_checker"]

import pytest

from datacheck.checkers.base import Checker
from datacheck.config import checker_classes
from datacheck.errors import NotApplicable
from datacheck.testing import make_profile

OWN = [cls for cls in checker_classes().values() if cls.detectable is not Checker.detectable]


@pytest.mark.parametrize("cls", OWN, ids=lambda cls: cls.name)
def test_a_pass_says_what_it_would_have_seen(cls: type[Checker]) -> None:
    clean = cls.clean
    data = make_profile(clean.splits, label=clean.label, task=clean.task, training=clean.training)
    checker = cls()

    for split in checker.splits(data):
        try:
            list(checker.check(data, split))
        except NotApplicable:
            continue
        text = checker.detectable(data, split)
        assert text is None or (text and text == text.strip() and not text.endswith("."))

"""Schemas for pandera, written from a profile, and the checks that they are made of.

Importing this package registers the checks: without it pandera reads a schema and drops every check that it
does not know, without a word.
"""

from .. import need

need("pandera", "pandera")
need("yaml", "pandera")

from .checks import register  # noqa: E402
from .files import export, load  # noqa: E402
from .outcome import answers, findings  # noqa: E402
from .whole import whole  # noqa: E402

register()

__all__ = ["answers", "export", "findings", "load", "whole"]

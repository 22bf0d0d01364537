"""Small copies of images, for a person to look at."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

_MAGIC = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Thumbnail:
    """An image made small and encoded anew as PNG, so that nothing of the original file gets into a report."""

    name: str
    png: bytes

    @property
    def uri(self) -> str:
        """The image as a page embeds it."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode()

    def to_json(self) -> dict[str, Any]:
        """The image as report.json holds it."""
        return {"name": self.name, "png": base64.b64encode(self.png).decode()}

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Self | None:
        """The image of a report that was read from a file; None for what is no PNG.

        >>> Thumbnail.from_json({"name": "a", "png": "javascript:alert(1)"}) is None
        True
        """
        try:
            png = base64.b64decode(item["png"], validate=True)
        except ValueError:
            return None
        return cls(name=item["name"], png=png) if png.startswith(_MAGIC) else None

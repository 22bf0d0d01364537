"""Images: histograms of their channels, and a few of them small."""

import base64
import struct
import zlib
from typing import Any

import numpy as np

from ...finding import Finding
from ..document import Document
from ..visible import visible
from .base import Picture
from .marks import WIDTH, Axis, Figure, ends, path, steps

_SIDE = 64  # pixels of a thumbnail that are kept
_MOST = 12  # thumbnails: at most 64 · 64 · 3 bytes each


class Channels(Picture):
    """Histograms of the channels of images. Evidence `channels` maps a name to counts over equal bars."""

    evidence = frozenset({"channels"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """One outline per channel, each summing to one."""
        found = self.data(finding)["channels"].items()
        counts = {name: [max(float(c), 0) for c in values] for name, values in found if len(values) > 1}
        shares = {name: [c / sum(values) for c in values] for name, values in counts.items() if sum(values)}
        if not shares:
            return None
        x, y = Axis(0, 1, 0, WIDTH), Axis(0, max(max(v) for v in shares.values()), 100, 8)
        edges = self.data(finding).get("channel_range") or ("least", "most")
        return Figure(
            title="Histograms of the channels",
            description=f"Channels {', '.join(visible(name, 20) for name in shares)}.",
            height=120,
            marks=(
                *(path(f"outline s{i}", steps(values, x, y)) for i, values in enumerate(shares.values())),
                *ends(x, 100, (str(edges[0]), str(edges[1]))),
            ),
            legend=tuple((f"s{i}", visible(name, 20)) for i, name in enumerate(shares)),
        )


class Thumbnails(Picture):
    """A few images, re-encoded here from their pixels, so that nothing of the original files gets in.

    Evidence `thumbnails` lists pixels of shape (height, width) or (height, width, 3), 0 to 255; a checker
    puts them there only when the user asks for it.
    """

    evidence = frozenset({"thumbnails"})

    def draw(self, finding: Finding, document: Document) -> Figure | None:
        """The first twelve."""
        images = [png(pixels) for pixels in self.data(finding)["thumbnails"][:_MOST]]
        named = tuple((image, f"sample {i + 1}") for i, image in enumerate(images) if image)
        return Figure(title="Samples", description="", height=0, marks=(), images=named) if named else None


def png(pixels: Any) -> str | None:
    """A data URI of a PNG, at most 64 pixels a side; None for what is no image.

    >>> png([[0, 255], [255, 0]])[:22]
    'data:image/png;base64,'
    """
    try:
        array = np.asarray(pixels, np.float64)
    except (TypeError, ValueError):
        return None
    if array.ndim not in (2, 3) or 0 in array.shape or (array.ndim == 3 and array.shape[2] not in (1, 3)):
        return None
    array = array[:: -(-array.shape[0] // _SIDE), :: -(-array.shape[1] // _SIDE)]
    data = np.nan_to_num(array).clip(0, 255).astype(np.uint8).reshape(*array.shape[:2], -1)
    head = struct.pack(">IIBBBBB", data.shape[1], data.shape[0], 8, 2 if data.shape[2] == 3 else 0, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in data)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunks).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

"""report.json."""

import json

from .base import Reporter
from .document import Document


class JsonReporter(Reporter):
    """The content of `Report.to_json()`, indented; same report, same bytes."""

    suffix = ".json"

    def text(self, document: Document) -> str:
        """One document, keys in the order of the schema."""
        return json.dumps(document.content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

"""Names and values that strangers chose, as text that does nothing but be read."""

import unicodedata

LONGEST = 200
"""Characters of a name or value shown to people: more than two lines help nobody, and report.json has all."""

_KEPT = {"\u200c", "\u200d"}  # the joiners of Indic scripts and emoji: format characters, yet part of words
_BREAKS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: object, longest: int = LONGEST) -> str:
    """The text with control, direction and other unseen characters as escapes, cut after `longest`.

    >>> visible("a\\nb"), visible("\\u202etxt.exe"), visible("x" * 300, 10)
    ('a\\\\nb', '\\\\u202etxt.exe', 'xxxxxxxxxx… (300 characters)')
    """
    whole = str(text)
    shown = "".join(_seen(character) for character in whole[:longest])
    return shown if len(whole) <= longest else f"{shown}… ({len(whole):,} characters)"


def short(text: object, longest: int) -> str:
    """The text, visible, in at most `longest` characters.

    >>> short("alcalinity_of_ash", 10)
    'alcalinit…'
    """
    shown = visible(text, longest + 1)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def paragraph(text: str, longest: int = 2000) -> str:
    """Like `visible` for text of several lines: its own line breaks stay.

    >>> paragraph("a\\nb\\x1b[31m")
    'a\\nb\\\\x1b[31m'
    """
    return "\n".join(visible(line, longest) for line in text[: 10 * longest].split("\n"))


def _seen(character: str) -> str:
    if character in _BREAKS:
        return _BREAKS[character]
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") and character not in _KEPT:
        return character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return character

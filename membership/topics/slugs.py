"""Addresses made of titles, in Latin letters."""

import re
import secrets
import unicodedata
from collections.abc import Iterator

LONGEST = 60
TAKEN_BY_PAGES = {"", "new"}

# Resolution 55 of the Cabinet of Ministers of Ukraine (2010), without its word-initial forms.
UKRAINIAN = str.maketrans(
    {
        **dict(zip("абвгґдезиіїйклмнопрстуфь", "abvhgdezyiiiklmnoprstuf", strict=False)),
        "є": "ie", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
        "ю": "iu", "я": "ia", "ь": "", "'": "", "’": "", "ʼ": "",
    }
)  # fmt: skip


def candidates(title: str, longest: int = LONGEST) -> Iterator[str]:
    """Slugs for `title`, the plain one first, then without end such that are likely free, which are
    seven letters longer than `longest` at the most.
    """
    latin = unicodedata.normalize("NFC", title).lower().translate(UKRAINIAN)
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain)[:longest].strip("-")
    if words not in TAKEN_BY_PAGES:
        yield words
    while True:
        yield f"{words}-{secrets.token_hex(3)}".strip("-")

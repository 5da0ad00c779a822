"""What a file is, by its bytes: a table at all, and in which letters it is written."""

import codecs
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

AT_ONCE = 256 * 1024
ENOUGH = 4 * 1024 * 1024
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
KNOWN = ("utf-8", "utf-16", "cp1250", "cp1251", "cp1252")
HIGH = re.compile(rb"[A-Za-z]?[\x80-\xff]+[A-Za-z]?")
LETTERS = {
    "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžäöüßőűôľĺŕăâîşţđŠŽ",
    "cp1251": "абвгґдеєёжзиіїйклмнопрстуўфхцчшщъыьэюя",
    "cp1252": "àâäæáãåçèéêëîïíìôöòóõœùûüúÿñßøðþ",
}
SIGNS = "«»„“”‘’–—…€£№§°\u00a0"


class Why(StrEnum):
    """What is wrong with a file as a whole."""

    empty = "empty"
    spreadsheet = "spreadsheet"
    archive = "archive"
    page = "page"
    binary = "binary"
    large = "large"
    columns = "columns"
    no_heads = "no_heads"
    no_address = "no_address"
    many = "many"


MAGIC = {
    b"\xd0\xcf\x11\xe0": Why.spreadsheet,
    b"%PDF": Why.binary,
    b"\x1f\x8b": Why.archive,
    b"7z\xbc\xaf": Why.archive,
    b"Rar!": Why.archive,
}
SHEETS = (b"xl/", b"[Content_Types].xml", b"opendocument.spreadsheet")


class Unreadable(ValueError):
    """Nothing of this file can be read; `why` says what is wrong with it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Looked:
    """`encoding` as Python knows it; `digest` is SHA-256, in hexadecimal."""

    encoding: str
    digest: str


def look(file: BinaryIO, *, most: int) -> Looked:
    """Read it to the end once, a piece at a time, and begin again.

    Raises Unreadable for what is no text, is empty, or has more than `most` bytes.
    """
    file.seek(0)
    start = file.read(4096)
    _refuse(start)
    bom = next((name for mark, name in BOMS.items() if start.startswith(mark)), None)
    wide = None if bom else _wide(start)
    digest, size, strict, runs = hashlib.sha256(), 0, _Utf8(), Counter[bytes]()
    has_text = has_null = False
    file.seek(0)
    while piece := file.read(AT_ONCE):
        digest.update(piece)
        size += len(piece)
        if size > most:
            raise Unreadable(Why.large)
        has_text = has_text or bool(piece.strip(b" \t\r\n\xef\xbb\xbf\x00,;"))
        has_null = has_null or b"\0" in piece
        if not (bom or wide):
            strict.feed(piece)
            if size <= ENOUGH:
                runs.update(HIGH.findall(piece))
    file.seek(0)
    if not has_text:
        raise Unreadable(Why.empty)
    if bom or wide:
        return Looked(bom or wide or "", digest.hexdigest())
    if has_null:
        raise Unreadable(Why.binary)
    return Looked("utf-8" if strict.is_likely else _likeliest(runs), digest.hexdigest())


def _refuse(start: bytes) -> None:
    if start.startswith(b"PK\x03\x04"):
        is_sheet = any(name in start for name in SHEETS)
        raise Unreadable(Why.spreadsheet if is_sheet else Why.archive)
    for magic, why in MAGIC.items():
        if start.startswith(magic):
            raise Unreadable(why)
    if (
        start.lstrip(b"\xef\xbb\xbf \r\n\t")[:9]
        .lower()
        .startswith((b"<!doctype", b"<html", b"<?xml"))
    ):
        raise Unreadable(Why.page)


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of plain letters is none."""
    half = max(len(start) // 2, 1)
    for name, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if start[first::2].count(0) > half * 0.4 and start[1 - first :: 2].count(0) < half * 0.05:
            return name
    return None


class _Utf8:
    """Counts letters beyond ASCII that UTF-8 explains, and bytes that it does not."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._good = self._bad = 0

    def feed(self, piece: bytes) -> None:
        if piece.isascii() and not self._decoder.getstate()[0]:
            return
        text = self._decoder.decode(piece)
        bad = text.count("\ufffd")
        self._bad += bad
        self._good += sum(not letter.isascii() for letter in text) - bad

    @property
    def is_likely(self) -> bool:
        """A few broken letters in much that is whole break those rows alone."""
        self._bad += bool(self._decoder.getstate()[0])
        return self._bad == 0 or self._good > 3 * self._bad


def _likeliest(runs: Counter[bytes]) -> str:
    scores = {
        name: sum(count * _score(run, name) for run, count in runs.items()) for name in LETTERS
    }
    return max(scores, key=lambda name: (scores[name], name == "cp1252"))


def _score(run: bytes, encoding: str) -> int:
    """How much a stretch looks like words of the languages that the code page is for.

    Words in Cyrillic have no Latin letter beside them, and words in Latin few beyond ASCII.
    """
    text = run.decode(encoding, "replace")
    beyond = [letter for letter in text if not letter.isascii()]
    known = LETTERS[encoding]
    score = sum(2 if letter.lower() in known else 0 if letter in SIGNS else -3 for letter in beyond)
    if encoding == "cp1251":
        return score - 6 * (len(beyond) < len(text) and len(beyond) < 3)
    return score - 4 * max(len(beyond) - 2, 0)

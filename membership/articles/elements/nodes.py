"""What a newsroom wrote as data, so that no article ever needs to take a text for HTML.

A text is itself; anything else is a list of its tag, where it leads (or nothing), and what is
inside.
"""

from html.parser import HTMLParser
from typing import Any

VOID = {"br"}
Nodes = list[Any]


def nodes(html: str) -> Nodes:
    """Of HTML as `settings/words.py` cleans it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.top


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top: Nodes = []
        self._open: list[Nodes] = [self.top]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside: Nodes = []
        self._open[-1].append([tag, dict(attrs).get("href") or "", inside])
        if tag not in VOID:
            self._open.append(inside)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() or self._open[-1] is not self.top:
            self._open[-1].append(data)

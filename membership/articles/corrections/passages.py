"""A passage of an article: one spelling of it, where it is in its paragraph, and its address."""

import hashlib
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple
from urllib.parse import quote

from membership.articles.corrections.models import CONTEXT, LONGEST, LONGEST_PARAGRAPH

# Quotation marks and apostrophes that a keyboard, an editor or a site makes of one another.
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»‹›″", '"') | dict.fromkeys("‘’‚‛ʼ′`´", "'"))
# They turn the text around them, or hide in it (unicode.org/reports/tr36, "Text Spoofing").
UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
PART_OF_WORD = re.compile("[\\w'’ʼ]")
WORD_BEFORE = re.compile("\\w[\\w'’ʼ]*$")
WORD_AFTER = re.compile("^[\\w'’ʼ]*\\w")
NAMED = 32
"""Letters of what stands around a passage that are named in its address."""
LONG = 200
"""A longer passage is named in an address by how it begins and ends."""
WORDS_OF_LONG = 6


class Span(NamedTuple):
    start: int
    end: int


class Marked(NamedTuple):
    """A paragraph in three parts, of which the middle one is the passage."""

    before: str
    passage: str
    after: str


@dataclass(frozen=True)
class Passage:
    """A TextQuoteSelector (w3.org/TR/annotation-model) with the paragraph that it is in, or begins
    in.
    """

    article: str
    exact: str
    prefix: str = ""
    suffix: str = ""
    paragraph: str = ""

    @property
    def key(self) -> str:
        return digest(self.article, alike(self.exact))

    @property
    def paragraph_key(self) -> str | None:
        return digest(self.article, alike(self.paragraph)) if self.span else None

    @cached_property
    def span(self) -> Span | None:
        return _span(self.paragraph, self.exact, self.prefix)

    @property
    def marked(self) -> Marked:
        """In its paragraph; by itself where that is not known."""
        span = self.span
        if span is None:
            return Marked(self.prefix, self.exact, self.suffix)
        text = self.paragraph
        return Marked(text[: span.start], text[span.start : span.end], text[span.end :])

    @cached_property
    def begun(self) -> Marked | None:
        """As far as it is in the paragraph that is known, where it goes on in the next."""
        if self.span is not None:
            return None
        text, wanted = alike(self.paragraph), alike(self.exact)
        for size in range(min(len(text), len(wanted) - 1), 0, -1):
            if wanted[size] == " " and text.endswith(wanted[:size]):
                return Marked(self.paragraph[:-size], self.exact[:size], "")
        return None

    @property
    def address(self) -> str:
        """Of the article, so that a browser jumps to the passage and marks it, or how it begins
        (wicg.github.io/scroll-to-text-fragment).
        """
        # No term of such an address goes on from one paragraph into another.
        before, exact, after = self.begun or self.marked
        start, end = _cut_words(before, exact, after)
        exact = f"{start}{exact}{end}"
        if not exact:
            return self.article
        prefix, suffix = _near(before.removesuffix(start), after.removeprefix(end))
        words = exact.split()
        named = _encoded(exact)
        is_known = self.begun is not None or self.span is not None
        if (len(exact) > LONG or not is_known) and len(words) > 2 * WORDS_OF_LONG:
            ends = words[:WORDS_OF_LONG], words[-WORDS_OF_LONG:]
            named = ",".join(_encoded(" ".join(end)) for end in ends)
        before = f"{_encoded(prefix)}-," if prefix else ""
        after = f",-{_encoded(suffix)}" if suffix else ""
        return f"{self.article}#:~:text={before}{named}{after}"


def passage(article: str, exact: str, prefix: str, suffix: str, paragraph: str) -> Passage:
    """As it is kept: tidied, of whole words, and of a long paragraph what stands around it."""
    marked = _spaced(exact)
    before, after = _spaced(prefix), _spaced(suffix)
    if marked.startswith(" "):
        before = before.rstrip() + " "
    if marked.endswith(" "):
        after = " " + after.lstrip()
    whole = _of_whole_words(
        Passage(article, marked.strip(), before[-CONTEXT:], after[:CONTEXT], tidy(paragraph))
    )
    span = whole.span
    if span is None:
        return replace(whole, paragraph=whole.paragraph[-LONGEST_PARAGRAPH:] if whole.begun else "")
    if len(whole.paragraph) <= LONGEST_PARAGRAPH:
        return whole
    room = LONGEST_PARAGRAPH - (span.end - span.start)
    start = max(0, min(span.start - room // 2, len(whole.paragraph) - LONGEST_PARAGRAPH))
    return replace(whole, paragraph=whole.paragraph[start : start + LONGEST_PARAGRAPH])


def tidy(text: str) -> str:
    """On one line, without what cannot be seen."""
    return _spaced(text).strip()


def tidy_lines(text: str) -> str:
    """The same of what may have several lines."""
    return "\n".join(map(tidy, text.splitlines())).strip()


def _spaced(text: str) -> str:
    seen = UNSEEN.sub("", text)
    printed = "".join(" " if unicodedata.category(one) == "Cc" else one for one in seen)
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", printed))


def alike(text: str) -> str:
    """The same for texts that differ in spaces and quotation marks alone, letter for letter."""
    return text.translate(QUOTES)


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]


def _span(paragraph: str, exact: str, prefix: str) -> Span | None:
    """Of several places the first of those that most of the prefix stands before."""
    text, wanted, before = alike(paragraph), alike(exact), alike(prefix).strip()
    if not wanted or wanted not in text:
        return None
    # What stands somewhere stands there with less before it, too.
    most = bisect_left(
        range(1, len(before) + 1), True, key=lambda size: _place(text, before[-size:], wanted) < 0
    )
    start = _place(text, before[len(before) - most :], wanted)
    return Span(start, start + len(wanted))


def _place(text: str, before: str, wanted: str) -> int:
    """Where it first stands after that, with a space or none between them; -1 if nowhere."""
    gaps = ("", " ") if before else ("",)
    found = [(text.find(f"{before}{gap}{wanted}"), len(before) + len(gap)) for gap in gaps]
    return min((at + length for at, length in found if at >= 0), default=-1)


def _of_whole_words(its: Passage) -> Passage:
    """Half a word tells nobody anything."""
    start, end = _cut_words(*its.marked)
    exact = f"{start}{its.exact}{end}"
    if len(exact) > LONGEST:
        return its
    prefix, suffix = its.prefix.removesuffix(start), its.suffix.removeprefix(end)
    return replace(its, exact=exact, prefix=prefix, suffix=suffix)


def _cut_words(before: str, exact: str, after: str) -> tuple[str, str]:
    """What a passage leaves of the words that it begins and ends in."""
    begun = WORD_BEFORE.search(before) if PART_OF_WORD.match(exact[:1]) else None
    ended = WORD_AFTER.search(after) if PART_OF_WORD.match(exact[-1:]) else None
    return begun[0] if begun else "", ended[0] if ended else ""


def _near(before: str, after: str) -> tuple[str, str]:
    """What is named of what stands around a passage: it begins and ends with a whole word."""
    if len(before) >= NAMED:
        before = before[-NAMED:].partition(" ")[2]
    if len(after) >= NAMED:
        after = after[:NAMED].rpartition(" ")[0]
    return before.strip(), after.strip()


def _encoded(text: str) -> str:
    """What has a meaning in a text directive is in none of its texts."""
    return quote(text, safe="").replace("-", "%2D")

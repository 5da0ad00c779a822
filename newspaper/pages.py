"""Every page of the newspaper, made once at the start from texts and templates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newspaper.texts import LANGUAGES, Article, Texts, read

HERE = Path(__file__).parent
HTML = "text/html; charset=utf-8"
KINDS = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


class File(NamedTuple):
    kind: str
    body: bytes


@dataclass(frozen=True)
class Site:
    """What is answered to each path, and to a path that there is not."""

    files: Mapping[str, File]
    missing: File
    headers: Mapping[str, str]


def site(address: str, *, hromada: str, today: date) -> Site:
    """The newspaper at `address`, whose membership desk is at `hromada`; neither ends in a slash.

    Articles are dated back from `today`, so that the paper is always this week's.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    press = _Press(environment, address, hromada, today)
    files = dict(_static())
    for language in LANGUAGES:
        files |= press.edition(read(language))
    return Site(files, press.page("missing.html", read(LANGUAGES[0]), "404"), _headers(hromada))


def path_of(language: str, slug: str) -> str:
    """Where a page stands: the first language at the root, the others in folders of their own."""
    folder = "/" if language == LANGUAGES[0] else f"/{language}/"
    return folder + slug


@dataclass(frozen=True)
class _Press:
    environment: Environment
    address: str
    hromada: str
    today: date

    def edition(self, texts: Texts) -> Iterator[tuple[str, File]]:
        """All pages in one language."""
        yield (
            path_of(texts.language, ""),
            self.page("front.html", texts, "", articles=texts.articles),
        )
        for article in texts.articles:
            yield (
                path_of(texts.language, article.slug),
                self.page("article.html", texts, article.slug, article=article),
            )

    def page(self, template: str, texts: Texts, slug: str, **more: Any) -> File:
        here = self.address + path_of(texts.language, slug)
        text = self.environment.get_template(template).render(
            words=texts.words,
            language=texts.language,
            languages=[(code, self.address + path_of(code, slug)) for code in LANGUAGES],
            here=here,
            hromada=self.hromada,
            support=f"{self.hromada}/support?from={quote(here, safe='')}",
            other_ways=f"{self.hromada}/support/other-ways",
            tell_us=f"{self.hromada}/corrections/new?about={quote(here, safe='')}",
            topics=f"{self.hromada}/topics",
            home=path_of(texts.language, ""),
            path=lambda its: path_of(texts.language, its),
            written=self._written,
            today=self.today,
            in_words=texts.in_words,
            **more,
        )
        return File(HTML, text.encode())

    def _written(self, article: Article) -> date:
        return self.today - timedelta(days=article.days_ago)


def _static() -> Iterator[tuple[str, File]]:
    for path in sorted((HERE / "static").iterdir()):
        yield f"/{path.name}", File(KINDS[path.suffix], path.read_bytes())


def _headers(hromada: str) -> dict[str, str]:
    """As strict as a newsroom's own site could be, and all that our elements ask to be allowed."""
    policy = {
        "default-src": "'none'",
        "script-src": hromada,
        "connect-src": hromada,
        "style-src": "'self'",
        "img-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(map(" ".join, policy.items())),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }

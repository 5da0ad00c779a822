"""What stands on the pages of the demo's newspaper."""

from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from newspaper.pages import HTML, Site, path_of, site
from newspaper.texts import LANGUAGES, SLUGS, read

ADDRESS, HROMADA = "http://127.0.0.1:8080", "http://127.0.0.1:8000"
TODAY = date(2026, 3, 9)
EMPTY = {"meta", "link", "img", "br", "hr", "input"}
ELEMENTS = ["hromada-topic", "hromada-quote", "hromada-correction", "hromada-support end"]
EVERYWHERE = [(language, slug) for language in LANGUAGES for slug in ("", *SLUGS)]


class Page(HTMLParser):
    """What a page is made of. Raises AssertionError where a tag is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), tag
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [its for name, its in self.tags if name == tag and wanted.items() <= its.items()]

    def elements(self) -> list[str]:
        return [
            f"{name} {its.get('place') or ''}".strip()
            for name, its in self.tags
            if name.startswith("hromada-")
        ]

    def addresses(self) -> Iterator[str]:
        for _name, its in self.tags:
            yield from (value for name in ("href", "src") if (value := its.get(name)))


@pytest.fixture(scope="module")
def paper() -> Site:
    return site(ADDRESS, hromada=HROMADA, today=TODAY)


def page_of(paper: Site, language: str, slug: str) -> Page:
    return Page(paper.files[path_of(language, slug)].body.decode())


@pytest.mark.parametrize(("language", "slug"), EVERYWHERE)
def test_a_page_says_its_language_its_address_and_where_the_others_are(
    paper: Site, language: str, slug: str
) -> None:
    page = page_of(paper, language, slug)
    assert page.all("html") == [{"lang": language}]
    assert len(page.all("h1")) == 1
    [canonical] = page.all("link", rel="canonical")
    assert canonical["href"] == ADDRESS + path_of(language, slug)
    told = {its["hreflang"]: its["href"] for its in page.all("link", rel="alternate")}
    assert told == {code: ADDRESS + path_of(code, slug) for code in LANGUAGES} | {
        "x-default": ADDRESS + path_of("en", slug)
    }
    switch = {its["hreflang"]: its["href"] for its in page.all("a") if "hreflang" in its}
    assert switch == {code: told[code] for code in LANGUAGES}


@pytest.mark.parametrize(("language", "slug"), EVERYWHERE)
def test_each_element_stands_in_its_place(paper: Site, language: str, slug: str) -> None:
    page = page_of(paper, language, slug)
    assert page.elements() == {
        "": ["hromada-blocked", "hromada-support bar"],
        "road-money": ["hromada-support middle", *ELEMENTS],
        "last-bus": [*ELEMENTS, "hromada-blocked"],
    }.get(slug, ELEMENTS)
    [script] = page.all("script")
    assert script == {"type": "module", "src": f"{HROMADA}/embed/hromada.js"}


@pytest.mark.parametrize(("language", "slug"), EVERYWHERE)
def test_what_stands_without_javascript_leads_to_the_desk_and_names_the_page(
    paper: Site, language: str, slug: str
) -> None:
    here = quote(ADDRESS + path_of(language, slug), safe="")
    links = {its["href"] for its in page_of(paper, language, slug).all("a")}
    assert f"{HROMADA}/support?from={here}" in links
    assert f"{HROMADA}/topics" in links
    if slug:
        assert f"{HROMADA}/corrections/new?about={here}" in links
        assert f"{HROMADA}/support/other-ways" in links


@pytest.mark.parametrize(("language", "slug"), EVERYWHERE)
def test_every_address_is_the_paper_s_own_and_answered_or_the_desk_s(
    paper: Site, language: str, slug: str
) -> None:
    for address in page_of(paper, language, slug).addresses():
        if not address.startswith((HROMADA + "/", "#main")):
            assert address.removeprefix(ADDRESS) in paper.files


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_leads_to_every_article(paper: Site, language: str) -> None:
    links = {its["href"] for its in page_of(paper, language, "").all("a")}
    assert {path_of(language, slug) for slug in SLUGS} <= links


@pytest.mark.parametrize("slug", SLUGS)
def test_an_article_is_as_long_in_every_language(slug: str) -> None:
    lengths = {
        len(article.paragraphs)
        for language in LANGUAGES
        for article in read(language).articles
        if article.slug == slug
    }
    assert len(lengths) == 1
    assert 5 <= lengths.pop() <= 8


def test_articles_are_dated_back_from_today_in_words(paper: Site) -> None:
    days = {
        language: paper.files[path_of(language, "road-money")].body.decode()
        for language in LANGUAGES
    }
    assert '<time datetime="2026-03-06">6 March 2026</time>' in days["en"]
    assert '<time datetime="2026-03-06">6 березня 2026 року</time>' in days["uk"]
    assert '<time datetime="2026-03-06">6 marca 2026</time>' in days["pl"]


def test_no_page_has_a_style_or_a_script_of_its_own(paper: Site) -> None:
    for file in paper.files.values():
        if file.kind == HTML:
            page = Page(file.body.decode())
            assert page.all("style") == []
            assert not [its for _name, its in page.tags if "style" in its]
            assert not [name for _tag, its in page.tags for name in its if name.startswith("on")]

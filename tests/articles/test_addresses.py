"""Which addresses are of articles of ours, and how each is spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Mode
from membership.settings.articles import NotOurs, ours
from tests.conftest import MakeApp
from tests.factories import Newsroom

OURS = ["slovo.example", "*.blogs.example", "xn--b1arjbl.xn--j1amh"]


@pytest.mark.parametrize(
    ("typed", "spelt"),
    [
        ("https://slovo.example/2026/roads", "https://slovo.example/2026/roads"),
        (" https://slovo.example/2026/roads#part-2\n", "https://slovo.example/2026/roads"),
        ("https://slovo.example/?p=12", "https://slovo.example/?p=12"),
        (
            "https://slovo.example/%D0%B4%D0%BE%D1%80%D0%BE%D0%B3%D0%B8",
            "https://slovo.example/дороги",
        ),
        ("https://slovo.example/a%2Fb", "https://slovo.example/a%2Fb"),
        ("https://olha.blogs.example/1", "https://olha.blogs.example/1"),
        ("https://slovo.example:443/a", "https://slovo.example/a"),
        ("https://slovo.example/?p=1&utm_source=x&fbclid=y", "https://slovo.example/?p=1"),
        ("https://xn--b1arjbl.xn--j1amh/a", "https://слово.укр/a"),
        ("https://слово.укр/a", "https://слово.укр/a"),
    ],
)
def test_an_article_of_ours_has_one_spelling(newsroom: Newsroom, typed, spelt):
    newsroom.set(article_domains=OURS)
    with newsroom.at_work():
        assert ours(typed) == spelt
        assert ours(ours(typed)) == spelt


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "slovo.example/roads",
        "http://slovo.example/roads",
        "https://slovo.example.evil.example/",
        "https://evilslovo.example/",
        "https://slovo.example@evil.example/",
        "https://olha@slovo.example/",
        "https://blogs.example/",
        "https://evil.example/slovo.example",
        "https://evil.example\\@slovo.example/",
        "javascript:alert(1)//slovo.example",
        "javascript://slovo.example/%0aalert(1)",
        "data:text/html,slovo.example",
        "//slovo.example/",
        "https://slovo.example:port/",
        "https://slovo.example:8443/",
        "https://evil.example\\.blogs.example/",
        "https://evil.example%5c.blogs.example/",
        "https://evil.example%2f.blogs.example/",
        "https://*.blogs.example/",
        "https://.blogs.example/",
        "https://[slovo.example/",
        "https://slovo.example/two words",
        "https://slovo.example/a\nb",
        "https://slovo.example/" + "a" * 500,
    ],
)
def test_nobody_elses_page_is_an_article_of_ours(newsroom: Newsroom, typed):
    newsroom.set(article_domains=OURS)
    with newsroom.at_work(), pytest.raises(NotOurs):
        ours(typed)


def test_this_machine_is_ours_in_the_sandbox_alone(make_app: MakeApp):
    sandbox, test = make_app(), make_app(stripe_secret_key="sk_test_nobody", secret_key="s" * 40)
    here = ["http://127.0.0.1:8080/roads", "http://localhost/roads", "http://[::1]:80/roads"]
    with sandbox.app_context():
        assert [ours(address) for address in here] == here
        with pytest.raises(NotOurs):
            ours("http://192.168.0.1/roads")
    assert test.extensions["settings"].mode is Mode.test
    with test.app_context():
        for address in here:
            with pytest.raises(NotOurs):
                ours(address)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_spelt_or_refused(text: str):
    for typed in (text, f"https://slovo.example/{text}", f"https://{text}.slovo.example/"):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("membership.settings.articles._is_ours", lambda *_: True)
            try:
                spelt = ours(typed)
            except NotOurs:
                continue
            assert ours(spelt) == spelt

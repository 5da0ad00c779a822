"""English and Ukrainian, whole: every word translated, and the language as the reader chose."""

import html
import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from pydantic import ValidationError

from config import Settings
from membership.books.models import Tier
from membership.extensions import db
from membership.patrons import people
from membership.seed import set_up_tiers
from tests.factories import Newsroom

ROOT = Path(__file__).parent.parent
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
}


def words_in_the_source() -> set[str]:
    """The ids of everything that pages and mails say, singulars for what has plurals."""
    with (ROOT / "translations" / "babel.cfg").open() as file:
        mapping, options = parse_mapping_cfg(file)
    found = set()
    for part in ("membership", "templates"):
        # The mapping's patterns name paths from the root.
        here = [(pattern.removeprefix(f"{part}/"), kind) for pattern, kind in mapping]
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / part, here, options, keywords=KEYWORDS
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


@pytest.fixture(scope="module")
def ukrainian() -> dict[str, Message]:
    with (ROOT / "translations/uk/LC_MESSAGES/messages.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    return {m.id if isinstance(m.id, str) else m.id[0]: m for m in messages}


def test_every_word_has_its_ukrainian_and_none_is_left_over(ukrainian):
    said = words_in_the_source()
    assert len(said) > 300
    assert said - set(ukrainian) == set()
    assert set(ukrainian) - said == set()


def test_no_translation_is_empty_uncertain_or_loses_a_name(ukrainian):
    for id_, message in ukrainian.items():
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        assert len(forms) in (1, 3), id_
        for form in forms:
            assert form.strip(), id_
            assert sorted(PLACEHOLDER.findall(form)) == sorted(PLACEHOLDER.findall(id_)), id_
        assert not message.fuzzy, id_


@pytest.mark.parametrize("page", ["/", "/sign-in", "/topics", "/support/other-ways", "/nothing"])
def test_a_page_in_ukrainian_says_nothing_in_english(
    newsroom: Newsroom, client: FlaskClient, ukrainian, page
):
    newsroom.tiers()
    text = html.unescape(client.get(page, headers={"Accept-Language": "uk"}).text)
    assert '<html lang="uk">' in text
    left = [id_ for id_ in ukrainian if len(id_) > 20 and "%" not in id_ and id_ in text]
    assert left == []


@pytest.mark.parametrize(
    ("wished", "spoken"),
    [("uk,en;q=0.5", "uk"), ("en-GB", "en"), ("de", "en"), ("de,uk;q=0.3", "uk"), ("", "en")],
)
def test_the_browser_is_asked_first(client: FlaskClient, wished, spoken):
    page = client.get("/", headers={"Accept-Language": wished})
    assert f'<html lang="{spoken}">' in page.text


def test_a_chosen_language_stays_whatever_the_browser_says(client: FlaskClient):
    answer = client.get("/language/uk?next=/topics")
    assert (answer.status_code, answer.location) == (303, "/topics")
    assert '<html lang="uk">' in client.get("/", headers={"Accept-Language": "en"}).text


def test_a_language_we_do_not_speak_changes_nothing(client: FlaskClient):
    client.get("/language/tlh")
    assert '<html lang="en">' in client.get("/").text


def test_choosing_a_language_leads_nowhere_else(client: FlaskClient):
    assert client.get("/language/uk?next=//evil.example/").location == "/support"


def test_a_language_is_a_folder_and_nothing_else(make_app, tmp_path: Path, newsroom: Newsroom):
    newsroom.tiers()
    folder = tmp_path / "translations"
    shutil.copytree(ROOT / "translations", folder)
    czech = folder / "cs" / "LC_MESSAGES"
    czech.mkdir(parents=True)
    catalog = Catalog(locale="cs")
    catalog.add("Topics", "Témata")
    with (czech / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    reader = make_app(translations_dir=folder, languages=()).test_client()
    page = html.unescape(reader.get("/", headers={"Accept-Language": "cs,en;q=0.5"}).text)
    assert '<html lang="cs">' in page
    assert "Témata" in page
    names = ("English", "Polski", "Українська", "Čeština")
    assert [name for name in names if f">{name}<" in page] == ["English", "Polski", "Українська"]
    assert "Čeština" in reader.get("/", headers={"Accept-Language": "en"}).text


def test_a_language_may_be_that_of_one_country(make_app, tmp_path: Path, newsroom: Newsroom):
    newsroom.tiers()
    (tmp_path / "translations/zh_Hant_TW/LC_MESSAGES").mkdir(parents=True)
    app = make_app(translations_dir=tmp_path / "translations", languages="zh-hant-tw,en")
    page = app.test_client().get("/", headers={"Accept-Language": "zh-Hant-TW"}).text
    assert '<html lang="zh-Hant-TW">' in page
    assert 'hreflang="en"' in page
    with app.app_context():
        person = people.ensure("hsiao@example.org")
        db.session.commit()
        assert person.language == "zh_Hant_TW"


def test_what_the_newsroom_did_not_word_in_a_language_stands_in_its_first(make_app):
    app = make_app(languages="uk,en")
    with app.app_context():
        set_up_tiers()
        for tier in db.session.scalars(sa.select(Tier)):
            tier.name, tier.line = {"uk": "Дуб"}, {"uk": "Тримає дах."}
        db.session.commit()
    page = app.test_client().get("/", headers={"Accept-Language": "en"}).text
    assert "Дуб" in page and "Тримає дах." in page


def test_a_language_without_a_folder_stops_the_start():
    with pytest.raises(ValidationError, match="LANGUAGES must be of en, pl, uk"):
        Settings(languages="en,tlh")


def test_plurals_and_money_follow_the_language(app):
    from flask_babel import force_locale

    from membership import web
    from membership.money import Money

    with app.test_request_context(), force_locale("uk"):
        assert [web.hours(60 * n) for n in (1, 3, 5, 21)] == [
            "1 година",
            "3 години",
            "5 годин",
            "21 година",
        ]
        assert web.money(Money(500, "eur")) == "5\u00a0€"

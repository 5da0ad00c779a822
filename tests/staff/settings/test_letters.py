"""The newsroom words the letters it sends, looks at them as somebody's, and finds back."""

import re
from html import unescape
from pathlib import Path

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership.books.models import Interval
from membership.extensions import db, settings
from membership.mail import outbox
from membership.mail.models import OutgoingMail
from membership.patrons import people
from membership.settings import letters, words
from membership.settings.models import Setting
from membership.staff.settings import letter_examples, letter_words
from tests.factories import Newsroom
from tests.staff.settings.conftest import seen
from tests.staff.test_desk import subscribe

LETTERS = "/staff/settings/letters"
TEMPLATES = Path(__file__).parents[3] / "templates/mail"
OURS = "The Test Courier"


def say(desk: FlaskClient, name: str, *, at: str | None = None, **more: str) -> TestResponse:
    version = seen(desk, f"{LETTERS}/{name}") if at is None else at
    return desk.post(f"{LETTERS}/{name}", data={"seen": version} | more)


def sent(newsroom: Newsroom, about: str) -> OutgoingMail:
    with newsroom.at_work():
        found = sa.select(OutgoingMail).where(OutgoingMail.about.startswith(about))
        return db.session.scalars(found.order_by(OutgoingMail.id.desc())).all()[0]


def sign_in_letter(newsroom: Newsroom) -> OutgoingMail:
    """What somebody gets who asks for a link."""
    newsroom.person("reader@example.org")
    newsroom.app.test_client().post("/sign-in", data={"email": "reader@example.org"})
    return sent(newsroom, "sign-in:")


def changes(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        return db.session.scalar(sa.select(sa.func.count(Setting.id))) or 0


def test_each_letter_that_is_worded_has_its_names_and_its_parts():
    assert letters.LETTERS.keys() == letter_words.NAMES.keys() == letter_words.PLACES.keys()
    for name, letter in letters.LETTERS.items():
        assert (TEMPLATES / f"{name}.txt").exists()
        assert (TEMPLATES / f"{name}.mjml").exists()
        assert set(letter.facts) <= letter_words.FACTS.keys()


def test_what_comes_along_fills_in_the_same_in_every_language(newsroom: Newsroom):
    with newsroom.app.test_request_context():
        for name, letter in letters.LETTERS.items():
            english = letters.default(name, "en")
            for code in settings.known_languages:
                for part, its in zip(english, letters.default(name, code), strict=True):
                    assert words.unknown(its, letter.facts) == []
                    assert set(words.IN_BRACES.findall(its)) == set(words.IN_BRACES.findall(part))


def test_a_letter_is_whole_as_it_comes_along_and_in_own_words(
    newsroom: Newsroom, desk: FlaskClient
):
    person = newsroom.person("olha@example.org")
    for name, letter in letters.LETTERS.items():
        with newsroom.at_work():
            example = letter_examples.example(name, person)
            for code in ("en", "uk"):
                written = outbox.write(name, language=code, says=example.says, **example.context)
                assert not re.search(r"[{}]|None", written.subject + written.text)
                assert _sentence(name, code) in written.text
                assert _sentence(name, code) in unescape(written.html)
            english = _sentence(name, "en")
        braces = " ".join(f"{{{fact}}}" for fact in letter.facts)
        own = {"subject_en": f"Blorp {braces}", "text_en": f"**Zork** {braces}\n\n- {{contact}}"}
        assert say(desk, name, **own).status_code == 303
        with newsroom.at_work():
            written = outbox.write(name, language="en", says=example.says, **example.context)
            assert written.subject.startswith("Blorp")
            assert "**Zork**" in written.text
            assert "<strong>Zork</strong>" in written.html
            assert "<li>desk@hromada.example</li>" in written.html
            assert not re.search(r"[{}]", written.subject + written.text)
            assert english not in written.text + unescape(written.html)
            theirs = outbox.write(name, language="uk", says=example.says, **example.context)
            assert "Blorp" not in theirs.subject


def _sentence(name: str, code: str) -> str:
    """The longest piece of a letter as it comes along."""
    pieces = re.split(r"\{\w+\}|\n", letters.default(name, code).text)
    return max(pieces, key=len).strip()


def test_who_asks_for_a_link_reads_the_newsrooms_words(newsroom: Newsroom, desk: FlaskClient):
    say(desk, "sign_in", subject_en="Come in, {name}", text_en="It is *us*, {newsroom}.")
    letter = sign_in_letter(newsroom)
    assert letter.subject.startswith("Come in, Reader ")
    assert letter.text.startswith(f"It is *us*, {OURS}.\n\nhttp")
    assert "It works for 30 minutes" in letter.text
    assert "<p>It is <em>us</em>, The Test Courier.</p>" in letter.html
    assert "signs you in once" not in letter.text + letter.html
    assert "your own" in desk.get(LETTERS).text


def test_where_only_the_subject_is_worded_the_text_comes_along(
    newsroom: Newsroom, desk: FlaskClient
):
    say(desk, "sign_in", subject_en="Come in", text_en="")
    letter = sign_in_letter(newsroom)
    assert letter.subject == "Come in"
    assert "It signs you in once." in letter.text


def test_what_is_misspelt_is_said_where_it_stands(newsroom: Newsroom, desk: FlaskClient):
    answer = say(desk, "sign_in", subject_en="Dear {nmae}", text_en="Hello")
    assert answer.status_code == 422
    told = unescape(answer.text)
    assert (
        "“{nmae}” cannot be filled in. What can is {name}, {newsroom}, {contact}, {most_quoted}."
        in told
    )
    assert 'value="Dear {nmae}"' in told
    assert say(desk, "sign_in", text_en="You gave {sum}").status_code == 422
    assert changes(newsroom) == 0


def test_it_is_looked_at_as_somebodys_and_keeps_nothing(newsroom: Newsroom, desk: FlaskClient):
    with newsroom.at_work():
        people.ensure("olha@example.org", name="Olha & <Petro>")
        db.session.commit()
    typed = {"text_en": "Dear **{name}**", "subject_en": "To {name}"}
    answer = say(desk, "sign_in", shown_to="olha@example.org", preview="yes", **typed)
    assert answer.status_code == 200
    assert "Dear <strong>Olha &amp; &lt;Petro&gt;</strong>" in answer.text
    assert "To Olha &amp; &lt;Petro&gt;" in answer.text
    assert "Dear **{name}**" in answer.text
    whole = desk.post(
        f"{LETTERS}/sign_in/whole", data={"shown_to": "olha@example.org", "language": "en"} | typed
    )
    assert "Dear <strong>Olha &amp; &lt;Petro&gt;</strong>" in whole.text
    assert "It works for 30 minutes" in whole.text
    assert "default-src 'none'" in whole.headers["Content-Security-Policy"]
    assert changes(newsroom) == 0
    nobody = say(desk, "sign_in", shown_to="nobody@example.org", preview="yes", **typed)
    assert "We know nobody of that address." in nobody.text
    assert 'value="nobody@example.org"' in nobody.text


def test_enter_in_a_field_loses_nothing(desk: FlaskClient):
    """Browsers press the first button of a form."""
    for page in (f"{LETTERS}/sign_in", "/staff/settings/words/appeal"):
        form = re.findall(r"<form method=.post.*?</form>", desk.get(page).text, re.S)[0]
        first = re.findall(r"<button type=.submit.[^>]*>", form)[0]
        assert 'name="preview"' in first


def test_without_a_name_for_it_who_gave_last_is_shown(newsroom: Newsroom, desk: FlaskClient):
    assert "chief@example.org" in desk.get(f"{LETTERS}/thanks_patron").text
    newsroom.tiers()
    olha = newsroom.person("olha@example.org")
    subscribe(newsroom, olha, 6700, interval=Interval.year)
    page = desk.get(f"{LETTERS}/thanks_patron").text
    assert 'value="olha@example.org"' in page
    assert "Your bank has confirmed €67 a year." in page


def test_it_is_sent_to_whoever_words_it_and_to_nobody_else(newsroom: Newsroom, desk: FlaskClient):
    newsroom.person("olha@example.org")
    typed = {"subject_uk": "До {name}", "text_uk": "Вітаємо", "shown_to": "olha@example.org"}
    answer = say(desk, "sign_in", send="uk", **typed)
    assert "It is on its way to chief@example.org." in answer.text
    letter = sent(newsroom, "look:")
    assert letter.recipient == "chief@example.org"
    assert letter.subject.startswith("До Reader ")
    assert "/sign-in/" not in letter.text + letter.html
    assert changes(newsroom) == 0
    assert say(desk, "sign_in", send="xx").status_code == 404


def test_earlier_versions_are_a_click_away(newsroom: Newsroom, desk: FlaskClient):
    say(desk, "sign_in", text_en="First words")
    say(desk, "sign_in", text_en="Second words", text_uk="Другі слова")
    page = desk.get(f"{LETTERS}/sign_in").text
    assert "First words" in page
    versions = re.findall(r"/staff/settings/letters/sign_in\?version=\d+", page)
    assert len(versions) == 2
    earlier = desk.get(versions[1]).text
    assert re.search(r">\s*First words</textarea>", earlier)
    [at] = re.findall(r'name="seen"[^>]* value="(\d+)"', earlier)
    say(desk, "sign_in", at=at, text_en="First words")
    letter = sign_in_letter(newsroom)
    assert letter.text.startswith("First words")


def test_two_admins_who_word_the_same_letter_are_told(newsroom: Newsroom, desk: FlaskClient):
    other = newsroom.signed_in(newsroom.person("second@example.org", role="admin"))
    at = seen(other, f"{LETTERS}/sign_in")
    say(desk, "sign_in", text_en="Mine")
    answer = say(other, "sign_in", at=at, text_en="Theirs")
    assert answer.status_code == 409
    assert "Somebody else has just changed this" in answer.text
    assert re.search(r">\s*Theirs</textarea>", answer.text)


def test_a_letter_put_back_on_the_page_of_changes_is_as_it_was(
    newsroom: Newsroom, desk: FlaskClient
):
    say(desk, "sign_in", text_en="Ours")
    page = desk.get("/staff/settings/changes").text
    assert "Letter: Link to sign in" in page
    [undo] = re.findall(r'action="(/staff/settings/changes/\d+/undo)"', page)
    desk.post(undo)
    assert "It signs you in once." in sign_in_letter(newsroom).text


def test_there_are_no_other_letters(desk: FlaskClient):
    assert desk.get(f"{LETTERS}/horoscope").status_code == 404
    assert desk.get(f"{LETTERS}/staff_gift").status_code == 404

"""Letters: MJML turned into HTML once, what people wrote kept as text."""

import re
from pathlib import Path

import mjml
import pytest
import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, settings
from membership.mail import outbox
from membership.mail.models import OutgoingMail
from membership.rounds.letters import tell_due
from membership.topics import follows, life, proposals
from membership.topics.models import TopicState

ROOT = Path(__file__).parent.parent.parent
ALL = sorted(path.name for path in (ROOT / "templates/mail").glob("[a-z]*.mjml"))


@pytest.mark.parametrize("name", ALL)
def test_every_letter_becomes_html_with_its_words_still_to_be_filled_in(app, name):
    source, _name, _fresh = app.jinja_env.loader.get_source(app.jinja_env, f"mail/{name}")
    assert source.startswith("<!doctype html>")
    assert not re.search(r"</?mj-|\[%", source)
    assert "{{ newsroom.newsroom_name }}" in source
    app.jinja_env.get_template(f"mail/{name}")


AWKWARD = 'Who <b>cut</b> "Lime & Oak" street?'


def test_a_letter_is_turned_into_html_once_and_filled_in_each_time(newsroom, monkeypatch):
    turned = []
    real = mjml.mjml2html
    monkeypatch.setattr(mjml, "mjml2html", lambda text: turned.append(1) or real(text))
    with newsroom.at_work():
        for number in range(3):
            outbox.queue(
                "sign_in",
                to=f"reader{number}@example.org",
                language=("en", "uk")[number % 2],
                about=f"once:{number}",
                link=f"https://join.example/sign-in/{number}",
                minutes=30,
            )
        db.session.commit()
        letters = db.session.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id)).all()
        assert [f"sign-in/{number}" in row.html for number, row in enumerate(letters)] == [True] * 3
    assert len(turned) == 1
    assert 'lang="uk"' in letters[1].html
    assert 'lang="en"' in letters[2].html
    for letter in letters:
        assert not re.search(r"\{[{%]|\[%|<mj-", letter.html)


def test_what_somebody_wrote_is_text_in_a_letter(newsroom):
    reader = newsroom.member()
    with newsroom.at_work():
        topic = proposals.suggest(AWKWARD, "Why?")
        follows.follow(topic, reader)
        life.move(topic, TopicState.declined, reason="<script>alert(1)</script>")
        tell_due()
        letter = db.session.scalars(sa.select(OutgoingMail)).one()
        assert "Who &lt;b&gt;cut&lt;/b&gt; &#34;Lime &amp; Oak&#34; street?" in letter.html
        assert "<script>" not in letter.html
        assert AWKWARD in letter.text


def test_silence_is_told_in_every_language_whatever_the_number(newsroom):
    with newsroom.at_work():
        for code in settings.known_languages:
            for due in (1, 2, 5):
                for heard in (None, clock.now()):
                    letter = outbox.write(
                        "staff_silence",
                        language=code,
                        heard=heard,
                        due=due,
                        desk="https://x.example",
                    )
                    assert f"{due}" in letter.text

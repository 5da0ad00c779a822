"""What was tried with play money is nothing that readers of a later day see."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from membership.books import ledger
from membership.books.models import EntryKind
from membership.clock import clock
from membership.extensions import db
from membership.money import Money
from membership.patrons import memberships, people
from membership.rounds import followed, letters, planning, rounds, schedule
from membership.rounds.models import RollEntry
from membership.staff import export
from membership.staff.settings import opening
from membership.topics import news, proposals
from membership.topics.models import News
from tests.conftest import MakeApp
from tests.factories import Newsroom

KEYS: dict[str, Any] = {
    "stripe_secret_key": "sk_test_tests",
    "secret_key": "x" * 40,
    "smtp_url": "smtp://127.0.0.1:9",
    "sandbox_url": "http://127.0.0.1:9",
}


@pytest.fixture
def played(make_app: MakeApp) -> Newsroom:
    """Somebody gave, proposed and had a vote in the sandbox."""
    newsroom = Newsroom(make_app())
    player = newsroom.member("player@example.org")
    with newsroom.at_work():
        ledger.book(EntryKind.charge, "ch_1", player.id, Money(500, "eur"), clock.now())
        proposals.propose("Harbour cranes", "Who pays?", by=player)
        topics = [proposals.suggest(title, "Why?", minutes=480) for title in ("Roads", "Schools")]
        closes_at = clock.now() + timedelta(hours=1)
        rounds.open(planning.prepare("A first try", topics, budget=480, closes_at=closes_at))
        db.session.commit()
        clock.set(closes_at + timedelta(minutes=1))
        assert schedule.close_due() == 1
        followed.count_members()
    return newsroom


def test_nothing_that_was_played_is_seen_in_another_mode(played: Newsroom, make_app: MakeApp):
    real = Newsroom(make_app(**KEYS))
    chief = real.signed_in(real.person("chief@example.org", role="admin"))
    reader = real.app.test_client()
    pages = (
        "/topics",
        "/topics/similar?title=roads",
        "/staff",
        "/staff/topics",
        "/staff/topics.csv",
        "/staff/rounds",
        "/staff/rounds.csv",
        "/staff/people",
        "/staff/people.csv",
        "/staff/payments",
        "/staff/figures/votes",
    )
    for page in pages:
        answer = chief.get(page)
        assert answer.status_code == 200, page
        for played_once in ("Roads", "Schools", "Harbour", "A first try", "player@example.org"):
            assert played_once not in answer.text, page
    for gone in ("/topics/roads", "/rounds/a-first-try", "/rounds/a-first-try/results"):
        assert reader.get(gone).status_code == 404
        assert played.app.test_client().get(gone).status_code == 200


def test_nothing_that_was_played_is_taken_out(played: Newsroom, make_app: MakeApp, tmp_path: Path):
    told: dict[str, int] = {}
    with make_app(**KEYS).app_context():
        export.export(tmp_path / "real", told.__setitem__)
    of_play = ("topic", "topic_step", "round", "round_topic", "roll_entry", "ledger_entry", "news")
    assert {name: told[name] for name in of_play} == dict.fromkeys(of_play, 0)
    with played.at_work():
        export.export(tmp_path / "played", told.__setitem__)
    assert all(told[name] for name in of_play)


def test_who_voted_in_play_is_not_told_as_who_ever_voted(played: Newsroom, make_app: MakeApp):
    real = make_app(**KEYS)
    with real.app_context():
        assert followed.ever_voted() is None
        followed.count_members()
        ever = followed.ever_voted()
        assert ever is not None
        assert (ever.members, ever.voted) == (0, 0)
    with played.at_work():
        ever = followed.ever_voted()
        assert ever is not None
        assert ever.members == 1


def test_nobody_is_told_for_real_of_what_was_played(played: Newsroom, make_app: MakeApp):
    with played.at_work():
        waiting = db.session.scalars(sa.select(News).where(News.done_at.is_(None))).all()
        assert waiting
    with make_app(**KEYS).app_context():
        assert news.tell(letters.LETTERS) == 0
    with played.at_work():
        assert news.tell(letters.LETTERS) > 0


def test_the_page_of_somebody_tells_what_is_of_its_mode(played: Newsroom, make_app: MakeApp):
    real = Newsroom(make_app(**KEYS))
    chief = real.signed_in(real.person("chief@example.org", role="admin"))
    with played.at_work():
        player = people.by_email("player@example.org")
        assert player is not None
        db.session.execute(
            sa.update(RollEntry).where(RollEntry.person_id == player.id).values(voted=True)
        )
        db.session.commit()
        number = player.id
    page = chief.get(f"/staff/people/{number}")
    assert page.status_code == 200
    boss = played.signed_in(played.person("boss@example.org", role="admin"))
    for told in ("Harbour cranes", "A first try"):
        assert told not in page.text
        assert told in boss.get(f"/staff/people/{number}").text


def test_a_vote_that_was_tried_once_need_not_be_tried_again(played: Newsroom, make_app: MakeApp):
    with make_app(**KEYS).test_request_context():
        tried = {step.name: step.is_done for step in opening.at_first().steps}
    assert tried["vote"]
    assert tried["gift"]


def test_what_was_played_is_tried_again_for_real(played: Newsroom, make_app: MakeApp):
    real = Newsroom(make_app(**KEYS))
    with real.at_work():
        topics = [proposals.suggest(title, "Why?", minutes=480) for title in ("Roads", "Mills")]
        later = clock.now() + timedelta(hours=1)
        round = planning.prepare("A first try", topics, budget=480, closes_at=later)
        db.session.commit()
        slug = topics[0].slug
        assert slug.startswith("roads-")
        assert round.slug.startswith("a-first-try-")
        assert round.carried_from is None
    assert real.app.test_client().get(f"/topics/{slug}").status_code == 200
    assert played.app.test_client().get(f"/topics/{slug}").status_code == 404


def test_who_was_met_in_play_and_gives_for_real_is_there(played: Newsroom, make_app: MakeApp):
    real = Newsroom(make_app(**KEYS))
    chief = real.signed_in(real.person("chief@example.org", role="admin"))
    assert "player@example.org" not in chief.get("/staff/people").text
    assert "player@example.org" in chief.get("/staff/people?q=player").text
    with real.at_work():
        player = people.by_email("player@example.org")
        assert player is not None
        begins = clock.now() - timedelta(days=1)
        paid = [memberships.Paid(begins, begins + timedelta(days=30))]
        memberships.lay(player.id, source="a present", paid=paid)
        db.session.commit()
    assert "player@example.org" in chief.get("/staff/people").text
    boss = played.signed_in(played.person("boss@example.org", role="admin"))
    page = boss.get("/staff/people").text
    assert "player@example.org" in page
    assert "chief@example.org" not in page

"""The editors' desk: topics from proposal to story, and rounds from plan to close."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.rounds import rounds
from membership.rounds.models import Round
from membership.staff.models import AuditEntry
from membership.topics import follows, proposals
from membership.topics.models import Topic, TopicState
from tests.factories import NOON, Newsroom


@pytest.fixture(autouse=True)
def at_noon() -> None:
    clock.set(NOON)


@pytest.fixture
def desk(newsroom: Newsroom) -> FlaskClient:
    return newsroom.signed_in(newsroom.person(role="editor"))


def propose(newsroom: Newsroom, title: str, by: Person | None = None) -> None:
    member = by or newsroom.member()
    with newsroom.at_work():
        proposals.propose(title, "Why not?", by=member)
        db.session.commit()


def suggest(newsroom: Newsroom, *titles: str) -> list[int]:
    with newsroom.at_work():
        ids = [proposals.suggest(title, "Why?", minutes=480).id for title in titles]
        db.session.commit()
        return ids


def state(newsroom: Newsroom, title: str) -> TopicState:
    with newsroom.at_work():
        return db.session.scalars(sa.select(Topic.state).where(Topic.title == title)).one()


def acts(newsroom: Newsroom) -> list[str]:
    with newsroom.at_work():
        return list(db.session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)))


def plan(ids: list[int], **changes: object) -> dict[str, object]:
    form = {
        "title": "March round",
        "unit": "minutes",
        "budget": "16",
        "topics": ids,
        "opens_at": "",
        "closes_at": "2026-03-17T18:00",
        "join_by": "",
        "remind": "2",
        "quorum": "0",
    }
    return form | changes


def test_a_proposal_goes_all_the_way_to_the_story(newsroom, desk):
    propose(newsroom, "Roads")
    assert "1 proposal waits for an editor" in desk.get("/staff").text
    assert "Roads" in desk.get("/staff/topics").text
    assert desk.post("/staff/topics/roads/accept").status_code == 303
    assert desk.post("/staff/topics/roads/hours", data={"hours": "8"}).status_code == 303
    with newsroom.at_work():
        topic = db.session.scalars(sa.select(Topic)).one()
        assert (topic.state, topic.minutes) == (TopicState.in_review, 480)
        topic.state = TopicState.chosen
        db.session.commit()
    desk.post("/staff/topics/roads/forward/assigned")
    desk.post("/staff/topics/roads/forward/reporting")
    assert state(newsroom, "Roads") is TopicState.reporting
    refused = desk.post("/staff/topics/roads/publish", data={"publish-link": "javascript:x"})
    assert refused.status_code == 422
    assert "Enter a web address" in refused.text
    link = {"publish-link": "https://hromada.example/roads"}
    assert desk.post("/staff/topics/roads/publish", data=link).status_code == 303
    assert state(newsroom, "Roads") is TopicState.published
    assert acts(newsroom) == [
        "accept topic",
        "judge topic",
        "topic assigned",
        "topic reporting",
        "topic published",
    ]


def test_declining_needs_a_reason_and_can_hide(newsroom, desk, client):
    propose(newsroom, "Libel")
    refused = desk.post("/staff/topics/libel/decline", data={"decline-hidden": "y"})
    assert refused.status_code == 422
    assert "Give a reason; it is published." in refused.text
    given = {"decline-reason": "A private matter.", "decline-hidden": "y"}
    assert desk.post("/staff/topics/libel/decline", data=given).status_code == 303
    assert client.get("/topics/libel").status_code == 404
    assert "not shown to others" in desk.get("/staff/topics/libel").text


def test_a_merge_says_how_many_moved_and_can_be_undone(newsroom, desk):
    people = [newsroom.person() for _ in range(3)]
    source, target = suggest(newsroom, "Holes", "Roads")
    with newsroom.at_work():
        for person in people:
            follows.follow(db.session.get_one(Topic, source), person)
        follows.follow(db.session.get_one(Topic, target), people[0])
        db.session.commit()
    form = {"merge-into": target, "merge-reason": "The same."}
    assert desk.post("/staff/topics/holes/merge", data=form).status_code == 303
    page = desk.get("/staff/topics/holes").text
    assert "2 followers moved, 1 already there." in page
    undone = desk.post("/staff/topics/holes/unmerge", data={"unmerge-reason": "They are two."})
    assert undone.status_code == 303
    assert state(newsroom, "Holes") is TopicState.in_review
    assert desk.post("/staff/topics/holes/unmerge", data={}).status_code == 404


def test_a_step_that_another_editor_took_first_is_refused_in_words(newsroom, desk):
    propose(newsroom, "Roads")
    desk.post("/staff/topics/roads/accept")
    answer = desk.post("/staff/topics/roads/accept")
    assert answer.status_code == 409
    assert "The topic has moved on meanwhile" in answer.text
    assert acts(newsroom) == ["accept topic"]


def test_an_editor_changes_what_a_topic_says_and_what_it_said_stays(newsroom, desk, client):
    suggest(newsroom, "Raods")
    form = {"title": "Roads", "why": "Holes.", "links": ""}
    assert desk.post("/staff/topics/raods/edit", data=form).status_code == 303
    page = client.get("/topics/raods").text
    assert "<h1>Roads</h1>" in page
    assert "An editor changed it. Before, it said:" in page
    assert "Raods" in page


def test_a_round_is_planned_looked_at_changed_and_opened(newsroom, desk, client):
    newsroom.members(2)
    ids = suggest(newsroom, "Roads", "Buses", "Schools")
    made = desk.post("/staff/rounds/new", data=plan(ids[:2], join_by="2026-03-12T18:00"))
    assert (made.status_code, made.location) == (303, "/staff/rounds/march-round")
    assert client.get("/rounds/march-round").status_code == 404
    preview = desk.get("/staff/rounds/march-round/preview").text
    assert "A preview" in preview
    assert "Buses" in preview
    assert "Cast my ballot" not in preview
    page = desk.get(made.location).text
    assert 'value="2026-03-17T18:00"' in page
    assert 'value="2026-03-12T18:00"' in page
    assert page.count(" checked") >= 2
    changed = desk.post("/staff/rounds/march-round/change", data=plan(ids, quorum="10"))
    assert changed.status_code == 303
    assert desk.post("/staff/rounds/march-round/open").status_code == 303
    with newsroom.at_work():
        round = rounds.by_slug("march-round")
        assert round is not None
        # In Kyiv it is two hours later than in UTC.
        assert round.closes_at.isoformat() == "2026-03-17T16:00:00+00:00"
        assert round.remind_at == round.closes_at - timedelta(days=2)
        assert (round.quorum, round.join_by) == (10, None)
        assert [entry.title for entry in round.entries] == ["Buses", "Roads", "Schools"]
    assert "Schools" in client.get("/rounds/march-round").text
    frozen = desk.post("/staff/rounds/march-round/change", data=plan(ids))
    assert frozen.status_code == 409
    assert "what members were told at the opening stays as it is" in frozen.text
    assert acts(newsroom) == ["prepare round", "change round", "open round"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Give the round a title."),
        ({"budget": "0"}, "Enter a number between 1 and 10,000."),
        ({"budget": "many"}, "Not a valid integer value."),
        ({"closes_at": "2026-03-01T10:00"}, "This moment has passed."),
        ({"closes_at": ""}, "Enter when it closes."),
        ({"opens_at": "2026-03-18T10:00"}, "This must be before the close."),
        ({"join_by": "2026-03-18T10:00"}, "This must be before the close."),
        ({"topics": []}, "Choose at least one topic."),
        ({"topics": [999]}, "A topic you chose has moved on meanwhile"),
        ({"quorum": "101"}, "Enter a number between 0 and 100."),
        ({"budget": "4"}, "needs a reporting time, and one within the budget."),
    ],
)
def test_a_plan_that_cannot_be_says_so_where_it_is_and_keeps_the_rest(
    newsroom, desk, changes, words
):
    ids = suggest(newsroom, "Roads", "Buses")
    answer = desk.post("/staff/rounds/new", data=plan(ids) | changes)
    assert answer.status_code == 422
    assert words in answer.text
    if "topics" not in changes:
        assert answer.text.count('name="topics"') == 2
        assert len(re.findall(r'name="topics"[^>]* checked', answer.text)) == 2
    assert newsroom.count(Round) == 0


def test_what_an_earlier_round_left_is_offered_and_added(newsroom, desk):
    voter = newsroom.member()
    ids = suggest(newsroom, "Roads", "Buses")
    desk.post("/staff/rounds/new", data=plan(ids[:1]))
    desk.post("/staff/rounds/march-round/open")
    browser = newsroom.signed_in(voter)
    browser.post("/rounds/march-round/ballot", data={"approvals": ids[:1]})
    desk.post("/staff/rounds/march-round/close", data={"close-reason": "In a hurry."})
    page = desk.get("/staff/rounds/new").text
    assert "March round: 8 hours" in page
    desk.post("/staff/rounds/new", data=plan(ids[1:], title="April", carry="y"))
    with newsroom.at_work():
        april = rounds.by_slug("april", prepared=True)
        assert april is not None
        assert (april.budget, april.carried) == (24 * 60, 8 * 60)
    assert "8 hours of that were left over" in desk.get("/staff/rounds/april/preview").text


def test_slots_that_were_left_are_offered_to_a_round_of_slots(newsroom, desk):
    newsroom.member()
    ids = suggest(newsroom, "Roads", "Buses")
    slots = {"unit": "topics", "budget": "2"}
    desk.post("/staff/rounds/new", data=plan(ids[:1]) | slots)
    desk.post("/staff/rounds/march-round/open")
    desk.post("/staff/rounds/march-round/close", data={"close-reason": "In a hurry."})
    assert "March round: 2 topics" in desk.get("/staff/rounds/new").text
    desk.post("/staff/rounds/new", data=plan(ids[1:], title="April", carry="y") | slots)
    page = desk.get("/staff/rounds/april").text
    assert "March round: 2 topics" in page
    assert "4 topics" in desk.get("/staff/rounds/april/preview").text


def test_withdrawing_and_closing_early_ask_for_reasons(newsroom, desk, client):
    ids = suggest(newsroom, "Roads", "Buses")
    newsroom.member()
    desk.post("/staff/rounds/new", data=plan(ids))
    desk.post("/staff/rounds/march-round/open")
    withdraw = "/staff/rounds/march-round/withdraw"
    assert desk.post(withdraw, data={"topic": ids[0]}).status_code == 422
    assert desk.post(withdraw, data={"topic": 999, "withdraw-reason": "x"}).status_code == 404
    done = desk.post(withdraw, data={"topic": ids[0], "withdraw-reason": "It is solved."})
    assert done.status_code == 303
    assert "It is solved." in client.get("/rounds/march-round").text
    close = "/staff/rounds/march-round/close"
    assert desk.post(close, data={}).status_code == 422
    assert desk.post(close, data={"close-reason": "Enough."}).status_code == 303
    assert "Enough." in client.get("/rounds/march-round/results").text
    assert desk.post(close, data={}).location == "/rounds/march-round/results"


def test_a_plan_is_given_up(newsroom, desk):
    ids = suggest(newsroom, "Roads")
    desk.post("/staff/rounds/new", data=plan(ids))
    assert desk.post("/staff/rounds/march-round/discard").location == "/staff/rounds"
    assert newsroom.count(Round) == 0
    assert state(newsroom, "Roads") is TopicState.in_review


PAGES = ["/staff/topics", "/staff/topics/roads", "/staff/rounds", "/staff/rounds/march-round"]
EDITORS_ONLY = ["/staff/topics/new", "/staff/rounds/new"]
ACTS = [
    "/staff/topics/new",
    "/staff/topics/roads/edit",
    "/staff/topics/roads/hours",
    "/staff/topics/roads/accept",
    "/staff/topics/roads/decline",
    "/staff/topics/roads/merge",
    "/staff/topics/roads/unmerge",
    "/staff/topics/roads/forward/assigned",
    "/staff/topics/roads/publish",
    "/staff/topics/roads/drop",
    "/staff/rounds/new",
    "/staff/rounds/march-round/change",
    "/staff/rounds/march-round/open",
    "/staff/rounds/march-round/discard",
    "/staff/rounds/march-round/close",
    "/staff/rounds/march-round/withdraw",
]


def test_editors_act_finance_looks_and_members_see_nothing(newsroom, desk):
    ids = suggest(newsroom, "Roads", "Buses")
    desk.post("/staff/rounds/new", data=plan(ids))
    finance = newsroom.signed_in(newsroom.person(role="finance"))
    member = newsroom.signed_in(newsroom.member())
    for page in PAGES:
        assert desk.get(page).status_code == 200
        assert finance.get(page).status_code == 200
        assert member.get(page).status_code == 403
    for page in EDITORS_ONLY:
        assert desk.get(page).status_code == 200
        assert finance.get(page).status_code == 403
    for act in ACTS:
        assert finance.post(act).status_code == 403
        assert member.post(act).status_code == 403
        assert newsroom.app.test_client().post(act).status_code == 303


def test_the_desk_costs_as_many_queries_for_many_topics_as_for_few(newsroom, desk, queries):
    def costs(titles: list[str], slug: str) -> list[int]:
        ids = suggest(newsroom, *titles)
        desk.post("/staff/rounds/new", data=plan(ids, title=slug))
        counted = []
        for page in ("/staff/topics", f"/staff/topics/{titles[0]}", "/staff/rounds",
                     "/staff/rounds/new", f"/staff/rounds/{slug}"):  # fmt: skip
            with queries() as seen:
                assert desk.get(page).status_code == 200
            counted.append(len(seen))
        return counted

    few = costs(["topic"], "first")
    assert costs([f"topic{number}" for number in range(12)], "second") == few
    assert max(few) <= 12

"""The API: what it answers, that its description is true, and what it keeps to itself."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from membership import kept
from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import MembershipKind
from membership.topics import life, merges, proposals
from membership.topics.models import Topic, TopicState
from tests.articles.town import ARTICLE, another_round, at_noon, corrected, open_round, town
from tests.factories import Newsroom

__all__ = ["at_noon", "open_round", "town"]  # fixtures

API = "/api/v1"
LISTS = ["topics", "rounds", "outcomes"]
FOUND = [
    "/topics",
    "/topics/roads",
    "/topics/ponds",
    "/rounds",
    "/rounds/march-round",
    "/rounds/april-round",
    "/outcomes",
    "/outcomes/march-round",
    "/patrons",
    "/corrections",
    f"/corrections?article={ARTICLE}%23life&limit=1",
    "/topics?limit=2",
    "/topics?language=uk",
]
REFUSED = [
    ("/topics/none", 404),
    ("/rounds/none", 404),
    ("/outcomes/april-round", 404),
    ("/topics?limit=0", 422),
    ("/topics?limit=many", 422),
    ("/topics?after=x", 422),
    ("/topics?after=999999999999999999.1", 422),
    ("/topics?page=2", 422),
    ("/topics?limit=1&limit=2", 422),
    ("/topics?language=xx", 422),
    ("/topics/roads?limit=1", 422),
    ("/patrons?after=1", 422),
    ("/corrections?article=https://evil.example/", 422),
    ("/corrections?after=1.1", 422),
]


@pytest.fixture
def description(client: FlaskClient) -> dict:
    return client.get(f"{API}/openapi.json").json


def check(description: dict, path: str, status: int, answer) -> None:
    """Hold an answer to what the description says of it."""
    parts = urlsplit(path).path.strip("/").split("/")
    template = f"{API}/{parts[0]}" + ("/{slug}" if len(parts) > 1 else "")
    responses = description["paths"][template]["get"]["responses"]
    [schema] = [its["schema"] for its in responses[str(status)]["content"].values()]
    [mimetype] = responses[str(status)]["content"]
    assert answer.mimetype == mimetype
    schema = {**schema, "components": description["components"]}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        answer.json
    )


def test_the_description_is_openapi(town, description):
    validate(description)
    assert description["openapi"].startswith("3.1")
    assert set(description["paths"]) == {
        f"{API}/{path}"
        for path in [*LISTS, "corrections", "patrons", *(f"{name}/{{slug}}" for name in LISTS)]
    }
    assert all(its["get"]["summary"] for its in description["paths"].values())


@pytest.mark.parametrize("path", FOUND)
def test_each_answer_is_as_described(client: FlaskClient, town: Newsroom, description, path):
    answer = client.get(API + path)
    assert answer.status_code == 200
    check(description, path, 200, answer)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=60" in answer.headers["Cache-Control"]
    assert "public" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    again = client.get(API + path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(("path", "status"), REFUSED)
def test_each_refusal_is_a_problem_as_described(client, town, description, path, status):
    answer = client.get(API + path)
    assert answer.status_code == answer.json["status"] == status
    check(description, path, status, answer)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json["title"]
    assert bool(answer.json["errors"]) is (status == 422)


@pytest.mark.parametrize("path", [f"{API}/broken", "/oembed/broken"])
@pytest.mark.parametrize("while_answering", [False, True])
def test_a_mistake_of_ours_is_a_problem_too(make_app, path, while_answering):
    app = make_app()
    app.testing = False
    room = {API: "api", "/oembed": "oembed"}[path.removesuffix("/broken")]
    view = (lambda: "") if while_answering else (lambda: 1 / 0)
    app.add_url_rule(path, view_func=view, endpoint=f"{room}.broken")
    if while_answering:
        app.after_request_funcs[room].append(lambda _response: 1 / 0)
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert answer.json["detail"] == "Something broke on our side"
    assert "ZeroDivision" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/nothing", 404),
        ("get", "/topics/", 404),
        ("post", "/topics", 405),
        ("put", "/x", 405),
    ],
)
def test_what_is_not_there_is_a_problem_too(client: FlaskClient, method, path, status):
    answer = getattr(client, method)(API + path, headers={"Origin": "https://a.example"})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert ("GET" in answer.headers.get("Allow", "")) is (status == 405)


def test_what_is_wrong_is_named(client: FlaskClient):
    told = client.get(f"{API}/rounds?page=2&limit=1000").json["errors"]
    assert {one["parameter"] for one in told} == {"page", "limit"}


def test_a_topic_has_its_life(client: FlaskClient, town: Newsroom):
    clock.advance(timedelta(hours=1))
    with town.at_work():
        topic = db.session.query(Topic).filter_by(slug="roads").one()
        life.move(topic, TopicState.published, link="https://slovo.example/roads")
        db.session.commit()
    its = client.get(f"{API}/topics/roads").json
    assert (its["state"], its["story"]) == ("published", "https://slovo.example/roads")
    assert [step["state"] for step in its["life"]] == [
        "in_review",
        "on_ballot",
        "chosen",
        "published",
    ]
    assert its["life"][2]["round"]["slug"] == "march-round"
    assert its["life"][3]["round"] is None
    assert its["changed_at"] == its["life"][-1]["at"] == "2026-03-11T13:00:00Z"
    assert its["proposed_at"] == "2026-03-10T12:00:00Z"


def test_texts_are_in_the_language_that_is_asked_for(client: FlaskClient, town: Newsroom):
    english = client.get(f"{API}/topics/roads").json["state_in_words"]
    by_header = client.get(f"{API}/topics/roads", headers={"Accept-Language": "uk"})
    by_address = client.get(f"{API}/topics/roads?language=uk", headers={"Accept-Language": "en"})
    assert by_header.json == by_address.json
    assert by_header.json["state_in_words"] != english
    assert "Accept-Language" in by_header.headers["Vary"]
    assert "Accept-Language" not in by_address.headers["Vary"]
    outcome = client.get(f"{API}/outcomes/march-round?language=uk").json
    assert "Chosen" not in outcome["topics"][0]["why"]


def test_an_outcome_says_who_got_what(client: FlaskClient, town: Newsroom):
    its = client.get(f"{API}/outcomes/march-round").json
    assert [(row["topic"]["slug"], row["approvals"], row["chosen"]) for row in its["topics"]] == [
        ("roads", 2, True),
        ("buses", 1, True),
        ("hospitals", 0, False),
    ]
    assert (its["roll"], its["voters"], its["spent"], its["budget"]) == (3, 2, 900, 1500)
    assert its["topics"][2]["why"] == "Nobody ticked it."
    for address in (its["page"], its["recount"], its["round"]["page"]):
        assert client.get(address).status_code == 200


def test_without_a_quorum_nothing_is_chosen(client: FlaskClient, town: Newsroom):
    votes = another_round(town, "May round", "Trams")
    with town.at_work():
        votes.row.quorum = 100
        db.session.commit()
    votes.close()
    its = client.get(f"{API}/outcomes/{votes.slug}").json
    assert its["quorum_met"] is False
    assert its["spent"] == 0
    assert [(row["chosen"], row["why"]) for row in its["topics"]] == [(False, None)]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_goes_on_where_it_stopped(client: FlaskClient, town: Newsroom, name):
    """Many at one moment, and some later; none is left out or told twice."""
    for number in range(3):
        clock.advance(timedelta(microseconds=number))
        another_round(town, f"Round {number}", f"One {number}", f"Two {number}").close()
    whole = client.get(f"{API}/{name}").json
    assert whole["next"] is None
    at, found = f"{API}/{name}?limit=2&language=en", []
    while at:
        page = client.get(at).json
        assert len(page["items"]) <= 2
        found += page["items"]
        at = page["next"]
        assert at is None or "language=en" in at
    assert found == whole["items"]
    assert len(found) >= 4


def test_nothing_of_how_an_open_vote_stands_is_told(client: FlaskClient, town: Newsroom):
    """What is told does not change, however many vote; nor is there a word for it."""
    paths = ["/rounds", "/rounds/may-round", "/topics", "/topics/trams", "/outcomes"]
    votes = another_round(town, "May round", "Trams", "Trains")
    before = [client.get(API + path).data for path in paths]
    with town.at_work():
        votes.row.join_by = votes.row.closes_at
        db.session.commit()
    joined = [client.get(API + path).data for path in paths]
    for member in town.members(3):
        votes.cast(member, "Trams")
    assert [client.get(API + path).data for path in paths] == joined
    assert before[2:] == joined[2:]
    its = client.get(f"{API}/rounds/may-round").json
    assert not {"approvals", "voted", "voters", "turnout", "roll", "seed"} & its.keys()
    assert its["outcome"] is None
    clock.advance(timedelta(days=8))
    assert client.get(f"{API}/rounds/may-round").json["state"] == "counting"


def test_what_nobody_may_see_is_not_told(client: FlaskClient, town: Newsroom):
    member = town.member()
    with town.at_work():
        unread = proposals.propose("Unread", "Not read yet", by=member)
        hidden = proposals.suggest("Hidden", "Abuse")
        hidden.hidden = True
        merged = proposals.suggest("Merged", "Into what is not read")
        db.session.flush()
        merges.merge(merged, unread, reason="The same")
        db.session.commit()
    for slug in ("unread", "hidden"):
        assert client.get(f"{API}/topics/{slug}").status_code == 404
    listed = {item["slug"]: item for item in client.get(f"{API}/topics").json["items"]}
    assert not {"unread", "hidden"} & listed.keys()
    assert listed["merged"]["merged_into"] is None
    assert str(member.email) not in client.get(f"{API}/topics").text


def test_corrections_are_those_of_an_article(client: FlaskClient, town: Newsroom):
    corrected(town, 2, article="https://slovo.example/other", now="Two.")
    corrected(town, 3, state="open", code="unread")
    corrected(town, 4, now="Four.")
    [first, second] = client.get(f"{API}/corrections", query_string={"article": ARTICLE}).json[
        "items"
    ]
    assert (first["now"], second["now"]) == ("Four.", "Built in 1879.")
    at, found = f"{API}/corrections?limit=1&article={ARTICLE}", []
    while at:
        page = client.get(at).json
        found += page["items"]
        at = page["next"]
    assert found == [first, second]
    assert len(client.get(f"{API}/corrections").json["items"]) == 3
    assert client.get(first["page"]).status_code == 200


def test_how_many_carry_it(client: FlaskClient, newsroom: Newsroom):
    assert client.get(f"{API}/patrons").json["patrons"] == 0
    newsroom.members(2)
    newsroom.member(kind=MembershipKind.gift)
    its = client.get(f"{API}/patrons").json
    assert (its["patrons"], its["members"]) == (2, 3)


def test_few_queries_however_much_there_is(client: FlaskClient, town: Newsroom, queries):
    paths = [
        "/topics",
        "/topics/roads",
        "/rounds",
        "/rounds/march-round",
        "/outcomes",
        "/patrons",
        "/corrections",
    ]

    def asked(path: str) -> int:
        with queries() as seen:
            client.get(API + path)
        return len(seen)

    few = [asked(path) for path in paths]
    for number in range(3):
        votes = another_round(town, f"Round {number}", *(f"T{number}{n}" for n in range(20)))
        if number:
            votes.close()
        corrected(town, number + 2)
    town.members(5)
    assert [asked(path) for path in paths] == few
    assert max(few) <= 7


def test_who_asks_too_often_waits_and_what_is_kept_is_free(make_app, monkeypatch):
    monkeypatch.setattr(kept, "SECONDS", 3600)
    app = make_app(rate_limits="on")
    client = app.test_client()
    answers = [client.get(f"{API}/topics?limit=1") for _ in range(121)]
    assert [answer.status_code for answer in answers[:120]] == [200] * 120
    assert not any("RateLimit" in name for name in answers[0].headers)
    last = answers[-1]
    assert (last.status_code, last.mimetype) == (429, "application/problem+json")
    assert int(last.headers["Retry-After"]) <= 60
    assert last.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"{API}/rounds").status_code == 429


def test_what_is_kept_may_be_asked_for_as_often_as_one_likes(make_app, monkeypatch):
    monkeypatch.setattr(kept, "SECONDS", 3600)
    client = make_app(rate_limits="on").test_client()
    statuses = {client.get(f"{API}/topics").status_code for _ in range(130)}
    assert statuses == {200}
    assert len(client.application.extensions["kept_pages"]) == 1
    for number in range(50):
        client.get(f"{API}/topics?limit={number + 1}")
    assert len(client.application.extensions["kept_pages"]) == 1


def test_who_is_signed_in_is_nobody_here(town: Newsroom):
    patron = town.signed_in(town.person())
    answer = patron.get(f"{API}/topics")
    assert answer.mimetype == "application/json"
    assert answer.json == town.app.test_client().get(f"{API}/topics").json

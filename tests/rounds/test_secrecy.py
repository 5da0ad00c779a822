"""Who voted for what: nothing tells it after the close, and nothing tells any of it before."""

import hmac
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.rounds import schedule
from membership.rounds.letters import tell_due
from membership.rounds.models import Ballot, RollEntry
from membership.topics import follows
from tests.factories import Newsroom

EDITED = {"ballot", "roll_entry"}
VALUES = {
    "slug": ["march-round", "roads", "hospitals"],
    "code": ["uk"],
    "language": ["en", "uk"],
    "feed": ["topics", "rounds", "outcomes"],
    "kind": ["atom", "json"],
    "token": ["x" * 43],
    "person_id": ["1", "12", "20"],  # readers, and people who vote
}
NOT_FETCHED = {"static"}


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, sorted."""
    return {
        table.name: sorted(map(tuple, db.session.execute(sa.select(table))), key=repr)
        for table in db.metadata.sorted_tables
    }


def test_voting_writes_down_nothing_but_the_ballot_and_that_somebody_voted(newsroom, open_round):
    voters = newsroom.members(3)
    votes = open_round()
    browsers = [newsroom.signed_in(voter) for voter in voters]
    with newsroom.at_work():
        ids = sorted(votes.ids("Roads", "Buses"))
        before = everything()
    for browser in browsers:
        browser.post(f"{votes.page}/ballot", data={"approvals": ids[:1]})
        browser.post(f"{votes.page}/ballot", data={"approvals": ids})
    browsers[0].post(f"{votes.page}/ballot/withdraw")
    with newsroom.at_work():
        after = everything()
    assert {name for name in after if after[name] != before[name]} == EDITED
    columns = {c.name for t in (Ballot, RollEntry) for c in t.__table__.columns}
    times = [c for t in (Ballot, RollEntry) for c in t.__table__.columns if "DATE" in str(c.type)]
    assert not times
    assert not {"created_at", "voted_at", "number"} & columns


def test_no_value_of_any_table_is_a_key_from_people_to_ballots(newsroom, open_round):
    """Tries every value there is, as it stands and decoded, with every person."""
    voters = newsroom.members(6)
    votes = open_round()
    for number, voter in enumerate(voters):
        votes.cast(voter, "Roads" if number % 2 else "Buses")
    with newsroom.at_work():
        key = votes.row.ballot_key
        assert key is not None
        ballots = set(db.session.scalars(sa.select(Ballot.key)))
        assert {named(key, voter.id) for voter in voters} == ballots, "the attack works while open"
    votes.close()
    with newsroom.at_work():
        assert set(db.session.scalars(sa.select(Ballot.key))) == ballots
        for candidate in set(candidates()) | {newsroom.app.config["SECRET_KEY"].encode()}:
            assert not ballots & {named(candidate, voter.id) for voter in voters}


def named(key: bytes, person_id: int) -> str:
    return hmac.digest(key, f"ballot:{person_id}".encode(), "sha256").hex()


def candidates() -> Iterator[bytes]:
    for rows in everything().values():
        for row in rows:
            for value in row:
                if isinstance(value, bytes):
                    yield value
                elif value is not None:
                    text = str(value)
                    yield text.encode()
                    if re.fullmatch(r"(?:[0-9a-f]{2})+", text):
                        yield bytes.fromhex(text)


def test_no_table_says_more_of_voters_of_one_topic_than_of_another(newsroom, open_round):
    """After the close, ballots swapped between two voters leave every other table as it is."""
    first, second = newsroom.members(2)
    votes = open_round()
    told = []
    for titles in (("Roads", "Buses"), ("Buses", "Roads")):
        for voter, title in zip((first, second), titles, strict=True):
            votes.cast(voter, title)
        with newsroom.at_work():
            rows = everything()
            del rows["ballot"]
            told.append(rows)
            approvals = sorted(db.session.scalars(sa.select(Ballot.approvals)))
            assert len(approvals) == 2
    assert told[0] == told[1]


@pytest.fixture
def readers(newsroom: Newsroom, open_round) -> dict[str, FlaskClient]:
    """Everybody who might look, but those who vote in the test."""
    return {
        "anybody": newsroom.app.test_client(),
        "member": newsroom.signed_in(newsroom.member()),
        **{
            role: newsroom.signed_in(newsroom.person(role=role))
            for role in ("editor", "finance", "admin")
        },
    }


def addresses(newsroom: Newsroom) -> list[str]:
    """Every address that can be fetched, with every value that its parts can have here."""
    found = []
    with newsroom.app.test_request_context():
        adapter = newsroom.app.url_map.bind("127.0.0.1")
        for rule in newsroom.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in NOT_FETCHED:
                continue
            for number in range(3):
                values = {
                    name: VALUES.get(name, ["1"])[number % len(VALUES.get(name, ["1"]))]
                    for name in rule.arguments
                }
                found.append(adapter.build(rule.endpoint, values))
    return [
        *sorted(set(found)),
        "/topics?q=roads",
        "/topics/similar?q=roads",
        "/staff/people?q=a",
        "/api/v1/rounds?limit=1",
        "/oembed?url=http://127.0.0.1:8000/rounds/march-round",
    ]


def seen(readers: dict[str, FlaskClient], paths: list[str]) -> dict[tuple[str, str], object]:
    answers = {}
    for name, reader in readers.items():
        for path in paths:
            answer = reader.get(path)
            body = re.sub(
                r'name="(?:[a-z]+-)?(csrf_token|key|attempt|shown)"[^>]*>', "", answer.text
            )
            kept = [
                (header, value)
                for header, value in answer.headers
                if header not in ("Set-Cookie", "Date", "Content-Length", "ETag")
            ]
            answers[name, path] = (answer.status_code, kept, body)
    return answers


def letters() -> list[tuple[Any, ...]]:
    told = sa.select(OutgoingMail.about, OutgoingMail.subject, OutgoingMail.text)
    return sorted(map(tuple, db.session.execute(told)))


def test_no_page_export_or_letter_of_an_open_round_depends_on_how_people_vote(
    newsroom, open_round, readers
):
    voters = newsroom.members(24)
    votes = open_round()
    with newsroom.at_work():
        for voter in voters[:5]:
            follows.follow(votes.row.entries[0].topic, voter)
        db.session.commit()
    paths = addresses(newsroom)
    assert len(paths) > 60
    seen(readers, paths)  # what is shown once only is gone now
    cli = newsroom.app.test_cli_runner()
    told = []
    for favourite, other in (("Roads", "Buses"), ("Hospitals", "Roads")):
        for number, voter in enumerate(voters):
            votes.cast(voter, *([favourite] if number % 5 else [other, favourite]))
        with newsroom.at_work():
            schedule.remind_due()
            tell_due()
            mail = letters()
        metrics = cli.invoke(args=["metrics", "--json"]).output
        told.append((seen(readers, paths), mail, metrics))
    for before, after in zip(told[0][0].items(), told[1][0].items(), strict=True):
        assert before == after
    assert told[0][1:] == told[1][1:]

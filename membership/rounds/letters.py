"""Letters about a vote to who is on its roll: it opens, it is about to close, it is counted."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from flask_babel import LazyString

from membership import web
from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.rounds.models import RollEntry, Round
from membership.topics import news
from membership.topics.models import Follow, News, NewsKind
from membership.topics.news import Letter


def tell_of_opening(round: Round) -> None:
    news.add(NewsKind.opened, round_id=round.id)


def remind(round: Round) -> None:
    news.add(NewsKind.reminder, round_id=round.id)


def tell_of_outcome(round: Round) -> None:
    news.add(NewsKind.outcome, round_id=round.id)


def tell_due() -> int:
    """Queue mail for what is not told yet, of topics and of rounds; how many. Commits."""
    return news.tell(LETTERS)


def _followers(about: News) -> sa.Select[int]:
    """Who follows the topic; but for who is written to about the whole round."""
    followers, step = news.followers(about), news.step_of(about)
    if step.round_id is None:
        return followers
    return followers.where(Follow.person_id.not_in(_on_roll(step.round_id)))


def _voters(about: News) -> sa.Select[int]:
    assert about.round_id is not None
    return _on_roll(about.round_id)


def _not_voted(about: News) -> sa.Select[int]:
    return _voters(about).where(RollEntry.voted.is_(False))


def _on_roll(round_id: int) -> sa.Select[int]:
    return (
        sa.select(RollEntry.person_id)
        .join(Person, Person.id == RollEntry.person_id)
        .where(RollEntry.round_id == round_id, Person.wants_vote_mail)
    )


def _queue_opening(about: News, person: Person) -> bool:
    round = _round(about)
    topics = [entry.title for entry in round.ballot]
    return _is_open(round) and _queue("round_opened", about, person, topics)


def _queue_reminder(about: News, person: Person) -> bool:
    return _is_open(_round(about)) and _queue("round_reminder", about, person, [])


def _is_open(round: Round) -> bool:
    """Whether one can still vote: a job may come late."""
    return round.closed_at is None and clock.now() < round.closes_at


def _queue_outcome(about: News, person: Person) -> bool:
    chosen = [entry.topic.title for entry in _round(about).chosen]
    template = "round_outcome" if chosen else "round_without_outcome"
    return _queue(template, about, person, topics=chosen)


def _queue(template: str, about: News, person: Person, topics: Sequence[str]) -> bool:
    round = _round(about)
    return news.queue(
        template,
        person,
        f"{about.kind}:{round.id}",
        says={"round": round.title, "until": LazyString(web.when, round.closes_at)},
        topics=topics,
        digest=round.terms_digest if about.kind is NewsKind.opened else round.ballots_digest,
        link=news.address(f"/rounds/{round.slug}"),
        account=news.address("/account"),
    )


def _round(about: News) -> Round:
    return db.session.get_one(Round, about.round_id)


LETTERS: Mapping[NewsKind, Letter] = {
    NewsKind.step: Letter(_followers, news.queue_step),
    NewsKind.opened: Letter(_voters, _queue_opening),
    NewsKind.reminder: Letter(_not_voted, _queue_reminder),
    NewsKind.outcome: Letter(_voters, _queue_outcome),
}

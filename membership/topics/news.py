"""Telling many people: who follows a topic, who is on a roll.

What happens is written down with what it is about, in one transaction. The mails are queued by
a job, page by page, each page committed with how far it came: a process that dies tells nobody
twice and forgets nobody. No mail depends on how anybody voted.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from flask import current_app

from membership.clock import clock
from membership.extensions import db
from membership.mail import outbox
from membership.patrons.models import Person
from membership.topics.models import Follow, News, NewsKind, RollEntry, Round, TopicStep

PAGE, LETTERS_A_RUN = 200, 1_000

Audience = Callable[[News], sa.Select[int]]


def tell_of_step(step: TopicStep) -> None:
    _add(NewsKind.step, step=step)


def tell_of_opening(round: Round) -> None:
    _add(NewsKind.opened, round=round)


def remind(round: Round) -> None:
    _add(NewsKind.reminder, round=round)


def tell_of_outcome(round: Round) -> None:
    _add(NewsKind.outcome, round=round)


def tell_due() -> int:
    """Queue mail for what is not told yet, oldest first; how many mails.

    After LETTERS_A_RUN the rest waits for the next run, so that closing a round never waits for
    letters. Commits after each page.
    """
    queued = 0
    while queued < LETTERS_A_RUN:
        news = db.session.scalar(
            sa.select(News)
            .where(News.done_at.is_(None))
            .order_by(News.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if news is not None:
            queued += _tell_page(news)
        db.session.commit()
        if news is None:
            break
    return queued


def _add(kind: NewsKind, **about: object) -> None:
    db.session.add(News(kind=kind, created_at=clock.now(), **about))


def _tell_page(news: News) -> int:
    audience = AUDIENCES[news.kind](news).subquery()
    people = db.session.scalars(
        sa.select(Person)
        .where(
            Person.id.in_(sa.select(audience.c[0])),
            Person.id > news.up_to,
            Person.active,
        )
        .order_by(Person.id)
        .limit(PAGE)
    ).all()
    told = sum(TELL[news.kind](news, person) for person in people)
    if len(people) < PAGE:
        news.done_at = clock.now()
    else:
        news.up_to = people[-1].id
    return told


def _followers(news: News) -> sa.Select[int]:
    """Who follows the topic; but for who is written to about the whole round."""
    step = news.step
    assert step is not None
    followers = sa.select(Follow.person_id).where(Follow.topic_id == step.topic_id)
    if step.round_id is None:
        return followers
    return followers.where(Follow.person_id.not_in(_on_roll(step.round_id)))


def _voters(news: News) -> sa.Select[int]:
    assert news.round_id is not None
    return _on_roll(news.round_id)


def _not_voted(news: News) -> sa.Select[int]:
    return _voters(news).where(RollEntry.voted.is_(False))


def _on_roll(round_id: int) -> sa.Select[int]:
    return (
        sa.select(RollEntry.person_id)
        .join(Person, Person.id == RollEntry.person_id)
        .where(RollEntry.round_id == round_id, Person.wants_vote_mail)
    )


AUDIENCES: Mapping[NewsKind, Audience] = {
    NewsKind.step: _followers,
    NewsKind.opened: _voters,
    NewsKind.reminder: _not_voted,
    NewsKind.outcome: _voters,
}


def _tell_of_step(news: News, person: Person) -> bool:
    step = news.step
    assert step is not None
    topic = step.topic
    return _queue(
        "topic_step",
        person,
        f"step:{step.id}",
        topic=topic,
        step=step,
        into=topic.merged_into if step.state == "merged" else None,
        link=_address(f"/topics/{topic.slug}"),
    )


def _tell_of_opening(news: News, person: Person) -> bool:
    return _is_open(news) and _tell_of_round("round_opened", news, person)


def _remind(news: News, person: Person) -> bool:
    return _is_open(news) and _tell_of_round("round_reminder", news, person)


def _is_open(news: News) -> bool:
    """Whether one can still vote: a job may come late."""
    assert news.round is not None
    return news.round.closed_at is None and clock.now() < news.round.closes_at


def _tell_of_outcome(news: News, person: Person) -> bool:
    assert news.round is not None
    chosen = [entry.topic for entry in news.round.chosen]
    return _tell_of_round("round_outcome", news, person, chosen=chosen)


def _tell_of_round(template: str, news: News, person: Person, **facts: Any) -> bool:
    round = news.round
    assert round is not None
    return _queue(
        template,
        person,
        f"{news.kind}:{round.id}",
        round=round,
        link=_address(f"/rounds/{round.slug}"),
        account=_address("/account"),
        **facts,
    )


TELL: Mapping[NewsKind, Callable[[News, Person], bool]] = {
    NewsKind.step: _tell_of_step,
    NewsKind.opened: _tell_of_opening,
    NewsKind.reminder: _remind,
    NewsKind.outcome: _tell_of_outcome,
}


def _queue(template: str, person: Person, about: str, **facts: Any) -> bool:
    return outbox.queue(
        template,
        to=person.email,
        language=person.language,
        about=f"{about}:{person.id}",
        bulk=True,
        **facts,
    )


def _address(path: str) -> str:
    return f"{current_app.config['SITE_URL']}{path}"

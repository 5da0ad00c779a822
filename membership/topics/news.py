"""Telling many people of what happens, beginning with who follows a topic.

What happens is written down with what it is about, in one transaction. The mails are queued by
a job, page by page, each page committed with how far it came: a process that dies tells nobody
twice and forgets nobody. No mail depends on how anybody voted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from membership.clock import clock
from membership.extensions import db, settings
from membership.mail import outbox
from membership.mail.outbox import Says
from membership.patrons import marks, people
from membership.patrons.models import Person
from membership.topics.models import Follow, News, NewsKind, TopicState, TopicStep
from membership.topics.words import state_name

PAGE, LETTERS_A_RUN = 200, 1_000


@dataclass(frozen=True)
class Letter:
    """Who is written to about a piece of news, and how: `queue` says whether a mail was queued."""

    audience: Callable[[News], sa.Select[int]]
    queue: Callable[[News, Person], bool]


def tell_of_step(step: TopicStep) -> None:
    add(NewsKind.step, step=step)


def add(kind: NewsKind, **about: object) -> None:
    """Write down that there is something to tell."""
    db.session.add(News(kind=kind, created_at=clock.now(), **about))


def tell(letters: Mapping[NewsKind, Letter]) -> int:
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
            queued += _tell_page(news, letters[news.kind])
        db.session.commit()
        if news is None:
            break
    return queued


def followers(news: News) -> sa.Select[int]:
    """Who follows the topic that took a step."""
    return sa.select(Follow.person_id).where(Follow.topic_id == step_of(news).topic_id)


def queue_step(news: News, person: Person) -> bool:
    step = step_of(news)
    topic, into = step.topic, step.topic.merged_into
    says: dict[str, str | LazyString] = {"topic": topic.title, "why": why_in_words(step.reason)}
    if step.state is TopicState.published:
        template = "topic_published"
    elif step.state is TopicState.merged and into is not None:
        template = "topic_merged"
        says["into"] = into.title
    else:
        template = "topic_step"
        says["state"] = LazyString(state_name, step.state)
    return queue(
        template,
        person,
        f"step:{step.id}",
        says=says,
        story=marks.for_reader(step.link, person),
        link=address(f"/topics/{topic.slug}"),
    )


def why_in_words(reason: str | None) -> LazyString | str:
    return _l("Why: %(reason)s", reason=reason) if reason else ""


def step_of(news: News) -> TopicStep:
    assert news.step is not None
    return news.step


def queue(template: str, person: Person, about: str, *, says: Says, **context: Any) -> bool:
    """Queue one of many letters; `about` names it, so that nobody gets it twice."""
    return outbox.queue(
        template,
        to=person.email,
        language=person.language,
        about=f"{about}:{person.id}",
        says={"name": people.called(person), **says},
        bulk=True,
        **context,
    )


def address(path: str) -> str:
    return f"{settings.site_url}{path}"


def _tell_page(news: News, letter: Letter) -> int:
    audience = letter.audience(news).subquery()
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
    told = sum(letter.queue(news, person) for person in people)
    if len(people) < PAGE:
        news.done_at = clock.now()
    else:
        news.up_to = people[-1].id
    return told

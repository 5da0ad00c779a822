"""What a letter would say to somebody, to look at it before anybody gets it.

As things stand with that person; where nothing of the kind is known of them, by an invented sum,
topic or round. No link in it leads in.
"""

from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from membership import web
from membership.articles.corrections import telling
from membership.books import mails
from membership.books.models import Interval, Subscription
from membership.clock import clock
from membership.extensions import db, settings
from membership.mail.outbox import Says
from membership.money import Money
from membership.patrons import addresses, memberships, people, sign_in
from membership.patrons.models import Person
from membership.rounds.models import Round
from membership.settings import letters
from membership.staff import invitations
from membership.topics import news
from membership.topics.models import Follow, Topic, TopicState
from membership.topics.words import state_name

AMOUNT = 500


class Example(NamedTuple):
    """What outbox.write fills in: a letter's facts, and what its template asks for."""

    says: Says
    context: dict[str, Any]


def example(name: str, person: Person) -> Example:
    money, interval = _gift(person)
    if name == "thanks_gift":
        interval = Interval.once
    round, topic, now = _round(), _topic(person), clock.now()
    period = memberships.current_period(person)
    ends = period.ends_at if period and period.ends_at else now + timedelta(days=14)
    gives = mails.gives_in_words(money, interval)
    facts: dict[str, str | LazyString] = {
        "name": people.called(person),
        "sum": LazyString(web.money, money) if name == "payment_failed" else gives,
        "reason": mails.why_refused("expired_card")
        if name == "payment_failed"
        else _l("two sources confirm it."),
        "ends": mails.ends_in_words(ends),
        "first": gives,
        "second": mails.gives_in_words(money, Interval.year),
        "round": round.title if round else _l("What we cover next"),
        "until": LazyString(web.when, round.closes_at if round else now + timedelta(days=7)),
        "topic": topic.title if topic else _l("A topic"),
        "into": _l("Another topic"),
        "state": LazyString(state_name, TopicState.reporting),
        "article": _l("An article"),
        "passage": telling.passage_in_words(str(_l("The bridge was built in 1897"))),
        "was": _l("The bridge was built in 1897."),
        "now": _l("The bridge was built in 1879."),
        "question": _l("Where did you read of it?"),
        "why": news.why_in_words(str(_l("two readers have sent us documents."))),
    }
    titles = [entry.title for entry in round.ballot] if round else []
    context = {
        "link": settings.site_url,
        "story": settings.site_url,
        "account": news.address("/account"),
        "reason": "expired_card",
        "minutes": int(sign_in.REQUESTED_LASTS.total_seconds() // 60),
        "days": (invitations if name == "staff_invitation" else addresses).LASTS.days,
        "topics": titles or [_l("A topic"), _l("Another topic")],
        "digest": round and (round.ballots_digest or round.terms_digest),
    }
    return Example({name: facts[name] for name in letters.LETTERS[name].facts}, context)


def latest_patron() -> Person | None:
    """Of whom we heard last that they give regularly."""
    return db.session.scalar(
        sa.select(Person)
        .join(Subscription, Subscription.person_id == Person.id)
        .where(Subscription.mode == settings.mode, Person.active)
        .order_by(Subscription.id.desc())
        .limit(1)
    )


def _gift(person: Person) -> tuple[Money, Interval]:
    last = db.session.scalar(
        sa.select(Subscription)
        .where(Subscription.person_id == person.id, Subscription.mode == settings.mode)
        .order_by(Subscription.id.desc())
        .limit(1)
    )
    if last is None:
        return Money(AMOUNT, settings.currencies[0]), Interval.month
    return last.money, last.interval


def _round() -> Round | None:
    return db.session.scalar(
        sa.select(Round).where(Round.opened_at.is_not(None)).order_by(Round.id.desc()).limit(1)
    )


def _topic(person: Person) -> Topic | None:
    """One that they follow, the latest first; otherwise the latest of all."""
    follows = sa.exists().where(Follow.topic_id == Topic.id, Follow.person_id == person.id)
    return db.session.scalar(
        sa.select(Topic)
        .where(Topic.hidden.is_(False))
        .order_by(sa.case((follows, 0), else_=1), Topic.id.desc())
        .limit(1)
    )

"""A newsroom to tell stories about: people, tiers and memberships in a real database."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from config import Mode
from membership import seed
from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons import people, sign_in
from membership.patrons.models import MembershipKind, MembershipPeriod, Person
from membership.patrons.touched import touch
from membership.settings import changes
from membership.staff.settings import setting

NOON = datetime.fromisoformat("2026-03-10T12:00:00+00:00")


class Newsroom:
    """Each verb runs in an application context of its own and commits."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._numbers = itertools.count(1)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """An application context, for calling verbs and looking at rows."""
        with self.app.app_context():
            yield

    def tiers(self) -> None:
        with self.at_work():
            seed.set_up_tiers()

    def set(self, **values: Any) -> None:
        """As an admin sets them at the desk, by their names."""
        with self.at_work():
            setting.change(values, seen=changes.version(values), by=None)

    def person(self, email: str | None = None, *, role: str | None = None) -> Person:
        with self.at_work():
            number = next(self._numbers)
            person = people.ensure(email or f"reader{number}@example.org", name=f"Reader {number}")
            if role:
                people.give_role(person, role)
            db.session.commit()
            return self._loose(person)

    def member(
        self,
        email: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: MembershipKind = MembershipKind.patron,
    ) -> Person:
        """A person whose membership holds from `since` (default a month ago) to `until`."""
        person = self.person(email)
        with self.at_work():
            db.session.add(
                MembershipPeriod(
                    person_id=person.id,
                    kind=kind,
                    source=f"test:{person.id}",
                    mode=Mode.sandbox,
                    starts_at=since or clock.now() - timedelta(days=30),
                    ends_at=until or clock.now() + timedelta(days=365),
                )
            )
            touch(person.id)
            db.session.commit()
        return person

    def members(self, count: int) -> list[Person]:
        return [self.member() for _ in range(count)]

    def signed_in(self, person: Person) -> FlaskClient:
        """A browser in which `person` followed a sign-in link."""
        with self.at_work():
            link = sign_in.make_link(
                db.session.get_one(Person, person.id), lasts=timedelta(minutes=5)
            )
            db.session.commit()
        client = self.app.test_client()
        answer = client.post(link.removeprefix(self.app.extensions["settings"].site_url))
        assert answer.status_code == 303, answer.text
        return client

    def count(self, model: type) -> int:
        with self.at_work():
            return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0

    def told(self) -> list[str]:
        """What mails were queued about, without which one: `thanks`, `failed`, `staff`."""
        with self.at_work():
            abouts = db.session.scalars(sa.select(OutgoingMail.about).order_by(OutgoingMail.id))
            return sorted(about.partition(":")[0] for about in abouts)

    def _loose(self, row: Person) -> Person:
        db.session.refresh(row)
        list(row.roles)  # loaded, for when there is no session to ask
        db.session.expunge(row)
        return row

"""What a row says of a person, or why it is set aside."""

from dataclasses import dataclass
from datetime import datetime

from membership.money import Money
from membership.patrons.models import MembershipKind

BROKEN = {"quotes", "cells", "letters", "long"}
"""Why a row was set aside as it was read, before anybody said what is in its columns."""


class Fault(ValueError):
    """Why a row is set aside, and what of it that is about."""

    def __init__(self, reason: str, about: str = "") -> None:
        super().__init__(reason, about)
        self.reason, self.about = reason, about[:200]


@dataclass(frozen=True)
class Member:
    """A membership from one moment to another (UTC)."""

    kind: MembershipKind
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Gift:
    """Money that was given, and by what number the other program knows it; when (UTC), and on what
    day or at what moment as it is written.
    """

    money: Money
    at: datetime
    on: str
    reference: str


@dataclass(frozen=True)
class Said:
    """What a row says of a person; `is_stripes` that its payment went through Stripe."""

    email: str
    name: str | None
    language: str | None
    member: Member | None
    consented_at: datetime | None
    note: str | None
    gift: Gift | None
    is_stripes: bool

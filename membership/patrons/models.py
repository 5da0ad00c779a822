import secrets
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask_security import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config import Mode
from membership.extensions import Model
from membership.modes import of_process

LANGUAGE = sa.String(16)

roles_of_people = sa.Table(
    "person_role",
    Model.metadata,
    sa.Column("person_id", sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Model, RoleMixin):
    """`editor`, `finance` or `admin`; the migration puts these three in."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(32), unique=True)


class Person(Model, UserMixin):
    """Anybody with an address we know: a patron, a former one, a member of staff."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(320), unique=True)
    name: Mapped[str | None] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(LANGUAGE, index=True)
    active: Mapped[bool] = mapped_column(default=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    fs_uniquifier: Mapped[str] = mapped_column(
        sa.String(64),
        unique=True,
        default=lambda: secrets.token_hex(32),
        doc="Names the person in session cookies; a new one ends every session.",
    )
    wants_vote_mail: Mapped[bool] = mapped_column(
        default=True,
        index=True,
        doc="To be written to when a vote opens, is about to close, is counted.",
    )
    wants_monday_letter: Mapped[bool] = mapped_column(
        default=False,
        server_default=sa.false(),
        doc="Of staff: to get the week's figures by e-mail each Monday.",
    )
    created_at: Mapped[datetime]
    met_in: Mapped[Mode | None] = mapped_column(
        default=of_process,
        doc="Stripe's mode in which we came to know of them; None of whoever was there before.",
    )
    joined_into_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True, doc="Who stayed when the two turned out to be one."
    )

    roles: Mapped[list[Role]] = relationship(secondary=roles_of_people)  # type: ignore[assignment]
    periods: Mapped[list["MembershipPeriod"]] = relationship(
        back_populates="person", order_by="MembershipPeriod.starts_at"
    )


class MembershipKind(StrEnum):
    patron = "patron"
    gift = "gift"
    comped = "comped"
    offline = "offline"


class MembershipPeriod(Model):
    """From when to when a person is a member, and why. The end moves as donations arrive."""

    __tablename__ = "membership_period"
    __table_args__ = (
        sa.UniqueConstraint("source", "number"),
        sa.Index("ix_membership_period_ends", "mode", "ends_at"),
        sa.Index("ix_membership_period_kind", "kind", "ends_at", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[MembershipKind]
    source: Mapped[str] = mapped_column(
        sa.String(120), doc="What it comes from, such as a Stripe subscription's id."
    )
    number: Mapped[int] = mapped_column(default=1, doc="Of several from one source, with gaps.")
    mode: Mapped[Mode]
    starts_at: Mapped[datetime]
    paid_until: Mapped[datetime | None]
    ends_at: Mapped[datetime | None] = mapped_column(doc="Exclusive; None is without end.")
    contested: Mapped[bool] = mapped_column(
        default=False, doc="A payment that it rests on is disputed: a member, but without a vote."
    )

    person: Mapped[Person] = relationship(back_populates="periods")


class SignInLink(Model):
    """A one-time key sent by e-mail. Only its hash is kept."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AddressChange(Model):
    """Another address for a person, once both who reads the old and who reads the new one agree.

    Of the two keys sent by e-mail only the hashes are kept.
    """

    __tablename__ = "address_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    old: Mapped[str] = mapped_column(sa.String(320))
    new: Mapped[str] = mapped_column(sa.String(320))
    old_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    new_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None] = mapped_column(doc="When Stripe was told.")

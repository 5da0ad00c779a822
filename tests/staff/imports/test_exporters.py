"""Files as each program exports them: their columns are those that docs/importing.md names."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from membership import days
from membership.books.models import LedgerEntry
from membership.extensions import db
from membership.patrons import consent
from membership.patrons.models import Person
from membership.staff.import_models import Import
from tests.factories import Newsroom
from tests.staff.imports.conftest import GHOST, fates, file

PATREON = file("patreon")
STEADY = file("steady")
COFFEE_MEMBERS = file("buymeacoffee_members")
COFFEE = file("buymeacoffee")
GIVEWP = file("givewp_donations")
GIVEWP_DONORS = file("givewp_donors")
DONORBOX = file("donorbox")
WORDS = {"consent_text": "Write to me."}


def exporter_of(newsroom: Newsroom, import_id: int) -> str | None:
    with newsroom.at_work():
        return db.session.get_one(Import, import_id).exporter


def members(newsroom: Newsroom) -> dict[str, tuple[str, str, str]]:
    """By the name in front of the @: the kind of membership, its first and its last day."""
    with newsroom.at_work():
        people = db.session.scalars(sa.select(Person)).unique()
        return {
            person.email.partition("@")[0]: (
                period.kind.value,
                days.of(period.starts_at).isoformat(),
                days.of(period.ends_at).isoformat(),
            )
            for person in people
            for period in person.periods
        }


def gifts(newsroom: Newsroom) -> list[tuple[str, int, str, str, str | None]]:
    with newsroom.at_work():
        entries = db.session.scalars(sa.select(LedgerEntry).order_by(LedgerEntry.id)).all()
        return [
            (
                entry.person.email.partition("@")[0],
                entry.amount,
                entry.currency,
                days.of(entry.occurred_at).isoformat(),
                entry.note,
            )
            for entry in entries
        ]


def agreed(newsroom: Newsroom) -> list[str]:
    with newsroom.at_work():
        people = db.session.scalars(sa.select(Person).order_by(Person.id))
        return [one.email.partition("@")[0] for one in people if consent.of(one)]


def test_ghost(newsroom: Newsroom, bring: Callable[..., int]):
    number = bring(GHOST, until="2026-12-31", **WORDS)
    assert exporter_of(newsroom, number) == "ghost"
    assert members(newsroom) == {"olha": ("comped", "2024-10-18", "2027-01-01")}
    assert agreed(newsroom) == ["olha"]
    assert [fate for _line, fate, _reason in fates(newsroom, number)] == [
        "new",
        "new",
        "aside",
        "aside",
    ]


def test_patreon(newsroom: Newsroom, bring: Callable[..., int]):
    number = bring(PATREON)
    assert exporter_of(newsroom, number) == "patreon"
    assert members(newsroom) == {
        "olha": ("offline", "2025-06-08", "2026-04-01"),
        "taras": ("offline", "2025-02-28", "2026-03-31"),
    }
    assert [fate for _line, fate, _reason in fates(newsroom, number)] == ["new"] * 4
    assert gifts(newsroom) == []


def test_steady(newsroom: Newsroom, bring: Callable[..., int]):
    number = bring(STEADY)
    assert exporter_of(newsroom, number) == "steady"
    assert members(newsroom) == {
        "taras": ("gift", "2025-11-01", "2026-11-01"),
        "ivan": ("comped", "2026-03-01", "2026-03-31"),
        "former": ("offline", "2024-03-01", "2024-06-01"),
    }
    assert fates(newsroom, number)[0] == (2, "aside", "no_end")
    bring(STEADY, until="2026-06-30")
    assert members(newsroom)["olha"] == ("offline", "2025-03-01", "2026-07-01")


def test_buy_me_a_coffee(newsroom: Newsroom, bring: Callable[..., int]):
    number = bring(COFFEE_MEMBERS)
    assert exporter_of(newsroom, number) == "buymeacoffee_members"
    assert members(newsroom) == {
        "olha": ("offline", "2025-09-01", "2026-04-01"),
        "taras": ("offline", "2025-01-01", "2025-02-01"),
    }
    number = bring(COFFEE)
    assert exporter_of(newsroom, number) == "buymeacoffee"
    assert gifts(newsroom) == [
        ("olha", 1500, "usd", "2025-06-05", "Buy Me a Coffee bmc_1"),
        ("olha", 500, "usd", "2025-07-05", "Buy Me a Coffee bmc_2"),
    ]
    assert fates(newsroom, number)[2:] == [(4, "aside", "unpaid"), (5, "new", None)]


def test_givewp(newsroom: Newsroom, bring: Callable[..., int]):
    number = bring(GIVEWP)
    assert exporter_of(newsroom, number) == "givewp_donations"
    assert gifts(newsroom) == [
        ("olha", 125000, "eur", "2025-03-05", "GiveWP 7"),
        ("olha", 1000, "eur", "2025-03-06", "GiveWP 8"),
    ]
    assert fates(newsroom, number) == [
        (2, "new", None),
        (3, "more", None),
        (4, "aside", "unpaid"),
        (5, "new", None),
    ]
    bring(GIVEWP, takes_stripes=True)
    assert gifts(newsroom)[2:] == [("ivan", 1000, "eur", "2025-03-06", "GiveWP 10")]
    number = bring(GIVEWP_DONORS)
    assert exporter_of(newsroom, number) == "givewp_donors"
    assert fates(newsroom, number) == [(2, "nothing", None)]


def test_donorbox(newsroom: Newsroom, bring: Callable[..., int]):
    number = bring(DONORBOX, **WORDS)
    assert exporter_of(newsroom, number) == "donorbox"
    assert gifts(newsroom) == [
        ("olha", 2550, "eur", "2025-06-05", "Donorbox 901"),
        ("olha", 2550, "eur", "2025-07-05", "Donorbox 902"),
    ]
    assert agreed(newsroom) == ["olha"]


@pytest.mark.parametrize(
    "text", [GHOST, PATREON, STEADY, COFFEE_MEMBERS, COFFEE, GIVEWP, GIVEWP_DONORS, DONORBOX]
)
def test_a_second_time_nothing_is_new(newsroom: Newsroom, bring: Callable[..., int], text: str):
    answers = {"until": "2026-12-31", **WORDS}
    bring(text, **answers)
    counts = newsroom.count(Person), members(newsroom), gifts(newsroom), agreed(newsroom)
    again = fates(newsroom, bring(text, "again.csv", is_dry=True, **answers))
    assert {fate for _line, fate, _reason in again} <= {"nothing", "aside"}
    bring(text, "once more.csv", **answers)
    after = newsroom.count(Person), members(newsroom), gifts(newsroom), agreed(newsroom)
    assert after == counts

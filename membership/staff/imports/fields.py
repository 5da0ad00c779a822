"""What a row says, once it is known which of its cells says what."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from membership import days
from membership.clock import clock
from membership.extensions import settings
from membership.money import Money
from membership.patrons import people
from membership.patrons.models import MembershipKind
from membership.staff.import_models import Import
from membership.staff.imports import dates, exporters, sums
from membership.staff.imports.meanings import ENDED, KINDS, NO, PAID, STRIPE, YES
from membership.staff.imports.said import Fault, Gift, Member, Said

FIELDS = (
    *("email", "name", "first_name", "last_name", "language"),
    *("kind", "is_gift", "start", "end", "end_else", "gone"),
    *("consent", "consented_at", "note"),
    *("amount", "times", "currency", "given_on", "reference", "status", "refunded", "through"),
)
DATES = ("start", "end", "end_else", "consented_at", "given_on")
LONGEST_NAME, LONGEST_NOTE = 200, 2000
LONGEST_ADDRESS = 320


class Reader:
    """Reads rows of one file, as its columns are matched and its questions answered."""

    def __init__(self, brought: Import) -> None:
        self._matched: Mapping[str, int] = brought.matched
        self._answers: Mapping[str, Any] = brought.answers
        self._evidence: Mapping[str, Any] = brought.evidence
        self._exporter = exporters.NAMED.get(brought.exporter or "")
        self._begun = brought.at

    @cached_property
    def has_gifts(self) -> bool:
        return "amount" in self._matched

    def read(self, cells: Sequence[str]) -> Said:
        """Raises Fault."""
        email = self._email(cells)
        if self._cell(cells, "gone"):
            raise Fault("gone", self._cell(cells, "gone"))
        gift, is_stripes = self._gift(cells)
        return Said(
            email=email,
            name=self._name(cells),
            language=self._language(cells),
            member=self._member(cells),
            consented_at=self._consented_at(cells),
            note=self._note(cells),
            gift=gift,
            is_stripes=is_stripes,
        )

    def _cell(self, cells: Sequence[str], field: str) -> str:
        place = self._matched.get(field)
        return cells[place] if place is not None and place < len(cells) else ""

    def _email(self, cells: Sequence[str]) -> str:
        text = self._cell(cells, "email")
        if not text:
            raise Fault("no_address")
        if len(text) > LONGEST_ADDRESS:
            raise Fault("address", text)
        try:
            email = people.normalise(text.removeprefix("mailto:"))
        except people.NotAnAddress:
            raise Fault("address", text) from None
        if email.endswith("@nobody.invalid"):
            raise Fault("address", text)
        return email

    def _name(self, cells: Sequence[str]) -> str | None:
        parts = (self._cell(cells, "first_name"), self._cell(cells, "last_name"))
        name = " ".join(filter(None, parts)) or self._cell(cells, "name")
        name = " ".join(name.split())
        if len(name) > LONGEST_NAME:
            raise Fault("name", name)
        return name or None

    def _language(self, cells: Sequence[str]) -> str | None:
        text = self._cell(cells, "language").lower().replace("-", "_")
        known = {code.lower(): code for code in settings.languages}
        return known.get(text) or known.get(text.partition("_")[0])

    def _member(self, cells: Sequence[str]) -> Member | None:
        kind = self._kind(cells)
        if kind is None:
            return None
        end = self._date(cells, "end") or self._date(cells, "end_else")
        if end is None and kind == ENDED:
            return None
        until = end.ends if end else self._until
        if until is None:
            raise Fault("no_end")
        start = self._date(cells, "start")
        since = start.begins if start else min(self._begun, until)
        if since >= until:
            if start is None or since > until:
                raise Fault("ends_first", f"{days.of(since)} – {days.of(until)}")
            return None
        kind = MembershipKind.offline if kind == ENDED else MembershipKind(kind)
        return Member(kind, since, until)

    def _kind(self, cells: Sequence[str]) -> str | None:
        """The word for it; None for nobody's membership."""
        if self._cell(cells, "is_gift").lower() in YES - {""}:
            return str(MembershipKind.gift.value)
        if "kind" not in self._matched:
            return self._answers.get("kind") or None
        text = self._cell(cells, "kind").lower()
        known = {**KINDS, **(self._exporter.kinds if self._exporter else {})}
        if text not in known:
            raise Fault("kind", text)
        return known[text] or None

    @cached_property
    def _until(self) -> datetime | None:
        until = self._answers.get("until")
        return days.end(date.fromisoformat(until)) if until else None

    def _date(self, cells: Sequence[str], field: str) -> dates.Read | None:
        text = self._cell(cells, field)
        if not text or text in ("-", "0000-00-00", "0000-00-00 00:00:00"):
            return None
        try:
            return dates.read(text, self._order(field))
        except dates.NotADate:
            raise Fault("date", text) from None

    def _order(self, field: str) -> str | None:
        """As it was answered, else the one in which all dates of the column are dates."""
        place = str(self._matched[field])
        answered = (self._answers.get("orders") or {}).get(place)
        orders = (self._evidence.get(place) or {}).get("orders") or []
        return answered or (orders[0] if orders else None)

    def _consented_at(self, cells: Sequence[str]) -> datetime | None:
        """When (UTC) they agreed; None where they did not, or nobody said to what."""
        text = self._cell(cells, "consent").lower()
        if text in NO or not self._answers.get("consent_text"):
            return None
        if text not in YES:
            raise Fault("consent", text)
        on = self._date(cells, "consented_at")
        answered = self._answers.get("consented_on")
        at = on.begins if on else days.begin(date.fromisoformat(answered)) if answered else None
        if at is not None and at > clock.now():
            raise Fault("ahead", self._cell(cells, "consented_at"))
        return at

    def _note(self, cells: Sequence[str]) -> str | None:
        note = self._cell(cells, "note")
        if len(note) > LONGEST_NOTE:
            raise Fault("note")
        return note or None

    def _gift(self, cells: Sequence[str]) -> tuple[Gift | None, bool]:
        text = self._cell(cells, "amount")
        if not text:
            return None, False
        if (status := self._cell(cells, "status").lower()) not in PAID:
            raise Fault("unpaid", status)
        if self._cell(cells, "refunded").lower() not in NO:
            raise Fault("unpaid", self._cell(cells, "refunded"))
        money = self._money(text, cells)
        if money.amount == 0:
            return None, False
        if money.amount < 0:
            raise Fault("negative", text)
        if self._cell(cells, "through").lower().startswith(STRIPE) and not self._answers.get(
            "takes_stripes"
        ):
            return None, True
        on = self._date(cells, "given_on")
        if on is None:
            raise Fault("no_day")
        if on.begins > clock.now():
            raise Fault("ahead", self._cell(cells, "given_on"))
        return Gift(money, on.begins, on.written, self._cell(cells, "reference")), False

    def _money(self, text: str, cells: Sequence[str]) -> Money:
        place = str(self._matched["amount"])
        decimal = (self._evidence.get(place) or {}).get("decimal")
        said, default = self._cell(cells, "currency"), self._answers.get("currency") or ""
        try:
            money = sums.read(text, said=said, default=default, decimal=decimal)
            times = self._cell(cells, "times")
            money = Money(money.amount * int(times or 1), money.currency)
        except sums.UnknownCurrency as unknown:
            raise Fault("currency", str(unknown)) from None
        except sums.Unclear:
            raise Fault("unclear", text) from None
        except ValueError:
            raise Fault("amount", text) from None
        if money.amount > sums.MOST:
            raise Fault("amount", text)
        return money

"""What the pages of payments are asked for in their address."""

from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from membership import days
from membership.books import payment_names
from membership.books.models import EntryKind
from membership.books.payment_names import Named
from membership.extensions import settings
from membership.figures import money
from membership.figures.spans import Span
from membership.forms import Form
from membership.gateway import StripeDown, StripeRefused
from membership.history.booked import Way
from membership.money import Money
from membership.staff import words
from membership.staff.forms import typed
from membership.staff.money.payment_list import UNASKED, Coming, Wanted


class DaysForm(Form):
    """From which day to which; without a word from the first to the last there is."""

    first = DateField(_l("From"), name="from", validators=[Optional()])
    last = DateField(_l("To"), name="to", validators=[Optional()])

    def __init__(self) -> None:
        super().__init__(formdata=request.args)

    def validate_first(self, field: DateField) -> None:
        _check_day(field)

    def validate_last(self, field: DateField) -> None:
        _check_day(field)
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(_("Choose a day that is not before the first one."))

    @property
    def since(self) -> datetime | None:
        """When the first day begins, in UTC."""
        return days.begin(self.first.data) if self.first.data else None

    @property
    def until(self) -> datetime | None:
        """When the last day is over, in UTC."""
        return days.end(self.last.data) if self.last.data else None


class JournalForm(DaysForm):
    """Which days of the journal: this month unless it is said."""

    def __init__(self) -> None:
        super().__init__()
        if not self.last.raw_data or not self.last.raw_data[0]:
            self.last.data = days.today()
        if not self.first.raw_data or not self.first.raw_data[0]:
            self.first.data = (self.last.data or days.today()).replace(day=1)

    @property
    def span(self) -> Span:
        """Only after `read` said yes."""
        assert self.first.data is not None
        assert self.last.data is not None
        return Span(self.first.data, self.last.data)


class DonorsForm(DaysForm):
    """From which sum on donors are listed: any, this year, unless it is said."""

    currency = SelectField(_l("Currency"))
    least = StringField(_l("Amount from"), validators=[Optional(), Length(max=20)])

    def __init__(self) -> None:
        super().__init__()
        self.currency.choices = [(code, code.upper()) for code in settings.currencies]
        if self.currency.data is None:
            self.currency.data = settings.currencies[0]
        if "from" not in request.args:
            self.first.data = days.today().replace(month=1, day=1)
        self.money = Money(0, self.currency.data)

    def validate_least(self, field: StringField) -> None:
        self.money = typed_amount(field, self.currency.data or "")


class PaymentsForm(DaysForm):
    """How the list of payments is narrowed; all that is filled in must be true of a row."""

    kind = SelectMultipleField(_l("What"))
    way = SelectField(_l("How it came"))
    currency = SelectField(_l("Currency"))
    least = StringField(_l("Amount from"), validators=[Optional(), Length(max=20)])
    most = StringField(_l("Amount to"), validators=[Optional(), Length(max=20)])
    who = StringField(_l("Name or e-mail"), name="q", validators=[Optional(), Length(max=100)])
    number = StringField(
        _l("Number at Stripe"), name="id", validators=[Optional(), Length(max=255)]
    )
    person = IntegerField(name="person", widget=HiddenInput(), validators=[Optional()])

    def __init__(self) -> None:
        super().__init__()
        self.kind.choices = [(kind.value, words.kind_name(kind)) for kind in EntryKind]
        ways = [
            (Coming.recurring.value, _("By a subscription")),
            (Coming.renewal.value, _("Renewals alone")),
            (Coming.once.value, _("Once")),
        ]
        self.way.choices = [("", _("all")), *ways]
        self.way.data = self.way.data or ""
        known = [(code, code.upper()) for code in settings.currencies]
        self.currency.choices = [("", _("all")), *known]
        self.currency.data = self.currency.data or ""
        self.least_money: Money | None = None
        self.most_money: Money | None = None
        self.named: Named | None = None

    def validate_least(self, field: StringField) -> None:
        self.least_money = typed_amount(field, self.currency.data or "")

    def validate_most(self, field: StringField) -> None:
        self.most_money = typed_amount(field, self.currency.data or "")
        if self.least_money is not None and self.most_money.amount < self.least_money.amount:
            raise ValidationError(_("Enter an amount that is not below the first one."))

    def validate_number(self, field: StringField) -> None:
        try:
            self.named = payment_names.find((field.data or "").strip())
        except (StripeDown, StripeRefused):
            raise ValidationError(
                _("Only Stripe knows this number, and does not answer just now. Try again later.")
            ) from None

    @property
    def wanted(self) -> Wanted:
        """What was asked for. Only after `read` said yes."""
        return Wanted(
            kinds=[EntryKind(kind) for kind in self.kind.data or ()] or UNASKED,
            way=Coming(self.way.data) if self.way.data else None,
            since=self.since,
            until=self.until,
            currency=self.currency.data or None,
            least=self.least_money.amount if self.least_money else None,
            most=self.most_money.amount if self.most_money else None,
            who=(self.who.data or "").strip(),
            person_id=self.person.data,
            named=self.named,
        )


def _kinds(*kinds: EntryKind) -> dict[str, Any]:
    return {"kind": [kind.value for kind in kinds]}


ENTRIES_OF: dict[str, Any] = {
    "ways": {
        Way.recurring: _kinds(EntryKind.charge) | {"way": Coming.recurring.value},
        Way.once: _kinds(EntryKind.charge) | {"way": Coming.once.value},
        Way.offline: _kinds(EntryKind.offline),
    },
    "refunded": _kinds(*money.BACK),
    "contested": _kinds(*money.CONTESTED),
    "received": _kinds(*money.GIVEN, *money.BACK, *money.CONTESTED),
    "fees": _kinds(EntryKind.fee),
    "net": _kinds(*EntryKind),
}
"""How the address of the list of payments asks for those that a sum of figures is made of."""


def typed_amount(field: StringField, currency: str) -> Money:
    """How much was typed, whichever way it went. Raises ValidationError."""
    if not currency:
        raise ValidationError(_("Choose the currency of the amount."))
    return Money(abs(typed(field, currency).amount), currency)


def _check_day(field: DateField) -> None:
    if field.data is not None and not days.FIRST <= field.data <= days.LAST:
        raise ValidationError(_("There is nothing on so distant a day."))

"""The giving form. Amounts are radio tiles per interval, with an own amount among them."""

import secrets

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from membership.donations import tiers
from membership.donations.checkout import Wish
from membership.donations.models import Donation, Interval
from membership.money import Money, NotAnAmount
from membership.patrons import people
from membership.patrons.forms import is_address

OWN = "own"


class GivingForm(FlaskForm):
    attempt = HiddenField(validators=[InputRequired(), Length(min=16, max=64)])
    source = HiddenField(validators=[Optional(), Length(max=200)])
    currency = HiddenField()
    interval = RadioField(
        _l("How often"),
        choices=[
            SelectChoice(Interval.month.value, _l("Monthly")),
            SelectChoice(Interval.year.value, _l("Yearly")),
            SelectChoice(Interval.once.value, _l("Once")),
        ],
        default=Interval.month.value,
    )
    amount_month = RadioField(_l("Amount a month"), validate_choice=False)
    amount_year = RadioField(_l("Amount a year"), validate_choice=False)
    amount_once = RadioField(_l("Amount"), validate_choice=False)
    own_amount = StringField(_l("Your own amount"), validators=[Optional(), Length(max=20)])
    email = EmailField(
        _l("E-mail"),
        validators=[InputRequired(_l("Enter your e-mail address.")), Length(max=254), is_address],
    )

    def __init__(self, *, currency: str | None = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        offered: tuple[str, ...] = current_app.config["CURRENCIES"]
        chosen = currency or self.currency.data
        self.code = chosen if chosen in offered else offered[0]
        self.currency.data = self.code
        if not self.attempt.data:
            self.attempt.data = secrets.token_hex(16)
        self.offered = tiers.suggestions(self.code)
        for interval in Interval:
            self._offer(interval)

    def amounts(self, interval: Interval) -> RadioField:
        field: RadioField = self[f"amount_{interval.value}"]
        return field

    def fill_from(self, donation: Donation) -> None:
        """What a reader typed before going to Stripe and coming back."""
        self.email.data, self.source.data = donation.email, donation.source
        self.interval.data = donation.interval.value
        field = self.amounts(donation.interval)
        if donation.amount in [row.amount for row in self.offered[donation.interval]]:
            field.data = str(donation.amount)
        else:
            field.data, self.own_amount.data = OWN, str(donation.money.major)

    def validate(self, extra_validators: object = None) -> bool:
        good = super().validate(extra_validators)
        return self._check_amount() and good

    def wish(self) -> Wish:
        """What was asked for. Only after `validate` said yes."""
        return Wish(
            email=people.normalise(self.email.data or ""),
            money=self.money,
            interval=Interval(self.interval.data),
            language=str(get_locale()),
            source=self.source.data or None,
        )

    def _offer(self, interval: Interval) -> None:
        field, rows = self.amounts(interval), self.offered[interval]
        field.choices = [SelectChoice(value) for value in (*(str(r.amount) for r in rows), OWN)]
        if field.data is None:
            field.data = str(rows[min(1, len(rows) - 1)].amount) if rows else OWN

    def _check_amount(self) -> bool:
        """Work out the amount that counts: that of the chosen interval."""
        try:
            chosen = self.amounts(Interval(self.interval.data)).data
            if chosen == OWN:
                self.money = Money.parse(self.own_amount.data or "", self.code)
            else:
                self.money = Money(int(chosen), self.code)
        except (NotAnAmount, ValueError, TypeError):
            return self._refuse(_("Enter an amount as a number, such as 7 or 7.50."))
        least, most = tiers.smallest(self.code), current_app.config["MAX_AMOUNT"]
        if self.money.amount < least.amount:
            return self._refuse(
                _("The smallest amount we can take is %(money)s.", money=self._say(least.amount))
            )
        if self.money.amount > most:
            return self._refuse(
                _("%(money)s is the most we take by card. Write to us.", money=self._say(most))
            )
        return True

    def _say(self, amount: int) -> str:
        return Money(amount, self.code).format(get_locale())

    def _refuse(self, why: str) -> bool:
        self.own_amount.errors = [*self.own_amount.errors, why]
        return False

"""The giving form. Amounts are radio tiles per interval, with an own amount among them."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from membership.books import tiers
from membership.books.models import LONGEST_SOURCE, OFFERED, Donation, Interval, Tier
from membership.clock import at, clock
from membership.extensions import settings
from membership.forms import Form
from membership.giving import amounts, guard
from membership.giving.asked import LONGEST, Asked
from membership.giving.checkout import Wish
from membership.giving.held_back import Why
from membership.kept import hole
from membership.money import Money
from membership.patrons import people
from membership.patrons.forms import is_address
from membership.settings import words
from membership.settings.articles import NotOurs, ours
from membership.settings.current import rules

OWN = "own"
NAMES = {
    Interval.month: _l("Monthly"),
    Interval.year: _l("Yearly"),
    Interval.once: _l("Once"),
}
PREVIEW_HOLDS = timedelta(minutes=30)
MOST_BYTES = 2000
"""Of a source: an entry of an index has room for 2,704 on PostgreSQL (nbtree, "Maximum size")."""


class GivingForm(Form):
    """Bears a name of its own only while CHECKOUT_DELAY asks when it was shown; without one the
    donation is named by who sends what, so that the page can be the same for everybody.
    """

    attempt = HiddenField(validators=[Optional(), Length(min=16, max=64)])
    shown = HiddenField()
    website = StringField(_l("Leave this field empty"), validators=[Length(max=200)])
    source = HiddenField(validators=[Optional(), Length(max=LONGEST_SOURCE)])
    first_source = HiddenField(validators=[Optional(), Length(max=LONGEST_SOURCE)])
    campaign = HiddenField(validators=[Optional(), Length(max=LONGEST)])
    referrer = HiddenField(validators=[Optional(), Length(max=LONGEST)])
    currency = HiddenField()
    interval = RadioField(_l("How often"))
    amount_month = RadioField(_l("Amount a month"), validate_choice=False)
    amount_year = RadioField(_l("Amount a year"), validate_choice=False)
    amount_once = RadioField(_l("Amount"), validate_choice=False)
    own_amount = StringField(_l("Your own amount"), validators=[Optional(), Length(max=20)])
    consent = BooleanField()
    email = EmailField(
        _l("E-mail"),
        validators=[InputRequired(_l("Enter your e-mail address.")), Length(max=254), is_address],
    )

    def __init__(self, *, currency: str | None = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.held_back: Why | None = None
        offered: tuple[str, ...] = settings.currencies
        chosen = currency or self.currency.data
        self.asked_currency = None if currency else self.currency.data
        self.code = chosen if chosen in offered else offered[0]
        self.currency.data = self.code
        if settings.checkout_delay and not self.shown.data:
            self.attempt.data = new_attempt()
            self.shown.data = guard.token(self.attempt.data)
        self.intervals = tiers.intervals()
        self.interval.choices = _named(self.intervals)
        if self.interval.data is None:
            self.interval.data = tiers.first_interval().value
        self.offered = tiers.suggestions(self.code)
        for interval in OFFERED:
            self._offer(interval)

    def amounts(self, interval: Interval) -> RadioField:
        field: RadioField = self[f"amount_{interval.value}"]
        return field

    @property
    def with_benefits(self) -> list[Tier]:
        """Tiers on the page with which something comes, each once, the smallest amounts first."""
        rows = [row for interval in self.intervals for row in self.offered[interval]]
        return [tier for tier in dict.fromkeys(row.tier for row in rows) if tier.benefits]

    def fill_from_address(self, asked: Asked) -> None:
        """What is in the address goes into holes: the page is kept for everybody."""
        self.source.data, self.campaign.data = hole("source"), hole("campaign")
        self.referrer.data, self.email.data = hole("referrer"), hole("email")
        self.interval.data = asked.interval.value
        if asked.names_amount:
            self.amounts(asked.interval).data = OWN
            self.own_amount.data = hole("own_amount")

    def fill_from(self, donation: Donation) -> None:
        """What a reader typed before going to Stripe and coming back."""
        self.email.data, self.source.data = donation.email, donation.source
        self.campaign.data, self.referrer.data = donation.campaign, donation.referrer
        self.first_source.data = donation.first_source
        if donation.currency != self.code or donation.interval not in self.intervals:
            return
        self.interval.data = donation.interval.value
        field = self.amounts(donation.interval)
        if donation.amount in [row.amount for row in self.offered[donation.interval]]:
            field.data = str(donation.amount)
        else:
            field.data, self.own_amount.data = OWN, donation.money.plain

    def validate(self, extra_validators: object = None) -> bool:
        good = super().validate(extra_validators)
        return self._check_amount() and self._check_sender() and self._check_consent() and good

    @property
    def consent_text(self) -> str:
        """To what one agrees who ticks the box, in the language at hand; empty if none is asked."""
        return words.line(words.CONSENT) if rules.asks_consent else ""

    def wish(self) -> Wish:
        """What was asked for. Only after `validate` said yes."""
        return Wish(
            email=people.normalise(self.email.data or ""),
            money=self.money,
            interval=Interval(self.interval.data),
            language=str(get_locale()),
            source=spelt(self.source.data),
            first_source=spelt(self.first_source.data),
            campaign=self.campaign.data or None,
            referrer=self.referrer.data or None,
            consent=self.consent_text if self.consent.data else None,
        )

    def _offer(self, interval: Interval) -> None:
        field, rows = self.amounts(interval), self.offered[interval]
        field.choices = [SelectChoice(value) for value in (*(str(r.amount) for r in rows), OWN)]
        if field.data is None:
            first = tiers.chosen_first(rows)
            field.data = str(first.amount) if first else OWN

    def _check_amount(self) -> bool:
        """Work out the amount that counts: that of the chosen interval."""
        if self.asked_currency and self.asked_currency != self.code:
            self.refuse(
                _("We do not take %(code)s. Choose another currency.", code=self.asked_currency)
            )
            return False
        typed = None
        try:
            chosen = self.amounts(Interval(self.interval.data)).data
            typed = self.own_amount if chosen == OWN else None
            if typed is not None:
                self.money = amounts.typed(typed.data or "", self.code)
            else:
                self.money = amounts.acceptable(Money(int(chosen), self.code))
        except amounts.Unacceptable as error:
            self.refuse(str(error), typed)
        except (KeyError, ValueError, TypeError):
            self.refuse(_("Choose an amount and how often."))
        else:
            return True
        return False

    def _check_consent(self) -> bool:
        """What was agreed to is what stands there now."""
        if not self.consent.data or self.consent.raw_data == [self.consent_text]:
            return True
        self.consent.data = False
        if self.consent_text:
            self.refuse(_("These words have just changed. Look at them again."), self.consent)
        return not self.consent_text

    def _check_sender(self) -> bool:
        """Nobody fills in what nobody sees, or this fast."""
        if self.website.data:
            self.held_back = Why.hidden
            self.refuse(_("Leave this field empty."), self.website)
            return False
        try:
            guard.check_delay(self.attempt.data or "", self.shown.data or "")
        except guard.TooFast:
            self.held_back = Why.fast
            self.refuse(_("That was very fast. Look it over once more and press again."))
            return False
        return True


class ChangeForm(Form):
    """Another amount or interval for a subscription that runs."""

    attempt = HiddenField(validators=[InputRequired(), Length(min=16, max=64)])
    confirmed = HiddenField()
    amount = StringField(_l("Amount"), validators=[Length(max=20)])
    interval = RadioField(_l("How often"))

    def __init__(self, money: Money, now: Interval, **kwargs: object) -> None:
        """Of a subscription of that amount and interval, which may go on though it is offered no
        more; what is counted in days or weeks goes on by the month.
        """
        super().__init__(**kwargs)
        self.code = money.currency
        its = now if now in OFFERED else Interval.month
        offered = {*tiers.intervals(), its} - {Interval.once}
        self.interval.choices = _named([one for one in OFFERED if one in offered])
        if self.interval.data is None:
            self.interval.data = its.value
        if self.amount.data is None:
            self.amount.data = money.plain
        self.attempt.data = self.attempt.data or new_attempt()

    @property
    def previewed(self) -> datetime | None:
        """When the sums on the page were reckoned (UTC); None if that was not lately."""
        if re.fullmatch(r"[0-9]{1,10}", self.confirmed.data or "") is None:
            return None
        reckoned = at(int(self.confirmed.data or 0))
        return reckoned if abs(clock.now() - reckoned) <= PREVIEW_HOLDS else None

    def validate(self, extra_validators: object = None) -> bool:
        good: bool = super().validate(extra_validators)
        try:
            self.money = amounts.typed(self.amount.data or "", self.code)
        except amounts.Unacceptable as error:
            self.refuse(str(error), self.amount)
            return False
        return good


class LeavingForm(Form):
    """Why a patron stops, if they care to say."""

    attempt = HiddenField(validators=[InputRequired(), Length(min=16, max=64)])
    feedback = RadioField(
        _l("Why, if you like to say"),
        validators=[Optional()],
        validate_choice=False,
        choices=[
            SelectChoice("too_expensive", _l("I cannot afford it now")),
            SelectChoice("unused", _l("I read you less")),
            SelectChoice("low_quality", _l("The reporting is not what I hoped for")),
            SelectChoice("missing_features", _l("Something I need is missing")),
            SelectChoice("switched_service", _l("I support somebody else now")),
            SelectChoice("customer_service", _l("You did not treat me well")),
            SelectChoice("other", _l("Another reason")),
        ],
    )
    comment = StringField(_l("In your words"), validators=[Length(max=500)])

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.attempt.data = self.attempt.data or new_attempt()


def spelt(source: str | None) -> str | None:
    """An article of ours by its one spelling, so that it is counted as one; others as they came.
    None of what is too long to be counted by.
    """
    try:
        its = ours(source or "")
    except NotOurs:
        its = source or ""
    return its if 0 < len(its.encode()) <= MOST_BYTES else None


def _named(intervals: Sequence[Interval]) -> list[SelectChoice]:
    return [SelectChoice(interval.value, NAMES[interval]) for interval in intervals]


def new_attempt() -> str:
    """Names one form on one screen, so that sending it twice is doing it once."""
    return secrets.token_hex(16)

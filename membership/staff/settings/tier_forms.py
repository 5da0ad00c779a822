"""The form of a tier: its words in each language, and what it suggests in each currency."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from membership.books.models import OFFERED, Interval, Tier
from membership.books.offers import Offer, Sums, by_currency, clashes, of_tier
from membership.extensions import settings
from membership.giving import amounts
from membership.money import Money
from membership.staff.settings import tier_setting
from membership.staff.settings.settings_forms import SeenForm
from membership.web import language_name

MOST_LETTERS_OF_NAME, MOST_LETTERS_OF_LINE = 60, 160
MOST_BENEFITS, MOST_LETTERS_OF_BENEFIT = 8, 120
HOW_OFTEN = {
    Interval.month: _l("a month"),
    Interval.year: _l("a year"),
    Interval.once: _l("once"),
}


class TierForm(SeenForm):
    """Of a tier, or of a new one; `tier_form` makes it, for its fields depend on the newsroom."""

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        self.amounts: Sums = {}
        for field, currency, interval in self.sums:
            if not (field.data or "").strip():
                continue
            try:
                amount = amounts.typed(field.data, currency).amount
            except amounts.Unacceptable as error:
                self.refuse(str(error), field)
            else:
                self.amounts[currency, interval] = amount
        if not self.amounts and not self.problems:
            field, _currency, _interval = self.sums[0]
            self.refuse(_("Suggest at least one amount: by it readers choose this tier."), field)
        for code in settings.languages:
            self._check_benefits(self.benefits(code))
        return good and not self.problems

    def say_clash(self, offer: Offer, tier: Tier | None) -> None:
        """Where another tier suggests the same."""
        clashing = clashes(offer, beside=tier)
        for field, currency, interval in self.sums:
            if (currency, interval) in clashing:
                self.refuse(_("Another tier suggests the same; readers see one of each."), field)

    @property
    def sums(self) -> Sequence[tuple[Field, str, Interval]]:
        """The fields for amounts, each with its currency and interval."""
        return [(self[name], *what) for name, what in _sums().items()]

    def words(self, code: str) -> tuple[Field, Field]:
        """The fields for its name and its line in a language."""
        return self[f"name_{code}"], self[f"line_{code}"]

    def benefits(self, code: str) -> Field:
        """The field for what comes with it in a language, one thing a line."""
        field: Field = self[f"benefits_{code}"]
        return field

    def offer(self, before: Offer | None) -> Offer:
        """What was typed; amounts and words that the newsroom does not show now stay. Only after
        `validate` said yes.
        """
        names, lines = dict(before.name if before else {}), dict(before.line if before else {})
        for code in settings.languages:
            for texts, field in zip((names, lines), self.words(code), strict=True):
                texts.pop(code, None)
                if text := (field.data or "").strip():
                    texts[code] = text
        benefits = dict(before.benefits if before else {})
        for code in settings.languages:
            benefits.pop(code, None)
            if lines_of := _lines(self.benefits(code)):
                benefits[code] = lines_of
        shown = set(_sums().values())
        known = before.sums if before else {}
        hidden = {which: amount for which, amount in known.items() if which not in shown}
        return Offer(
            name=names,
            line=lines,
            benefits=benefits,
            amounts=by_currency(hidden | self.amounts),
            is_retired=before.is_retired if before else False,
        )

    def _check_benefits(self, field: Field) -> None:
        lines = _lines(field)
        if len(lines) > MOST_BENEFITS:
            self.refuse(_("At most %(most)s lines.", most=MOST_BENEFITS), field)
        if any(len(line) > MOST_LETTERS_OF_BENEFIT for line in lines):
            most = MOST_LETTERS_OF_BENEFIT
            self.refuse(_("At most %(most)s characters a line.", most=most), field)


def tier_form(tier: Tier | None = None) -> TierForm:
    """With what is told of `tier`, or with what was sent."""
    known: dict[str, Any] = {"seen": 0}
    if tier is not None:
        offer = of_tier(tier)
        known = {"seen": tier_setting.seen(tier.slug)}
        known |= {f"name_{code}": text for code, text in offer.name.items()}
        known |= {f"line_{code}": text for code, text in offer.line.items()}
        known |= {f"benefits_{code}": "\n".join(of) for code, of in offer.benefits.items()}
        known |= {
            name: Money(offer.sums[which], which[0]).plain
            for name, which in _sums().items()
            if which in offer.sums
        }
    its: type[TierForm] = type("TierFormOfNewsroom", (TierForm,), dict(_fields()))
    return its(data=known)


def _sums() -> dict[str, tuple[str, Interval]]:
    """By the names of their fields."""
    return {
        f"amount_{currency}_{interval.value}": (currency, interval)
        for currency in settings.currencies
        for interval in OFFERED
    }


def _fields() -> Iterator[tuple[str, Field]]:
    first = settings.languages[0]
    for code in settings.languages:
        needed = [DataRequired(_l("Every tier needs a name in the first language."))]
        about = {"language": language_name(code)}
        yield (
            f"name_{code}",
            StringField(
                _l("Name, %(language)s", **about),
                validators=[
                    *(needed if code == first else []),
                    Length(max=MOST_LETTERS_OF_NAME),
                ],
            ),
        )
        yield (
            f"line_{code}",
            StringField(
                _l("What it makes possible, %(language)s", **about),
                validators=[Length(max=MOST_LETTERS_OF_LINE)],
            ),
        )
    for code in settings.languages:
        label = _l("What comes with it, %(language)s", language=language_name(code))
        yield f"benefits_{code}", TextAreaField(label, validators=[Length(max=2000)])
    for name, (currency, interval) in _sums().items():
        label = f"{currency.upper()} {HOW_OFTEN[interval]}"
        yield name, StringField(label, validators=[Length(max=20)])


def _lines(field: Field) -> list[str]:
    return [line.strip() for line in (field.data or "").splitlines() if line.strip()]

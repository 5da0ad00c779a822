"""The forms of files that are brought along."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    IntegerField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from membership import days
from membership.clock import clock
from membership.extensions import settings
from membership.forms import Form
from membership.patrons.forms import is_address
from membership.staff.import_models import Import, ImportKind, ImportRow
from membership.staff.imports.fields import DATES
from membership.staff.imports.import_words import (
    ENCODINGS,
    FIELDS,
    FIELDS_OF_A_BANK,
    KINDS,
    ORDERS,
)

FIELD, ORDER = "field_", "order_"
RARE = {
    *("language", "is_gift", "end_else", "gone"),
    *("times", "reference", "status", "refunded", "through"),
}
"""What a page of columns asks for last."""


class FileForm(Form):
    file = FileField(_l("CSV file"), validators=[FileRequired(_l("Choose a file."))])
    encoding = SelectField(_l("Encoding"), choices=list(ENCODINGS.items()))


class PayerForm(Form):
    """Whose a payment is; each of a page's has names of its own."""

    email = EmailField(
        _l("E-mail"),
        validators=[InputRequired(_l("Enter the giver’s e-mail address.")), is_address],
    )
    months = IntegerField(
        _l("Months of membership"),
        default=0,
        validators=[NumberRange(0, 120, message=_l("Enter a number of months between 0 and 120."))],
    )

    def __init__(self, row: ImportRow, **kwargs: object) -> None:
        """With who is likely to have paid, or with what was sent."""
        likely = {"email": row.person.email} if row.person else {}
        super().__init__(prefix=f"line{row.position}", data=likely, **kwargs)
        self.row = row


class ColumnsForm(Form):
    """In which column what is, and what no column says. Its selects are made for each file."""

    OURS: Mapping[str, str] = FIELDS_OF_A_BANK
    NEEDED: Mapping[str, str] = {
        "amount": _l("Say which column has the amounts."),
    }

    currency = SelectField(_l("Currency of gifts, where the file says nothing"))

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in self.OURS:
            self[f"{FIELD}{name}"].is_rare = name in RARE
        codes = [(code, code.upper()) for code in settings.currencies]
        self.currency.choices = [("", "–"), *codes]

    @property
    def fields_of_ours(self) -> list[Field]:
        """One for each thing that we keep: in which column it is."""
        return [self[f"{FIELD}{name}"] for name in self.OURS]

    @property
    def orders(self) -> list[Field]:
        """One for each column whose dates can be read in several ways."""
        return [field for field in self if field.name.startswith(ORDER)]

    @property
    def matched(self) -> dict[str, int]:
        chosen = {name: self[f"{FIELD}{name}"].data for name in self.OURS}
        return {name: int(place) for name, place in chosen.items() if place}

    @property
    def answers(self) -> dict[str, Any]:
        """Only after `validate` said yes."""
        orders = {one.name.removeprefix(ORDER): one.data for one in self.orders if one.data}
        return {"currency": self.currency.data or "", "orders": orders}

    def validate(self, extra_validators: Any = None) -> bool:
        good: bool = super().validate(extra_validators)
        missing = list(self._missing(self.matched))
        for field, why in missing:
            field.errors = [*field.errors, why]
        return good and not missing

    def _missing(self, matched: Mapping[str, int]) -> Iterator[tuple[Field, str]]:
        for name, why in self.NEEDED.items():
            if name not in matched:
                yield self[f"{FIELD}{name}"], why
        dated = {str(matched[name]) for name in DATES if name in matched}
        for order in self.orders:
            if order.name.removeprefix(ORDER) in dated and not order.data:
                yield order, _("Say which number is the day; the file does not.")
        if "amount" in matched and "given_on" not in matched:
            yield self[f"{FIELD}given_on"], _("Say which column has the day of the gift.")
        if "amount" in matched and "currency" not in matched and not self.currency.data:
            yield self.currency, _("Choose the currency of the gifts.")


class MembersColumnsForm(ColumnsForm):
    OURS = FIELDS
    NEEDED: Mapping[str, str] = {
        "email": _l("Say which column has the e-mail addresses."),
    }

    kind = SelectField(_l("Whose kind no column says"), choices=list(KINDS.items()))
    until = DateField(_l("Member until, where the file says nothing"), validators=[Optional()])
    consent_text = TextAreaField(
        _l("The words that they agreed to"),
        filters=[lambda text: text and text.strip()],
        validators=[Length(max=2000)],
    )
    consented_on = DateField(_l("Agreed on, where the file says nothing"), validators=[Optional()])
    takes_stripes = BooleanField(_l("Book gifts that were paid through Stripe, too"))

    @property
    def answers(self) -> dict[str, Any]:
        """Only after `validate` said yes."""
        return super().answers | {
            "kind": self.kind.data or "",
            "until": self.until.data.isoformat() if self.until.data else None,
            "consent_text": self.consent_text.data or "",
            "consented_on": self.consented_on.data.isoformat() if self.consented_on.data else None,
            "takes_stripes": bool(self.takes_stripes.data),
        }

    def _missing(self, matched: Mapping[str, int]) -> Iterator[tuple[Field, str]]:
        yield from super()._missing(matched)
        agreed_on = self.consented_on.data
        if agreed_on is not None and days.begin(agreed_on) > clock.now():
            yield self.consented_on, _("This day has not come yet.")
        is_unsaid = agreed_on is None and "consented_at" not in matched
        if "consent" in matched and self.consent_text.data and is_unsaid:
            yield self.consented_on, _("Say when they agreed.")


def columns_form(brought: Import, *, is_fresh: bool = False) -> ColumnsForm:
    """For this file; with what is supposed of it, or with what was sent."""
    places = [("", "–"), *((str(place), head or str(place + 1)) for place, head in _heads(brought))]
    kind = ColumnsForm if brought.kind is ImportKind.bank else MembersColumnsForm
    fields: dict[str, Any] = {
        f"{FIELD}{name}": SelectField(label, choices=places) for name, label in kind.OURS.items()
    }
    orders = [("", _("which?")), *((name, str(label)) for name, label in ORDERS.items())]
    for place, head in _heads(brought):
        if not (brought.evidence.get(str(place)) or {}).get("is_plain", True):
            label = _("Order of the dates in “%(column)s”", column=head)
            fields[f"{ORDER}{place}"] = SelectField(label, choices=orders)
    form_of_file = type("ColumnsOfFile", (kind,), fields)
    sent = {"formdata": None} if is_fresh else {}
    form: ColumnsForm = form_of_file(data=_known(brought), **sent)
    # As the page has them, so that what is wrong is told in its order.
    form._fields = {name: form._fields[name] for name in (*fields, *form._fields)}
    return form


def _heads(brought: Import) -> list[tuple[int, str]]:
    return list(enumerate(brought.heads))


def _known(brought: Import) -> Mapping[str, Any]:
    answers = brought.answers
    known: dict[str, Any] = {f"{FIELD}{name}": str(at) for name, at in brought.matched.items()}
    known |= {f"{ORDER}{place}": order for place, order in (answers.get("orders") or {}).items()}
    for name in ("kind", "consent_text", "currency", "takes_stripes"):
        known[name] = answers.get(name)
    for name in ("until", "consented_on"):
        known[name] = date.fromisoformat(answers[name]) if answers.get(name) else None
    return known

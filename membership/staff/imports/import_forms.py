"""The forms of files that are brought along."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, Field, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from membership import days
from membership.clock import clock
from membership.extensions import settings
from membership.forms import Form
from membership.staff.import_models import Import
from membership.staff.imports.fields import DATES
from membership.staff.imports.import_words import ENCODINGS, FIELDS, KINDS, ORDERS

FIELD, ORDER = "field_", "order_"


class FileForm(Form):
    file = FileField(_l("CSV file"), validators=[FileRequired(_l("Choose a file."))])
    encoding = SelectField(_l("Encoding"), choices=list(ENCODINGS.items()))


class ColumnsForm(Form):
    """In which column what is, and what no column says. Its selects are made for each file."""

    kind = SelectField(_l("Whose kind no column says"), choices=list(KINDS.items()))
    until = DateField(_l("Member until, where the file says nothing"), validators=[Optional()])
    consent_text = TextAreaField(
        _l("The words that they agreed to"),
        filters=[lambda text: text and text.strip()],
        validators=[Length(max=2000)],
    )
    consented_on = DateField(_l("Agreed on, where the file says nothing"), validators=[Optional()])
    currency = SelectField(_l("Currency of gifts, where the file says nothing"))
    takes_stripes = BooleanField(_l("Book gifts that were paid through Stripe, too"))

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        codes = [(code, code.upper()) for code in settings.currencies]
        self.currency.choices = [("", "–"), *codes]

    @property
    def fields_of_ours(self) -> list[Field]:
        """One for each thing that we keep: in which column it is."""
        return [self[f"{FIELD}{name}"] for name in FIELDS]

    @property
    def orders(self) -> list[Field]:
        """One for each column whose dates can be read in several ways."""
        return [field for field in self if field.name.startswith(ORDER)]

    @property
    def matched(self) -> dict[str, int]:
        chosen = {name: self[f"{FIELD}{name}"].data for name in FIELDS}
        return {name: int(place) for name, place in chosen.items() if place}

    @property
    def answers(self) -> dict[str, Any]:
        """Only after `validate` said yes."""
        return {
            "kind": self.kind.data or "",
            "until": self.until.data.isoformat() if self.until.data else None,
            "consent_text": self.consent_text.data or "",
            "consented_on": self.consented_on.data.isoformat() if self.consented_on.data else None,
            "currency": self.currency.data or "",
            "takes_stripes": bool(self.takes_stripes.data),
            "orders": {
                field.name.removeprefix(ORDER): field.data for field in self.orders if field.data
            },
        }

    def validate(self, extra_validators: Any = None) -> bool:
        good: bool = super().validate(extra_validators)
        missing = list(self._missing())
        for field, why in missing:
            field.errors = [*field.errors, why]
        return good and not missing

    def _missing(self) -> Iterator[tuple[Field, str]]:
        matched, agreed_on = self.matched, self.consented_on.data
        if "email" not in matched:
            yield self[f"{FIELD}email"], _("Say which column has the e-mail addresses.")
        dated = {str(matched[name]) for name in DATES if name in matched}
        for order in self.orders:
            if order.name.removeprefix(ORDER) in dated and not order.data:
                yield order, _("Say which number is the day; the file does not.")
        if "amount" in matched and "given_on" not in matched:
            yield self[f"{FIELD}given_on"], _("Say which column has the day of the gift.")
        if "amount" in matched and "currency" not in matched and not self.currency.data:
            yield self.currency, _("Choose the currency of the gifts.")
        is_asked = "consent" in matched and self.consent_text.data
        if is_asked and "consented_at" not in matched and agreed_on is None:
            yield self.consented_on, _("Say when they agreed.")
        if agreed_on is not None and days.begin(agreed_on) > clock.now():
            yield self.consented_on, _("This day has not come yet.")


def columns_form(brought: Import, *, is_fresh: bool = False) -> ColumnsForm:
    """For this file; with what is supposed of it, or with what was sent."""
    places = [("", "–"), *((str(place), head or str(place + 1)) for place, head in _heads(brought))]
    fields: dict[str, Any] = {
        f"{FIELD}{name}": SelectField(label, choices=places) for name, label in FIELDS.items()
    }
    orders = [("", _("which?")), *((name, str(label)) for name, label in ORDERS.items())]
    for place, head in _heads(brought):
        if not (brought.evidence.get(str(place)) or {}).get("is_plain", True):
            label = _("Order of the dates in “%(column)s”", column=head)
            fields[f"{ORDER}{place}"] = SelectField(label, choices=orders)
    form_of_file = type("ColumnsOfFile", (ColumnsForm,), fields)
    sent = {"formdata": None} if is_fresh else {}
    form: ColumnsForm = form_of_file(data=_known(brought), **sent)
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

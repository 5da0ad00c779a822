"""Forms in which a newsroom sets something; `membership/settings` says what makes sense."""

import re
from collections.abc import Set
from typing import Any

from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, ValidationError
from wtforms import (
    BooleanField,
    ColorField,
    Field,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.widgets import HiddenInput

from membership.extensions import settings
from membership.forms import ChecksField, Form
from membership.money import Money
from membership.settings import changes
from membership.settings.newsroom import LEAST_CONTRAST, Newsroom
from membership.staff.settings import setting_words
from membership.staff.settings.setting_words import NAMES
from membership.web import language_name

BETWEEN = re.compile(r"[\s,;]+")


class SeenForm(Form):
    """`seen` is the version that was looked at: nobody sets something over somebody else."""

    seen = IntegerField(widget=HiddenInput())

    def look_again(self, version: int) -> None:
        """What stands there now has been looked at: a second try is meant so."""
        self.seen.raw_data, self.seen.data = None, version

    def say_overtaken_by(self, version: int) -> None:
        """Somebody else's change stands in another window; what was typed stays."""
        self.refuse(
            _(
                "Somebody else has just changed this. Look at it in another window, and save "
                "again if it is to be as it stands here."
            )
        )
        self.look_again(version)


class SettingsForm(SeenForm):
    """Its fields are named as the settings are. What is typed is read by `model`."""

    model: type[BaseModel]

    def __init__(self) -> None:
        """With what is in force, or with what was sent."""
        super().__init__(data=self.known() | {"seen": changes.version(self.model.model_fields)})

    def in_force(self) -> dict[str, Any]:
        """By the names of the settings, as JSON knows them."""
        return changes.in_force(self.model.model_fields)

    def known(self) -> dict[str, Any]:
        """The same, by the names of the fields and as they show it."""
        return self.in_force()

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            read = self.model.model_validate(self.typed())
        except ValidationError as error:
            for problem in error.errors():
                about: dict[str, Any] = problem.get("ctx") or {}
                field = self.field_of(str(problem["loc"][0]), about)
                field.errors = [*field.errors, why(problem["type"], about)]
            return False
        self.values: dict[str, Any] = read.model_dump(mode="json")
        return True

    def typed(self) -> dict[str, Any]:
        """What was typed, by the names of the settings."""
        return {name: self[name].data for name in self.model.model_fields}

    def field_of(self, name: str, about: dict[str, Any]) -> Field:
        """Where a setting is typed of which pydantic says `about`."""
        field: Field = self[name]
        return field

    def say_overtaken(self, names: Set[str]) -> None:
        """What somebody else has set meanwhile stands at its field; a second try is meant so.

        Where they set what was not touched here, it is theirs.
        """
        before = changes.as_of(self.seen.data or 0, self.values)
        now = changes.in_force(self.values)
        for name, value in self.values.items():
            if name in names:
                theirs = setting_words.value(name, now[name])
                self.refuse(
                    _(
                        "Somebody else has just set this to: %(theirs)s. "
                        "Save again if it is to be as it stands here.",
                        theirs=theirs,
                    ),
                    self.field_of(name, {}),
                )
            elif value == before[name]:
                self.fill(name, now[name])
        self.look_again(changes.version(self.model.model_fields))

    def fill(self, name: str, value: Any) -> None:
        """Show another value than was typed."""
        self[name].process(None, value)
        self[name].raw_data = None


class NewsroomForm(SettingsForm):
    model = Newsroom

    newsroom_name = StringField(NAMES["newsroom_name"])
    newsroom_contact = StringField(NAMES["newsroom_contact"])
    newsroom_accent = ColorField(NAMES["newsroom_accent"])
    newsroom_accent_dark = ColorField(NAMES["newsroom_accent_dark"])
    newsroom_imprint = StringField(NAMES["newsroom_imprint"])
    newsroom_privacy = StringField(NAMES["newsroom_privacy"])
    asks_consent = BooleanField(NAMES["asks_consent"])
    timezone = StringField(NAMES["timezone"])
    languages = ChecksField(
        _l("Offered to readers"),
    )
    first_language = SelectField(_l("First language"))

    def __init__(self) -> None:
        super().__init__()
        known = [(code, language_name(code)) for code in settings.known_languages]
        self.languages.choices = self.first_language.choices = known
        if self.first_language.data is None and self.languages.data:
            self.first_language.data = self.languages.data[0]

    def fill(self, name: str, value: Any) -> None:
        super().fill(name, value)
        if name == "languages":
            self.first_language.process(None, value[0])

    def typed(self) -> dict[str, Any]:
        first = self.first_language.data
        chosen = [code for code in self.languages.data or () if code != first]
        return super().typed() | {"languages": [first, *chosen]}


def parts(typed: str | None) -> list[str]:
    """What was typed as a list, in small letters, however it is parted."""
    return [part for part in BETWEEN.split((typed or "").lower()) if part]


def why(kind: str, about: dict[str, Any]) -> str:
    """What is wrong with a value, by pydantic's name for it."""
    known: dict[str, str] = {
        "string_too_short": _l("This must not be empty."),
        "string_too_long": _l("At most %(most)s characters.", most=about.get("max_length")),
        "not_an_address": _l("Enter an e-mail address, such as desk@newsroom.example."),
        "not_a_page": _l("Enter an address that begins with https://, or leave it empty."),
        "not_a_time_zone": _l("Enter a time zone such as Europe/Warsaw."),
        "string_pattern_mismatch": _l("Enter a colour such as #9c2f1e."),
        "low_contrast": _l(
            "Too little contrast to be read by everybody: it is %(ratio)s, and %(least)s is "
            "needed. Choose a stronger colour.",
            ratio=format_decimal(about.get("ratio", 0), "0.00"),
            least=format_decimal(LEAST_CONTRAST),
        ),
        "no_currency": _l("Take at least one currency, such as EUR."),
        "too_many_currencies": _l("At most %(most)s currencies.", most=about.get("most")),
        "not_a_currency": _l(
            "%(code)s is no currency that Stripe takes. Write codes such as EUR, PLN.",
            code=about.get("code"),
        ),
        "no_interval": _l("Offer at least one."),
        "not_offered": _l("Choose one that you offer."),
        "below_smallest_charge": _l("Stripe charges no less than %(sum)s.", sum=_sum(about)),
        "above_largest_charge": _l("Stripe charges no more than %(sum)s.", sum=_sum(about)),
        "most_below_least": _l("This is less than the smallest amount."),
        "greater_than_equal": _l("At least %(least)s.", least=about.get("ge")),
        "less_than_equal": _l("At most %(most)s.", most=about.get("le")),
        "no_hours": _l(
            "Enter whole hours up to %(most)s, such as 4, 8, 16.", most=about.get("most")
        ),
        "too_many_hours": _l("At most %(most)s steps.", most=about.get("most")),
        "not_a_domain": _l(
            "“%(domain)s” is no domain. Write news.example, or *.news.example for all under it.",
            domain=about.get("domain"),
        ),
        "too_many_domains": _l("At most %(most)s domains.", most=about.get("most")),
        "not_a_name": _l(
            "“%(name)s” cannot be a name here. Write small Latin letters, such as border-towns.",
            name=about.get("name"),
        ),
        "too_many_appeals": _l("At most %(most)s appeals.", most=about.get("most")),
    }
    return str(known.get(kind) or _("This does not make sense here."))


def _sum(about: dict[str, Any]) -> str:
    amount = about.get("least", about.get("most", 0))
    return Money(amount, about.get("currency", "")).format(get_locale()) if about else ""

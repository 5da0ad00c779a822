"""The forms of voting, abuse and articles."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from membership.forms import ChecksField
from membership.giving.held_back import Why
from membership.rounds.words import REMINDERS
from membership.settings.abuse import Abuse
from membership.settings.articles import Articles
from membership.settings.voting import Voting
from membership.staff.settings.setting_words import NAMES, VOTERS
from membership.staff.settings.settings_forms import SettingsForm, parts

HELD_BACK = {
    Why.tries: _l("too many tries that were not paid"),
    Why.fast: _l("sent faster than one can type"),
    Why.hidden: _l("a field filled in that nobody sees"),
}
A_NUMBER = InputRequired(_l("Enter a number."))


class VotingForm(SettingsForm):
    model = Voting

    voting_kinds = ChecksField(
        NAMES["voting_kinds"],
        choices=list(VOTERS.items()),
    )
    proposals_per_month = IntegerField(NAMES["proposals_per_month"], validators=[A_NUMBER])
    reporting_bands = StringField(NAMES["reporting_bands"], validators=[Length(max=100)])
    round_days = IntegerField(NAMES["round_days"], validators=[A_NUMBER])
    round_hours = IntegerField(NAMES["round_hours"], validators=[A_NUMBER])
    round_quorum = IntegerField(NAMES["round_quorum"], validators=[A_NUMBER])
    round_remind = SelectField(
        NAMES["round_remind"],
        coerce=int,
        choices=REMINDERS,
    )

    def known(self) -> dict[str, Any]:
        known = super().known()
        return known | {"reporting_bands": _hours(known["reporting_bands"])}

    def typed(self) -> dict[str, Any]:
        bands = parts(self.reporting_bands.data)
        return super().typed() | {
            "voting_kinds": self.voting_kinds.data or [],
            "reporting_bands": bands if all(part.isdecimal() for part in bands) else [],
        }

    def fill(self, name: str, value: Any) -> None:
        super().fill(name, _hours(value) if name == "reporting_bands" else value)


class AbuseForm(SettingsForm):
    model = Abuse

    checkout_delay = IntegerField(NAMES["checkout_delay"], validators=[A_NUMBER])
    most_unpaid_by_email = IntegerField(NAMES["most_unpaid_by_email"], validators=[A_NUMBER])
    most_unpaid_by_visitor = IntegerField(NAMES["most_unpaid_by_visitor"], validators=[A_NUMBER])
    most_unpaid_by_client = IntegerField(NAMES["most_unpaid_by_client"], validators=[A_NUMBER])
    most_small_by_client = IntegerField(NAMES["most_small_by_client"], validators=[A_NUMBER])
    most_reports_by_client = IntegerField(NAMES["most_reports_by_client"], validators=[A_NUMBER])


LISTS = ("article_domains", "appeals")


class ArticlesForm(SettingsForm):
    model = Articles

    article_domains = TextAreaField(NAMES["article_domains"], validators=[Length(max=6000)])

    appeals = TextAreaField(NAMES["appeals"], validators=[Length(max=2000)])
    most_quoted = IntegerField(NAMES["most_quoted"], validators=[A_NUMBER])

    def known(self) -> dict[str, Any]:
        known = super().known()
        return known | {name: _lines(known[name]) for name in LISTS}

    def typed(self) -> dict[str, Any]:
        domains = parts(self.article_domains.data)
        return super().typed() | {
            "article_domains": [_host(one) for one in domains],
            "appeals": parts(self.appeals.data),
        }

    def fill(self, name: str, value: Any) -> None:
        super().fill(name, _lines(value) if name in LISTS else value)


def _host(typed: str) -> str:
    """Without what else belongs to an address, and as a browser asks for it: громада.укр is
    xn--80aai1af5c.xn--j1amh.
    """
    host = re.sub("^https?://|/.*$", "", typed)
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _hours(bands: Any) -> str:
    return ", ".join(map(str, bands))


def _lines(domains: Any) -> str:
    return "\n".join(domains)

"""What the list of people is asked for in its address, and giving that a name."""

from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField, IntegerField, SearchField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from membership.books import tiers
from membership.books.models import Interval
from membership.extensions import settings
from membership.forms import Form
from membership.staff.forms import typed
from membership.staff.people import filters
from membership.staff.people.filters import Wanted
from membership.topics.forms import one_line
from membership.web import language_name, worded

ANY = SelectChoice("", _l("any"))
YES_NO = [ANY, SelectChoice("yes", _l("yes")), SelectChoice("no", _l("no"))]
MOST_ROUNDS = 20


class PeopleForm(Form):
    """Every field may stay empty; those that are filled in narrow the list together."""

    q = SearchField(_l("Name or e-mail"), filters=[one_line], validators=[Length(max=100)])
    state = SelectField(
        _l("Member"),
        choices=[
            ANY,
            SelectChoice(filters.NOW, _l("now")),
            SelectChoice("patron", _l("now, as a patron")),
            SelectChoice("gift", _l("now, by a gift")),
            SelectChoice("comped", _l("now, by our invitation")),
            SelectChoice("offline", _l("now, by a payment outside Stripe")),
            SelectChoice(filters.WAS, _l("was one")),
            SelectChoice(filters.NEVER, _l("never was")),
        ],
    )
    tier = SelectField(_l("Tier"))
    interval = SelectField(
        _l("How often"),
        choices=[
            ANY,
            SelectChoice(Interval.month.value, _l("Monthly")),
            SelectChoice(Interval.year.value, _l("Yearly")),
        ],
    )
    currency = SelectField(_l("Currency"))
    least = StringField(_l("Amount from"), name="amount_from", validators=[Length(max=20)])
    most = StringField(_l("Amount to"), name="amount_to", validators=[Length(max=20)])
    since = DateField(_l("First gave regularly from"), validators=[Optional()])
    until = DateField(_l("First gave regularly to"), validators=[Optional()])
    source = StringField(_l("Came from the article"), validators=[Length(max=200)])
    language = SelectField(_l("Language"))
    trouble = SelectField(
        _l("Trouble"),
        choices=[
            ANY,
            SelectChoice(filters.FAILING, _l("a payment is failing")),
            SelectChoice(filters.EXPIRING, _l("the card expires within sixty days")),
            SelectChoice(filters.ENDING, _l("the gift is set to end")),
        ],
    )
    voted = SelectField(_l("Voted"), choices=YES_NO)
    rounds = IntegerField(
        _l("In how many last rounds"),
        default=1,
        validators=[
            Optional(),
            NumberRange(1, MOST_ROUNDS, message=_l("Enter a number of rounds between 1 and 20.")),
        ],
    )
    vote_mail = SelectField(_l("Wants letters about votes"), choices=YES_NO)
    letters = SelectField(_l("Agreed to be written to"), choices=YES_NO)

    def __init__(self, asked: MultiDict[str, str]) -> None:
        super().__init__(formdata=asked or None)
        known = [SelectChoice(str(tier.id), worded(tier.name)) for tier in tiers.every()]
        self.tier.choices = [ANY, *known]
        self.currency.choices = [
            ANY,
            *(SelectChoice(code, code.upper()) for code in settings.currencies),
        ]
        self.language.choices = [
            ANY,
            *(SelectChoice(code, language_name(code)) for code in settings.languages),
        ]
        for field in self:
            # What the address does not name is not asked for.
            if isinstance(field, SelectField) and (field.data is None or field.data == "None"):
                field.data = ""

    def read(self) -> bool:
        """Whether what the address asks for makes sense; else the page says first what does not."""
        good = super().read()
        self._least, self._most = self._minor(self.least), self._minor(self.most)
        if self.since.data and self.until.data and self.until.data < self.since.data:
            self.refuse(str(_("Choose a day that is not before the first one.")), self.until)
        return good and not self.problems

    @property
    def wanted(self) -> Wanted:
        """Only after `read` said yes."""
        yes_no = {"yes": True, "no": False}
        return Wanted(
            words=self.q.data or "",
            state=self.state.data,
            tier=int(self.tier.data) if self.tier.data else None,
            interval=self.interval.data,
            currency=self.currency.data,
            least=self._least,
            most=self._most,
            since=self.since.data,
            until=self.until.data,
            source=self.source.data or "",
            language=self.language.data,
            trouble=self.trouble.data,
            voted=yes_no.get(self.voted.data),
            rounds=self.rounds.data or 1,
            vote_mail=yes_no.get(self.vote_mail.data),
            letters=yes_no.get(self.letters.data),
        )

    @property
    def is_narrowed(self) -> bool:
        """By more than words."""
        return any(name not in ("q", "rounds") for name, _value in self._filled())

    @property
    def query(self) -> str:
        """What is filled in, as an address has it."""
        return urlencode(self._filled())

    def _filled(self) -> list[tuple[str, str]]:
        typed = [
            (field.name, field._value() if hasattr(field, "_value") else field.data)
            for field in self
        ]
        named = [(name, value) for name, value in typed if value]
        is_about_votes = bool(self.voted.data)
        return [(name, value) for name, value in named if name != "rounds" or is_about_votes]

    def _minor(self, field: StringField) -> int | None:
        """What was typed, in minor units of the chosen currency."""
        if not field.data:
            return None
        if not self.currency.data:
            self.refuse(str(_("Choose the currency of the amount.")), self.currency)
            return None
        try:
            return typed(field, self.currency.data).amount
        except ValidationError as why:
            self.refuse(str(why), field)
        return None


class SegmentForm(Form):
    """A name for what the list is narrowed by."""

    query = HiddenField(validators=[Length(max=2000)])
    name = StringField(
        _l("Name of the segment"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Give it a name.")),
            Length(max=80, message=_l("Keep the name within 80 characters.")),
        ],
    )


def asked() -> PeopleForm:
    return PeopleForm(request.args)

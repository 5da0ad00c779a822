"""The plan of a round. Times are typed in the newsroom's time zone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from membership.clock import clock
from membership.days import time_zone
from membership.forms import Form
from membership.rounds import planning
from membership.rounds.models import Round, Unit
from membership.rounds.words import REMINDERS
from membership.settings.current import rules
from membership.topics import slugs
from membership.topics.forms import one_line
from membership.topics.models import Topic

MINUTE = "%Y-%m-%dT%H:%M"


class RoundForm(Form):
    title = StringField(
        _l("Title"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Give the round a title.")),
            Length(max=120, message=_l("Keep the title within 120 characters.")),
        ],
    )
    unit = SelectField(_l("What is shared out"))
    budget = IntegerField(
        _l("How many"),
        validators=[
            InputRequired(_l("Enter a number.")),
            NumberRange(1, 10_000, message=_l("Enter a number between 1 and 10,000.")),
        ],
    )
    carry = BooleanField(_l("Add what the round before left over"), default=True)
    topics = SelectMultipleField(_l("Topics on the ballot"), coerce=int, validate_choice=False)
    opens_at = DateTimeLocalField(
        _l("Opens"),
        format=MINUTE,
        validators=[Optional()],
    )
    closes_at = DateTimeLocalField(
        _l("Closes"), format=MINUTE, validators=[InputRequired(_l("Enter when it closes."))]
    )
    join_by = DateTimeLocalField(_l("Join by"), format=MINUTE, validators=[Optional()])
    remind = SelectField(_l("Remind who has not voted"), coerce=int, choices=REMINDERS, default=2)
    quorum = IntegerField(
        _l("Quorum, in per cent of the members"),
        default=0,
        validators=[NumberRange(0, 100, message=_l("Enter a number between 0 and 100."))],
    )

    def __init__(self, topics: Sequence[Topic], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.candidates = topics
        self.unit.choices = [
            (Unit.minutes.value, _("hours of reporting")),
            (Unit.topics.value, _("a number of topics, all of one size")),
        ]

    @classmethod
    def anew(cls, topics: Sequence[Topic]) -> "RoundForm":
        """As the newsroom mostly plans a round."""
        closes_at = clock.now() + timedelta(days=rules.round_days)
        return cls(
            topics,
            formdata=None,
            data={
                "budget": rules.round_hours,
                "carry": True,
                "closes_at": _here(closes_at),
                "remind": rules.round_remind if rules.round_days > rules.round_remind else 0,
                "quorum": rules.round_quorum,
            },
        )

    @classmethod
    def of(cls, round: Round, topics: Sequence[Topic]) -> "RoundForm":
        """Filled in with what is planned."""
        own = round.budget - round.carried
        remind = (round.closes_at - round.remind_at).days if round.remind_at else 0
        return cls(
            topics,
            formdata=None,
            data={
                "title": round.title,
                "unit": round.unit.value,
                "budget": own // 60 if round.unit is Unit.minutes else own,
                "carry": round.carried_from is not None,
                "topics": [entry.topic_id for entry in round.entries],
                "opens_at": _here(round.opens_at),
                "closes_at": _here(round.closes_at),
                "join_by": _here(round.join_by),
                "remind": remind,
                "quorum": round.quorum,
            },
        )

    def validate_topics(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(_("Choose at least one topic."))
        if not set(field.data) <= {topic.id for topic in self.candidates}:
            raise ValidationError(
                _("A topic you chose has moved on meanwhile; here are the others.")
            )
        if len(field.data) > planning.MOST_TOPICS:
            raise ValidationError(_("So many topics fit on no ballot."))

    def validate_closes_at(self, field: DateTimeLocalField) -> None:
        if field.data is not None and _utc(field.data) <= clock.now():
            raise ValidationError(_("This moment has passed."))

    def validate_opens_at(self, field: DateTimeLocalField) -> None:
        self._before_the_close(field)

    def validate_join_by(self, field: DateTimeLocalField) -> None:
        self._before_the_close(field)

    def _before_the_close(self, field: DateTimeLocalField) -> None:
        closes = self.closes_at.data
        if field.data is not None and closes is not None and field.data >= closes:
            raise ValidationError(_("This must be before the close."))

    @property
    def chosen(self) -> list[Topic]:
        """The topics in the order of their titles, which favours none that an editor likes."""
        return sorted(
            (topic for topic in self.candidates if topic.id in (self.topics.data or ())),
            key=lambda topic: next(slugs.candidates(topic.title)),
        )

    @property
    def plan(self) -> dict[str, object]:
        """What topics/planning.py plans a round by; times in UTC, hours as minutes."""
        assert self.closes_at.data is not None and self.budget.data is not None
        unit, closes = Unit(self.unit.data), _utc(self.closes_at.data)
        days = self.remind.data
        return {
            "unit": unit,
            "budget": self.budget.data * (60 if unit is Unit.minutes else 1),
            "opens_at": _utc(self.opens_at.data) if self.opens_at.data else None,
            "closes_at": closes,
            "join_by": _utc(self.join_by.data) if self.join_by.data else None,
            "remind_at": closes - timedelta(days=days) if days else None,
            "quorum": self.quorum.data or 0,
        }


def _utc(local: datetime) -> datetime:
    return local.replace(tzinfo=time_zone()).astimezone(UTC)


def _here(moment: datetime | None) -> datetime | None:
    return moment.astimezone(time_zone()).replace(tzinfo=None) if moment else None

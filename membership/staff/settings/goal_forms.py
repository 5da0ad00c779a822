"""The form of the newsroom's goal: what is counted, how much of it, and by when."""

from collections.abc import Set
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length, Optional

from membership import days
from membership.extensions import settings
from membership.giving import amounts
from membership.money import Money
from membership.settings import changes
from membership.settings.rules import Aim, Goal
from membership.staff.settings.setting_words import AIMS
from membership.staff.settings.settings_forms import SeenForm

NONE = "none"
MOST_PEOPLE = 10_000_000
A_DAY = _l("Enter the day as year-month-day.")


class GoalForm(SeenForm):
    """With the goal that is set, or with what was sent."""

    aim = RadioField(
        _l("What counts"),
        choices=[
            SelectChoice(NONE, _l("No goal")),
            *(SelectChoice(aim.value, name) for aim, name in AIMS.items()),
        ],
    )
    number = StringField(_l("How many, or how much"), validators=[Length(max=20)])
    currency = SelectField(_l("Currency, of a goal in money"))
    first = DateField(_l("From"), validators=[Optional()])
    last = DateField(_l("To"), validators=[Optional()])

    def __init__(self) -> None:
        self.known = _goal()
        super().__init__(data=_told(self.known) | {"seen": changes.version(["goal"])})
        its = self.known.currency if self.known else ""
        offered = dict.fromkeys([*settings.currencies, *([its] if its else [])])
        self.currency.choices = [(code, code.upper()) for code in offered]

    def validate(self, extra_validators: Any = None) -> bool:
        good: bool = super().validate(extra_validators)
        self.goal: Goal | None = None
        if not good or self.aim.data == NONE:
            return good
        aim = Aim(self.aim.data)
        number = self._money() if aim is Aim.received else self._people()
        self._check_days()
        if self.problems or number is None:
            return False
        self.goal = Goal(
            aim=aim,
            number=number,
            currency=self.currency.data if aim is Aim.received else "",
            first=self.first.data,
            last=self.last.data,
        )
        return True

    @property
    def values(self) -> dict[str, Any]:
        """By the name of the setting, as JSON knows it."""
        return {"goal": self.goal.model_dump(mode="json") if self.goal else None}

    def say_overtaken(self, names: Set[str]) -> None:
        self.say_overtaken_by(changes.version(names))

    def _money(self) -> int | None:
        try:
            money = amounts.read(self.number.data or "", self.currency.data)
        except amounts.Unacceptable as error:
            self.refuse(str(error), self.number)
            return None
        if money.amount <= 0:
            self.refuse(_("Enter an amount above zero."), self.number)
        return money.amount

    def _people(self) -> int | None:
        typed = "".join((self.number.data or "").split())
        if not typed.isdecimal() or not 0 < int(typed) <= MOST_PEOPLE:
            self.refuse(_("Enter how many people, such as 500."), self.number)
            return None
        return int(typed)

    def _check_days(self) -> None:
        for field in (self.first, self.last):
            if field.data is None:
                self.refuse(str(A_DAY), field)
            elif not days.FIRST <= field.data <= days.LAST:
                self.refuse(_("Enter a day of this century or the next."), field)
        if self.first.data and self.last.data and self.last.data < self.first.data:
            self.refuse(_("This is before its first day."), self.last)


def _goal() -> Goal | None:
    kept = changes.in_force(["goal"])["goal"]
    return Goal.model_validate(kept) if kept else None


def _told(goal: Goal | None) -> dict[str, Any]:
    if goal is None:
        return {"aim": NONE, "first": days.today(), "currency": settings.currencies[0]}
    is_money = goal.aim is Aim.received
    return {
        "aim": goal.aim.value,
        "number": Money(goal.number, goal.currency).plain if is_money else str(goal.number),
        "currency": goal.currency or settings.currencies[0],
        "first": goal.first,
        "last": goal.last,
    }

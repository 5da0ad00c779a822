"""How far the newsroom has come with the goal that it set itself, for readers to see."""

from dataclasses import dataclass

from flask import Flask

from membership import days
from membership.extensions import settings
from membership.figures import carried, money
from membership.figures.spans import Span
from membership.figures.totals import BEFORE, totals
from membership.history.models import SupporterMove
from membership.history.supporters import FIGURES
from membership.money import Money
from membership.patrons.models import MembershipKind
from membership.settings.current import rules
from membership.settings.rules import Aim, Goal


@dataclass(frozen=True)
class Standing:
    """`reached` is counted as the goal's number is, and may lie below nothing or above the goal."""

    goal: Goal
    reached: int

    @property
    def money(self) -> Money | None:
        """What was reached, of a goal in money."""
        its = self.goal.currency
        return Money(self.reached, its) if self.goal.aim is Aim.received else None

    @property
    def sum(self) -> Money | None:
        """What is to be reached, of a goal in money."""
        its = self.goal.currency
        return Money(self.goal.number, its) if self.goal.aim is Aim.received else None

    @property
    def shown(self) -> int:
        """As much of it as a bar can show."""
        return min(max(self.reached, 0), self.goal.number)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(goal_standing=standing)


def standing() -> Standing | None:
    """None while there is no goal, before its first day and after its last. One query; two of a
    goal in money.
    """
    goal = rules.goal
    if goal is None or not goal.first <= days.today() <= goal.last:
        return None
    return Standing(goal, _reached(goal))


def _reached(goal: Goal) -> int:
    span = Span(goal.first, days.today())
    if goal.aim is Aim.received:
        its = money.received(settings.mode, [span]).get(goal.currency)
        return its[0].received if its else 0
    if goal.aim is Aim.patrons:
        return carried.patrons()
    found = totals(settings.mode, FIGURES.values(), [span], by="kind")
    return sum(
        total.people
        for key, total in found.items()
        if key.value == MembershipKind.patron
        and key.part != BEFORE
        and key.figure != FIGURES[SupporterMove.lost]
    )

"""Rows that belong to one of Stripe's modes though no money is in them.

What was voted on to try it, with play money, is nothing that readers of a later day should see; nor
does it come back to what is tried again. Each process sees those of its own mode alone.
"""

from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    Mapped,
    Mapper,
    ORMExecuteState,
    mapped_column,
    with_loader_criteria,
)

from config import Mode
from membership.extensions import db

OF_MONEY = ("membership.books", "membership.history", "membership.inbox")


def of_process() -> Mode:
    """The one that the environment says; no setting of the desk changes it."""
    mode: Mode = current_app.extensions["settings"].mode
    return mode


class OfMode:
    """A table of which each mode has rows of its own. Whoever must see those of all modes, such as
    to find a name that is free, asks its `__table__`.
    """

    mode: Mapped[Mode] = mapped_column(default=of_process)


@event.listens_for(db.session, "do_orm_execute")
def _see_our_own(state: ORMExecuteState) -> None:
    # docs.sqlalchemy.org/en/20/orm/session_events.html, "Adding global WHERE / ON criteria".
    if state.is_select and not state.is_column_load and not state.is_relationship_load:
        subject = state.bind_mapper
        if subject is None or _may_ask_for_ours(subject):
            state.statement = state.statement.options(_ours(of_process()))


@cache
def _may_ask_for_ours(subject: Mapper[Any]) -> bool:
    """Money has modes of its own, and knows nothing of what is not money: to look through what it
    asks, for each event of Stripe's, would be for nothing. What begins with money and goes on to
    topics, such as the story of a person, says the mode itself.
    """
    return not subject.class_.__module__.startswith(OF_MONEY)


@cache
def _ours(mode: Mode) -> LoaderCriteriaOption:
    return with_loader_criteria(
        OfMode, lambda cls: cls.mode == mode, include_aliases=True, propagate_to_loaders=False
    )

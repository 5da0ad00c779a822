"""What every page of settings does with what was sent."""

from collections.abc import Callable, Set
from typing import Any, Protocol, TypeVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from pydantic import ValidationError

from membership.extensions import db
from membership.settings import changes
from membership.settings.changes import Overtaken
from membership.staff.settings import setting
from membership.staff.settings.own_words_forms import OwnWordsForm


class Setting(Protocol):
    """A form of settings: what was typed by their names, and how it tells what others set."""

    @property
    def seen(self) -> Any: ...
    @property
    def values(self) -> dict[str, Any]: ...
    def validate_on_submit(self) -> bool: ...
    def say_overtaken(self, names: Set[str]) -> None: ...
    def say_overtaken_by(self, version: int) -> None: ...


F = TypeVar("F", bound=Setting)
W = TypeVar("W", bound=OwnWordsForm)


def save(form: F, page: Callable[[F], str], back: str) -> ResponseReturnValue:
    """Set what was typed and go to the endpoint `back`, or show the page with what is wrong."""
    if not form.validate_on_submit():
        return page(form), 422
    try:
        is_changed = setting.change(form.values, seen=form.seen.data or 0, by=current_user)
    except Overtaken as overtaken:
        form.say_overtaken(overtaken.names)
        return page(form), 409
    except ValidationError:
        # Each fits with what stood there, and not with what somebody else has just set beside it.
        db.session.rollback()
        form.say_overtaken_by(changes.version(form.values))
        return page(form), 409
    flash(_("Saved.") if is_changed else _("Nothing was different."))
    return redirect(url_for(back), 303)


def take_own(form: W, page: Callable[[W], str], back: str) -> ResponseReturnValue:
    """What was asked of a form of the newsroom's own words: to be filled with what comes along, to
    be looked at first, or to be set, as `save_own` does.
    """
    if code := request.form.get("fill"):
        form.show_default(code)
        return page(form)
    if not form.validate_on_submit():
        return page(form), 422
    if form.preview.data:
        return page(form)
    return save_own(form, page, back)


def save_own(form: W, page: Callable[[W], str], back: str) -> ResponseReturnValue:
    """The same for what a newsroom says in its own words, which was found valid; then to the
    address `back`.
    """
    name = form.prefix + form.name
    try:
        is_changed = setting.change_own(
            name, form.value, first={}, seen=form.seen.data or 0, by=current_user
        )
    except Overtaken:
        form.say_overtaken_by(changes.version([name]))
        return page(form), 409
    flash(_("Saved.") if is_changed else _("Nothing was different."))
    return redirect(back, 303)

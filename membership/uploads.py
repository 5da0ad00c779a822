"""Files that staff send: views that take one say how large it may be, and nobody else's are read.

All other requests are kept small (app.py), and who may not send a file is not let send a large one.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user

from membership.kept import is_signed_in

View = TypeVar("View", bound=Callable[..., Any])
ROOM = 64 * 1024
"""What goes with a file: the rest of its form."""


def takes_file(most: int) -> Callable[[View], View]:
    """Let this view be sent a file of `most` bytes by somebody on the staff."""

    def mark(view: View) -> View:
        view.takes_bytes = most  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Before anybody looks at a form, for then it is read whole."""
    app.before_request(_make_room)


def _make_room() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, "takes_bytes", None)
    if most is not None and request.method == "POST" and is_signed_in() and current_user.roles:
        request.max_content_length = most + ROOM

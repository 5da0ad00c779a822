"""Who may do what at the desk. Everybody on the staff may look; acts name who may act."""

from flask_login import login_required
from flask_security import roles_accepted


@login_required
@roles_accepted("editor", "finance", "admin")
def staff_only() -> None:
    """Before every request of a blueprint of the desk."""


editors = roles_accepted("editor", "admin")
finance = roles_accepted("finance", "admin")
admins = roles_accepted("admin")


@login_required
@finance
def finance_only() -> None:
    """Before every request of a blueprint for those who keep the books."""


@login_required
@admins
def admins_only() -> None:
    """Before every request of a blueprint of settings."""

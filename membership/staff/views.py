"""The staff desk's pages."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from flask_security import roles_accepted
from werkzeug.exceptions import NotFound

from config import Mode
from membership.donations import inbox
from membership.extensions import db
from membership.staff import audit, dashboard, people, words
from membership.topics import roll, rounds

bp = Blueprint("staff", __name__, url_prefix="/staff")

ROWS = 50
FURTHEST_PAGE = 10_000


@bp.before_request
@login_required
@roles_accepted("editor", "finance", "admin")
def staff_only() -> None:
    """Every page of the desk is for staff."""


@bp.context_processor
def in_words() -> dict[str, object]:
    return {"status_name": words.status_name, "act_name": words.act_name}


@bp.get("")
def dashboard_page() -> ResponseReturnValue:
    mode, open_round = _mode(), rounds.current()
    return render_template(
        "staff/dashboard.html",
        figures=dashboard.figures(mode),
        failing=dashboard.failing(mode),
        payments=dashboard.latest_payments(mode),
        open_round=open_round,
        turnout=roll.turnout(open_round) if open_round else None,
    )


@bp.get("/payments")
def payments() -> ResponseReturnValue:
    page = _page()
    rows = dashboard.latest_payments(_mode(), limit=ROWS + 1, offset=(page - 1) * ROWS)
    return render_template(
        "staff/payments.html", payments=rows[:ROWS], page=page, more=len(rows) > ROWS
    )


@bp.get("/people")
def people_page() -> ResponseReturnValue:
    page, wanted = _page(), request.args.get("q", "").strip()[:100]
    rows = people.listed(_mode(), wanted, limit=ROWS + 1, offset=(page - 1) * ROWS)
    return render_template(
        "staff/people.html", people=rows[:ROWS], page=page, more=len(rows) > ROWS, wanted=wanted
    )


@bp.get("/stripe")
@roles_accepted("finance", "admin")
def stripe() -> ResponseReturnValue:
    return render_template("staff/stripe.html", stuck=inbox.stuck(ROWS), last=inbox.last_heard())


@bp.post("/stripe/replay")
@roles_accepted("finance", "admin")
def replay() -> ResponseReturnValue:
    event_id = request.form.get("event", "")
    audit.note("replay", event_id, by=current_user)
    db.session.commit()
    inbox.replay(event_id)
    return redirect(url_for(".stripe"), 303)


@bp.get("/rounds")
def rounds_page() -> ResponseReturnValue:
    return render_template("staff/rounds.html", rounds=rounds.listed())


@bp.post("/rounds/<slug>/close")
@roles_accepted("editor", "admin")
def close_round(slug: str) -> ResponseReturnValue:
    round = rounds.by_slug(slug)
    if round is None:
        raise NotFound
    if round.closed_at is None:
        rounds.close(round)
        audit.note("close round", round.title, by=current_user)
        db.session.commit()
    return redirect(url_for("topics.results_page", slug=slug), 303)


@bp.get("/audit")
@roles_accepted("admin")
def audit_page() -> ResponseReturnValue:
    return render_template("staff/audit.html", entries=audit.latest(ROWS * 2))


def _mode() -> Mode:
    return Mode(current_app.config["MODE"])


def _page() -> int:
    page = request.args.get("page", 1, type=int)
    return min(max(page, 1), FURTHEST_PAGE)

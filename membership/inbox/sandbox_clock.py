"""/dev/clock: let a month pass in the sandbox. Hung up in sandbox mode only."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.clock import clock
from membership.gateway import StripeDown, gateway

bp = Blueprint("sandbox_clock", __name__, url_prefix="/dev/clock")

SANDBOX_CLOCK = "clock_sandbox"
STEPS: dict[str, timedelta | relativedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": relativedelta(months=1),
}


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template("inbox/sandbox_clock.html", now=clock.now())


@bp.post("")
def advance() -> ResponseReturnValue:
    """Everything due until then happens in the sandbox, and its webhooks tell us."""
    step = STEPS.get(request.form.get("by", ""))
    if step is None:
        abort(400)
    to = clock.now() + step
    try:
        gateway().advance_clock(SANDBOX_CLOCK, to)
    except StripeDown:
        return render_template("inbox/sandbox_clock.html", now=clock.now(), down=True), 503
    clock.run_ahead_to(to)
    return redirect(url_for(".index"), 303)

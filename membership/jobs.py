"""The schedule: each job is one call into a room above. `flask jobs` works through it."""

from collections.abc import Callable

import structlog
from flask import Flask, current_app
from huey import crontab
from sqlalchemy import event
from sqlalchemy.orm import Session

from membership import planner
from membership.articles.corrections import forgetting as corrections
from membership.articles.elements import seen
from membership.books import customers, disputes, payouts, settlement
from membership.extensions import db, jobs
from membership.giving import abandoned
from membership.history import rebuild, sums, zone
from membership.inbox import account, inbox, reconcile, silence
from membership.mail import delivery
from membership.rounds import followed, letters, schedule
from membership.settings import current
from membership.staff import monday
from membership.staff.account import undoing
from membership.staff.imports import keeping, work

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    huey = jobs.huey

    def job(work: Callable[[], object], *, every: object = None) -> Callable[[], object]:
        def run() -> None:
            with app.app_context():
                current.of(app).look()
                work()

        name = f"{work.__module__}.{work.__name__}"
        register = (
            huey.periodic_task(every, name=f"{name}.round") if every else huey.task(name=name)
        )
        task: Callable[[], object] = register(run)
        return task

    job(delivery.deliver_due, every=crontab(minute="*"))
    job(schedule.open_due, every=crontab(minute="*"))
    job(schedule.remind_due, every=crontab(minute="*/5"))
    job(schedule.close_due, every=crontab(minute="*"))
    job(letters.tell_due, every=crontab(minute="*"))
    job(settlement.run, every=crontab(minute="*/10"))
    job(payouts.run, every=crontab(minute="5-59/10"))
    job(sums.fold, every=crontab(minute="*"))
    job(customers.readdress_due, every=crontab(minute="*"))
    job(disputes.end_lost, every=crontab(minute="*/10"))
    job(silence.sound, every=crontab(minute="23"))
    job(monday.send_due, every=crontab(minute="*/10"))
    job(work.go_on_due, every=crontab(minute="*"))
    job(followed.follow_due, every=crontab(minute="41"))
    job(followed.count_members, every=crontab(hour="2", minute="47"))
    job(zone.follow, every=crontab(minute="17"))
    job(rebuild.give_up, every=crontab(hour="2", minute="31"))
    job(planner.learn, every=crontab(hour="4", minute="53"))
    job(keeping.forget_old, every=crontab(hour="4", minute="29"))
    job(inbox.forget_old, every=crontab(hour="4", minute="41"))
    job(corrections.forget_old, every=crontab(hour="4", minute="19"))
    job(seen.forget_old, every=crontab(hour="4", minute="37"))
    job(abandoned.forget_old, every=crontab(hour="4", minute="11"))
    job(inbox.replay_stuck, every=crontab(hour="3", minute="11"))
    job(reconcile.nightly, every=crontab(hour="3", minute="17"))
    app.extensions["look_at_account_soon"] = job(account.look)
    app.extensions["take_account_in_soon"] = job(account.take_in)
    app.extensions["take_account_out_soon"] = job(undoing.undo)
    app.extensions["count_by_zone_soon"] = job(zone.follow)
    app.extensions["compare_soon"] = job(reconcile.whole)
    app.extensions["deliver_soon"] = job(delivery.deliver_urgent)


@event.listens_for(db.session, "after_commit")
def _deliver_soon(session: Session) -> None:
    """Ask for delivery once a transaction that queued mail is in.

    What is missed here waits for the minute's round, so a broken queue loses no mail.
    """
    if session.in_nested_transaction() or not session.info.pop("mail_queued", False):
        return
    if not jobs.ask(current_app.extensions["deliver_soon"]):
        log.warning("mail waits for the next round")

"""The commands of docs/commands.md: `flask --app app …`."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from flask_babel import force_locale

from config import SOURCE_LANGUAGE
from membership import backups, days, doctor, seed
from membership.backups import NoBackup
from membership.clock import clock
from membership.extensions import db, jobs
from membership.figures import (
    coming,
    committed,
    movements,
    recovery,
    sources,
    supporters,
)
from membership.figures import money as money_in
from membership.figures.spans import By, Span
from membership.gateway import StripeDown, StripeRefused, gateway
from membership.history import rebuild
from membership.inbox import inbox, reconcile
from membership.money import Money
from membership.patrons import people
from membership.patrons.people import NotAnAddress
from membership.rounds import equal_shares, followed, rounds, verify
from membership.seed import crowd
from membership.seed.lives import NEWSPAPER
from membership.staff import export, invitations
from membership.staff.account.commands import account_command
from membership.staff.export import CannotExport
from membership.staff.imports.commands import imports
from membership.staff.people import forgetting

T = TypeVar("T")

DAY = click.DateTime(["%Y-%m-%d"])

staff = AppGroup("staff", help="Who works at the desk.")
stripe = AppGroup("stripe", help="The connection to Stripe.")
jobs_group = AppGroup("jobs", help="Mail delivery and nightly work.")
people_group = AppGroup("people", help="Readers and patrons.")
rounds_group = AppGroup("rounds", help="Votes.")
backup_group = AppGroup("backup", help="Copies of the database.")
imports.add_command(account_command)


def init_app(app: Flask) -> None:
    for group in (staff, stripe, jobs_group, people_group, rounds_group, backup_group, imports):
        app.cli.add_command(group)
    for command in (doctor_command, export_command, seed_command, metrics_group):
        app.cli.add_command(command)


@staff.command("invite")
@click.argument("email")
@click.option("--role", type=click.Choice(["editor", "finance", "admin"]), required=True)
def invite(email: str, role: str) -> None:
    """Give EMAIL a role and print a one-time sign-in link."""
    try:
        click.echo(invitations.invite(email, role))
    except NotAnAddress as error:
        raise click.ClickException(f"{email}: {error}") from error


@stripe.command("connect")
@click.option("--url", help="Where Stripe sends events. Default: SITE_URL/webhooks/stripe.")
def connect(url: str | None) -> None:
    """Register the webhook endpoint with the pinned version and keep its secret."""
    address = url or inbox.own_address()
    made = _with_stripe(lambda: inbox.connect(address))
    click.echo(f"Stripe sends {len(made['enabled_events'])} kinds of events to {address}")


@stripe.command("reconcile")
@click.option("--since", type=DAY, help="Leave older payments alone.")
@click.option("--dry-run", is_flag=True, help="Name every difference and mend none.")
def reconcile_command(since: datetime | None, dry_run: bool) -> None:
    """Compare with Stripe, repair, and print each difference and a count.

    Progress goes to standard error. Safe to interrupt, and to run again.
    """
    tally = _with_stripe(
        lambda: reconcile.run(
            since=since.replace(tzinfo=UTC) if since else None,
            is_dry=dry_run,
            found=lambda kind, what: click.echo(f"{kind}: {what}"),
            progress=lambda what, read: click.echo(f"… {read} {what} read", err=True),
        )
    )
    for kind, count in sorted(tally.items()):
        click.echo(f"{count} × {kind}")
    if not tally:
        click.echo("No difference.")
    elif dry_run:
        click.echo("Nothing was mended: a dry run.")


@stripe.command("replay")
@click.argument("event_id", required=False)
def replay(event_id: str | None) -> None:
    """Apply stored events that failed, or the one named."""
    done = inbox.replay(event_id)
    for taken in done:
        click.echo(f"{taken.id} {taken.type}: {taken.error or 'applied'}")
    if any(taken.error for taken in done):
        sys.exit(1)
    if not done:
        click.echo("Nothing to replay.")


@people_group.command("erase")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(email: str, yes: bool) -> None:
    """Stop EMAIL's billing at Stripe, then forget who it was. Rows of money stay, unnamed."""
    try:
        person = people.by_email(email)
    except NotAnAddress as error:
        raise click.ClickException(f"{email}: {error}") from error
    if not yes:
        click.confirm(f"Erase {person.email if person else email} for good?", abort=True)
    if person is None:
        if not forgetting.forget_reader(email):
            raise click.ClickException(f"nobody here has the address {email}")
        click.echo("The address is taken out of what its reader pointed out in articles.")
        return
    _with_stripe(lambda: forgetting.erase(person, by=None))
    click.echo("Billing has ended, and the person is erased.")


@rounds_group.command("verify")
@click.argument("slug")
def verify_command(slug: str) -> None:
    """Hold the round SLUG against the digests that were published of it; exit 1 if one is wrong.

    Compare what is printed with what the pages and the mails told when the round opened and
    closed: who can change the ballots can change the digests beside them.
    """
    round = rounds.by_slug(slug)
    if round is None:
        raise click.ClickException(f"no round called {slug} was ever opened")
    equal_shares.report(verify.verify(round))


@jobs_group.command("run")
def run_jobs() -> None:
    """Work through the queue until told to stop.

    Two at a time, so that a round closes while the books are compared with Stripe.
    """
    jobs.huey.create_consumer(workers=2, worker_type="thread", initial_delay=0.05).run()


@click.group("metrics", cls=AppGroup, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--at", "day", type=DAY, help="As all stood at the end of that day; else now.")
@click.option("--from", "first", type=DAY, help="First day of movements; else of that month.")
@click.option("--to", "last", type=DAY, help="Last day of movements; else the day of --at.")
@click.option(
    "--by", type=click.Choice([by.value for by in By]), default="month", show_default=True
)
@click.pass_context
@with_appcontext
def metrics_group(
    context: click.Context,
    *,
    as_json: bool,
    day: datetime | None,
    first: datetime | None,
    last: datetime | None,
    by: str,
) -> None:
    """Every figure, per currency, in minor units.

    What is committed and what is coming are known as of now alone, and are left out with --at.
    """
    if context.invoked_subcommand is not None:
        return
    stood = day.date() if day else days.today()
    until = last.date() if last else stood
    since = first.date() if first else until.replace(day=1)
    if until < since:
        raise click.ClickException(f"--to {until} is before --from {since}")
    mode = gateway().mode
    figures: dict[str, Any] = {
        "active_supporters": supporters.active(mode, stood),
        "mrr": _amounts(movements.mrr(mode, stood)),
    }
    if day is None:
        figures |= {
            "committed_mrr": _amounts(committed.committed(mode)),
            "coming": coming.as_json(mode),
        }
    span, parts = Span(since, until), By(by)
    figures |= {
        "movements": movements.as_json(mode, span, parts),
        "supporters": supporters.as_json(mode, span, parts),
        "money": money_in.as_json(mode, span, parts),
        "recovery": recovery.as_json(mode, span, parts),
        "sources": sources.as_json(mode, span),
        "votes": followed.as_json(),
    }
    if as_json:
        at = stood if day else clock.now()
        click.echo(json.dumps({"mode": mode, "at": at.isoformat()} | figures))
        return
    for name, value in figures.items():
        click.echo(f"{name.replace('_', ' ')}: {value}")


def _amounts(by_currency: dict[str, Money]) -> dict[str, int]:
    return {code: money.amount for code, money in by_currency.items()}


@metrics_group.command("rebuild")
def rebuild_command() -> None:
    """Make movements and sums anew from what invoices billed, while the site runs.

    Progress goes to standard error. Safe to interrupt, and to run again.
    """
    rebuild.rebuild(lambda what, done: click.echo(f"… {done} {what}", err=True))
    click.echo("The figures are made anew.")


@backup_group.command("check")
@click.argument("url")
def backup_check(url: str) -> None:
    """Look through a backup that was restored to another database, at URL: such as
    sqlite:///copy.sqlite.
    """
    try:
        found = backups.check(url)
    except NoBackup as error:
        raise click.ClickException(str(error)) from error
    until = f"{found.as_of:%Y-%m-%d %H:%M} UTC"
    click.echo(f"{found.rows:,} rows counted; the last thing it knows is of {until}")


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def export_command(folder: Path) -> None:
    """Everything that the newsroom owns, as CSV with a description, into a new FOLDER."""
    try:
        export.export(folder, lambda table, rows: click.echo(f"{rows:>10,} {table}", err=True))
    except CannotExport as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"All of it is in {folder}; begin with {folder / export.README}")


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Every setting and outside part, one line each; exit 1 if one is wrong."""
    with force_locale(SOURCE_LANGUAGE):
        checks = doctor.examine()
    for check in checks:
        click.echo(f"{'ok   ' if check.ok else 'WRONG'} {check.part}: {check.words}")
    if not all(check.ok for check in checks):
        sys.exit(1)


@click.command("seed")
@click.option("--patrons", default=300, show_default=True, type=click.IntRange(0, 5_000_000))
@click.option("--months", default=18, show_default=True, type=click.IntRange(1, 120))
@click.option(
    "--seed", "number", default=1, show_default=True, help="The same seed, the same newsroom."
)
@click.option(
    "--newspaper",
    default=NEWSPAPER,
    show_default=True,
    help="Where the articles are that some came from.",
)
@with_appcontext
def seed_command(patrons: int, months: int, number: int, newspaper: str) -> None:
    """A believable newsroom of any size, in sandbox mode.

    The sandbox lives through up to 2,000 patrons; more are written straight into the books.
    """
    bars = _Bars({"people": patrons, "indexes": len(crowd.put_off()), "months": months})
    try:
        lines = seed.newsroom(
            patrons=patrons,
            months=months,
            number=number,
            newspaper=newspaper.rstrip("/"),
            progress=bars,
        )
        for line in lines:
            click.echo(line)
    except seed.CannotSeed as error:
        raise click.ClickException(str(error)) from error


class _Bars:
    """On a terminal's standard error a bar for each thing that takes its time, one by one."""

    def __init__(self, lengths: dict[str, int]) -> None:
        self._bars = {
            what: click.progressbar(length=length, label=what, file=sys.stderr)
            for what, length in lengths.items()
        }

    def __call__(self, what: str, done: int) -> None:
        bar = self._bars[what]
        length = bar.length or 0
        # Sums also stand in months that are to come, in which little is.
        bar.update(min(done, length) - bar.pos)
        if done == length:
            bar.render_finish()


def _with_stripe(call: Callable[[], T]) -> T:
    try:
        return call()
    except (StripeDown, StripeRefused) as error:
        db.session.rollback()
        raise click.ClickException(f"Stripe: {error}") from error

"""`flask --app app import …`: the same as the desk's pages do, for files too large to send."""

import csv
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from config import SOURCE_LANGUAGE
from membership.extensions import db
from membership.patrons import people
from membership.patrons.models import Person
from membership.patrons.people import NotAnAddress
from membership.staff.import_models import Import, ImportKind
from membership.staff.imports import heads, import_words, report, staging, work
from membership.staff.imports.dates import ORDERS
from membership.staff.imports.encodings import KNOWN, Unreadable
from membership.staff.imports.fields import DATES, FIELDS
from membership.staff.imports.import_words import KINDS
from membership.staff.sheets import cell

DAY = click.DateTime(["%Y-%m-%d"])
MOST_BYTES = 1024 * 1024 * 1024
TOLD_EACH = 5000

imports = AppGroup("import", help="People and accounts from elsewhere.")


@imports.command("members")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen, and forget the file.")
@click.option(
    "--columns", default="", help="Which column is what: email=Mail,name=Who. Adds to guesses."
)
@click.option("--encoding", type=click.Choice(KNOWN), help="How it is written; else found out.")
@click.option(
    "--kind", type=click.Choice(list(KINDS)), default="", help="Whose kind no column says."
)
@click.option("--until", type=DAY, help="Member until, where the file says nothing.")
@click.option("--date-order", type=click.Choice(ORDERS), help="Where the file does not say.")
@click.option("--currency", default="", help="Of gifts, where the file says nothing.")
@click.option("--consent-text", default="", help="The words that people agreed to.")
@click.option("--consented-on", type=DAY, help="When, where the file says nothing.")
@click.option("--with-stripe", is_flag=True, help="Book gifts that were paid through Stripe, too.")
@click.option("--by", "author", help="Who of the staff brings them; notes need an author.")
@click.option("--report", "sheet", type=click.Path(path_type=Path), help="Where to write each row.")
def members(file: Path, **wanted: Any) -> None:
    """Bring the people in FILE along, a CSV. Safe to interrupt; the desk's page goes on with it.

    Progress goes to standard error. Exit 1 where nothing can be read.
    """
    with force_locale(SOURCE_LANGUAGE):
        brought = _brought(file, wanted)
        _look_through(brought, wanted)
        if not wanted["dry_run"]:
            work.take_in(brought, by=brought.by)
            work.to_the_end(brought.id, _told)
        _tell(brought, wanted["sheet"])
        if wanted["dry_run"]:
            work.throw_away(brought)
            click.echo("Nothing was taken in: a dry run.")


def _brought(file: Path, wanted: dict[str, Any]) -> Import:
    by = _author(wanted["author"])
    try:
        with file.open("rb") as opened:
            return staging.bring(
                opened,
                file.name,
                kind=ImportKind.members,
                encoding=wanted["encoding"],
                by=by,
                most=MOST_BYTES,
                told=lambda rows: click.echo(f"… {rows} rows read", err=True),
            )
    except Unreadable as error:
        raise click.ClickException(f"{file}: {import_words.unreadable(error.why)}") from error


def _author(address: str | None) -> Person | None:
    try:
        person = people.by_email(address) if address else None
    except NotAnAddress as error:
        raise click.ClickException(f"{address}: {error}") from error
    if address and (person is None or not person.roles):
        raise click.ClickException(f"nobody on the staff has the address {address}")
    return person


def _look_through(brought: Import, wanted: dict[str, Any]) -> None:
    """What cannot be known is asked for, and the file forgotten until it is said."""
    matched = brought.matched | _columns(brought, wanted["columns"])
    for field, place in sorted(matched.items()):
        click.echo(f"{field}: {brought.heads[place]}", err=True)
    unclear = {
        str(matched[field])
        for field in DATES
        if field in matched and not brought.evidence[str(matched[field])]["is_plain"]
    }
    answers = {
        "kind": wanted["kind"],
        "until": _day(wanted["until"]),
        "consent_text": wanted["consent_text"],
        "consented_on": _day(wanted["consented_on"]),
        "currency": wanted["currency"].lower(),
        "takes_stripes": wanted["with_stripe"],
        "orders": dict.fromkeys(unclear, wanted["date_order"]),
    }
    missing = [
        f"--date-order: {brought.heads[int(place)]} does not say which number is the day"
        for place in sorted(unclear)
        if not wanted["date_order"]
    ]
    if "amount" in matched and "given_on" not in matched:
        missing.append("--columns given_on=…: the day of each gift")
    if "amount" in matched and "currency" not in matched and not wanted["currency"]:
        missing.append("--currency: that of the gifts")
    if "note" in matched and brought.by_id is None:
        click.echo("Notes are left out: name their author with --by.", err=True)
    if missing:
        work.throw_away(brought)
        raise click.ClickException("; ".join(missing))
    work.look_through(brought, matched=matched, answers=answers)
    work.to_the_end(brought.id, _told)


def _columns(brought: Import, text: str) -> dict[str, int]:
    places = {heads.plain(head): place for place, head in reversed([*enumerate(brought.heads)])}
    chosen = {}
    for part in filter(None, map(str.strip, text.split(","))):
        field, _equals, head = part.partition("=")
        if field not in FIELDS or heads.plain(head) not in places:
            work.throw_away(brought)
            raise click.ClickException(
                f"--columns {part}: write one of {', '.join(FIELDS)}, and one of "
                f"{', '.join(brought.heads)}"
            )
        chosen[field] = places[heads.plain(head)]
    return chosen


def _day(day: datetime | None) -> str | None:
    return day.date().isoformat() if day else None


def _told(brought: Import) -> None:
    if brought.place % TOLD_EACH == 0 and brought.place:
        click.echo(f"… {brought.place} of {brought.rows} rows: {brought.state.value}", err=True)


def _tell(brought: Import, sheet: Path | None) -> None:
    if sheet is not None:
        with sheet.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(report.HEADS)
            for line in report.lines(brought):
                writer.writerow(map(cell, line))
    db.session.commit()
    for fate, count in work.counts(brought).items():
        click.echo(f"{count:>10,} {import_words.fate_name(fate)}")
    sys.stdout.flush()

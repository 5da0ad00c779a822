"""A script reports for an hour: `python -m bench.corrections`. What the desk is like afterwards.

Four kinds of noise in turn, each from a network address of its own: the same text of ever new
passages, texts that are never the same, one passage again and again, and pairs that report the same
to bring it before the editors. Somewhere in the middle one reader reports what is true.
"""

import argparse
import logging
import statistics
import time
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench import databases
from membership.articles.corrections import casework, forgetting, guard, reporting
from membership.articles.corrections.casework import Tab, Wanted
from membership.articles.corrections.models import Correction, Kind
from membership.articles.corrections.passages import passage
from membership.articles.corrections.reporting import Report
from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons import people, sign_in

ARTICLES = 12
ASKED = 9
MOST_READ = 5000
PAGES = ("", "?tab=flood", "?tab=flood&page=2", "?tab=flood&words=1879", "?tab=decided")
TRUE = "It was built in 1879, says the plate."

parser = argparse.ArgumentParser(prog="python -m bench.corrections", description=__doc__)
parser.add_argument("--reports", type=int, default=100_000)


def main() -> None:
    reports: int = parser.parse_args().reports
    logging.disable(logging.WARNING)
    with databases.each() as newsrooms:
        for database, app in newsrooms:
            print(f"{database}: {reports:,} reports", flush=True)
            _measure(app, reports)


def _measure(app: Flask, reports: int) -> None:
    with app.app_context():
        desk = _desk(app)
        began, now = time.perf_counter(), clock.now()
        for number in range(reports):
            clock.set(now + timedelta(hours=1) * number / reports)
            _report(number, is_true=number == reports // 2)
        took = time.perf_counter() - began
        print(f"  taken in {took:.0f} s, {1000 * took / reports:.1f} ms each")
        print(
            f"  tabs: {', '.join(f'{tab} {count:,}' for tab, count in casework.counts().items())}"
        )
        letters = db.session.scalar(sa.select(sa.func.count(OutgoingMail.id)))
        print(f"  letters: {letters}")
        db.session.commit()
    for page in PAGES:
        print(f"  /staff/corrections{page}: {_milliseconds(desk, page):.0f} ms")
    with app.app_context():
        for words in ("1879", "1897", "plate built"):
            rows = casework.flood(Wanted(words=words), limit=MOST_READ, offset=0)
            place = next((place for place, row in enumerate(rows, 1) if row.said == TRUE), None)
            print(f"  the true one, searched for “{words}”: row {place} of {len(rows):,}")
        clock.set(clock.now() + forgetting.FLOOD_KEPT + timedelta(hours=2))
        began = time.perf_counter()
        forgetting.forget_old()
        left = db.session.scalar(sa.select(sa.func.count(Correction.id)))
        print(f"  let go in {time.perf_counter() - began:.0f} s, {left:,} cases left")
        assert casework.counts()[Tab.flood] == 0
        clock.set(None)
        db.session.remove()


def _report(number: int, *, is_true: bool) -> None:
    article = f"https://slovo.example/{number % ARTICLES}"
    exact, said = {
        0: (f"noise {number}", "Buy at buy.example!"),
        1: (f"noise {number}", f"Nonsense {number * 7919}"),
        2: ("ever the same", "Buy at buy.example!"),
        3: (f"noise {number // 8}", f"Nonsense {number // 8}"),
    }[number % 4]
    if is_true:
        exact, said = "built in 1897", TRUE
    its = passage(article, exact, "", "", "")
    email = None if is_true else f"victim{number}@example.org"
    client = guard.client_at(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    reporting.report(Report(its, Kind.fact, said, email, "en"), client=client)
    db.session.expunge_all()


def _desk(app: Flask) -> FlaskClient:
    editor = people.ensure("editor@example.org")
    people.give_role(editor, "editor")
    link = sign_in.make_link(editor, lasts=timedelta(minutes=5))
    db.session.commit()
    browser = app.test_client()
    browser.post(link.removeprefix(app.extensions["settings"].site_url))
    return browser


def _milliseconds(desk: FlaskClient, page: str) -> float:
    took = []
    for _again in range(ASKED):
        began = time.perf_counter()
        assert desk.get(f"/staff/corrections{page}").status_code == 200
        took.append(time.perf_counter() - began)
    return 1000 * statistics.median(took)


if __name__ == "__main__":
    main()

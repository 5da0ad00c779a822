"""`python -m bench.storm`: a storm of Stripe's events, while processes are killed.

Four web processes and two job processes on PostgreSQL. Some hundred patrons live through some
weeks in the sandbox; all that Stripe has to say of it is signed and posted in random order and
more than once, as Stripe does, until each delivery was answered with 200. Meanwhile one of the
six processes is ended with SIGKILL every few seconds, and started again; so is the Redis of their
jobs, where redis-server is installed. In the end the books are held against Stripe's, and every
mail against what a mail server took.
"""

import argparse
import queue
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import requests
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from bench import databases
from bench.serving import HOST, Process, answers, free_port, redis, sandbox, web
from membership.books import settlement
from membership.books.models import Interval
from membership.clock import clock
from membership.extensions import db
from membership.giving.checkout import Wish, start
from membership.inbox import inbox, reconcile
from membership.inbox.models import StripeEvent
from membership.mail.models import MailState, OutgoingMail
from membership.money import Money
from tests.books import truth
from tests.till import FAILS_ON_RENEWAL, GOOD_CARD, IS_DISPUTED, SECRET, Event, Till, signed

WEB, JOBS, SENDERS = 4, 2, 8
ROUND_OF_MAIL_SECONDS = 150
REDIS_AWAY_SECONDS = 3


@dataclass
class Mailbox:
    """A mail server's count of what it took, by Message-ID."""

    taken: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken[str(message_from_bytes(content)["Message-ID"])] += 1
        return "250 OK"


@dataclass
class Storm:
    """What happened to the deliveries."""

    answers: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def main() -> int:
    chosen = _options()
    chance = random.Random(chosen.seed)
    folder = Path(tempfile.mkdtemp(prefix="hromada-storm-"))
    try:
        with databases.postgresql(folder) as url, _mail_server() as (mail_port, mailbox):
            return _run(chosen, chance, folder, url("storm"), mail_port, mailbox)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(
    chosen: argparse.Namespace,
    chance: random.Random,
    folder: Path,
    url: str,
    mail_port: int,
    mailbox: Mailbox,
) -> int:
    stripe, address = sandbox(folder)
    settings = {
        "sandbox_url": address,
        "stripe_webhook_secret": SECRET,
        "smtp_url": f"smtp://{HOST}:{mail_port}",
    }
    processes: list[Process] = []
    found = redis(folder)
    broker = found[0] if found else None
    try:
        app = databases.newsroom(folder, url, **settings)
        till = Till(address)
        events = _live(app, till, chosen.subscriptions, chosen.months, chance)
        deliveries = _shuffled(events, max(chosen.events, len(events)), chance)
        print(
            f"{len(events):,} events of {till.total('subscriptions', status='all')} subscriptions,"
            f" {len(deliveries):,} deliveries\n",
            flush=True,
        )
        environment = {name.upper(): value for name, value in settings.items()} | {
            "INSTANCE_DIR": str(folder),
            "DATABASE_URL": url,
            "RATE_LIMITS": "off",
        }
        if found:
            environment["REDIS_URL"] = found[1]
            found[0].start()
        else:
            print("redis-server is not installed here: runs without Redis.\n", flush=True)
        sites = []
        for number in range(WEB):
            process, site = web(f"web {number}", environment)
            processes.append(process)
            sites.append(site)
        processes += [_jobs(number, environment) for number in range(JOBS)]
        for process in processes:
            process.start()
        for site in sites:
            answers(f"{site}/readyz")
        storm = _blow(deliveries, sites, processes, broker, chosen, chance)
        _wait_for_mail(app)
        return _tally(app, till, events, deliveries, storm, mailbox)
    finally:
        for process in [*processes, *([broker] if broker else [])]:
            process.end()
        stripe.end()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="at least so many deliveries")
    parser.add_argument("--subscriptions", type=int, default=500)
    parser.add_argument("--months", type=int, default=5, help="how long the patrons' lives are")
    parser.add_argument("--kill-every", type=float, default=3.0, help="seconds")
    parser.add_argument("--kill-redis-every", type=float, default=10.0, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _live(
    app: Flask, till: Till, subscriptions: int, months: int, chance: random.Random
) -> list[Event]:
    """Readers become patrons; some cards fail, some payments are refunded or contested."""
    cards = [GOOD_CARD] * 8 + [FAILS_ON_RENEWAL, IS_DISPUTED]
    with app.test_request_context():
        for number in range(subscriptions):
            amount = chance.choice([300, 500, 1000, 2500])
            wish = Wish(
                f"patron{number}@example.org", Money(amount, "eur"), Interval.month, "en", None
            )
            address = start(wish, attempt=f"storm-{number:012}", giver=None)
            till.pay(address, card=chance.choice(cards))
    events: list[Event] = []
    for _ in range(months):
        charges = till.get("/v1/charges", limit=100)["data"]
        for charge in chance.sample(charges, len(charges) // 10):
            if not charge["disputed"] and charge["status"] == "succeeded":
                till.sdk.v1.refunds.create(
                    {"charge": charge["id"], "amount": charge["amount"] // 2}
                )
        # Stripe keeps events for thirty days.
        for days in (16, 15):
            events += _heard(till)
            till.let_pass(till.now() + timedelta(days=days))
    clock.set(till.now())
    return events + _heard(till)


def _heard(till: Till) -> list[Event]:
    news = till.news()
    till.taken(news)
    return [event for event in news if event["type"] in inbox.EVENTS]


def _shuffled(events: list[Event], count: int, chance: random.Random) -> list[Event]:
    deliveries = events + chance.choices(events, k=max(count - len(events), len(events) // 5))
    chance.shuffle(deliveries)
    return deliveries


def _jobs(number: int, environment: dict[str, str]) -> Process:
    return Process(f"jobs {number}", ["-m", "flask", "--app", "app", "jobs", "run"], environment)


def _blow(
    deliveries: list[Event],
    sites: list[str],
    processes: list[Process],
    broker: Process | None,
    chosen: argparse.Namespace,
    chance: random.Random,
) -> Storm:
    """Post everything until it is taken; a delivery that failed comes again later, as Stripe's."""
    waiting: queue.Queue[Event] = queue.Queue()
    for event in deliveries:
        waiting.put(event)
    storm, over, left = Storm(), threading.Event(), threading.Lock()
    remaining = len(deliveries)

    def send() -> None:
        nonlocal remaining
        own = random.Random(chance.random())
        with requests.Session() as connection:
            while not over.is_set():
                try:
                    event = waiting.get(timeout=0.2)
                except queue.Empty:
                    continue
                answer = _post(connection, own.choice(sites), event)
                storm.answers[answer] += 1
                if answer != "200":
                    waiting.put(event)
                    continue
                with left:
                    remaining -= 1
                    if remaining == 0:
                        over.set()

    def kill() -> None:
        while not over.wait(chosen.kill_every):
            process = chance.choice(processes)
            process.end(signal.SIGKILL)
            storm.killed[process.name.split()[0]] += 1
            process.start()

    def kill_redis(broker: Process) -> None:
        while not over.wait(chosen.kill_redis_every):
            broker.end(signal.SIGKILL)
            storm.killed["redis"] += 1
            over.wait(REDIS_AWAY_SECONDS)
            broker.start()

    began = time.perf_counter()
    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    threads.append(threading.Thread(target=kill))
    if broker is not None:
        threads.append(threading.Thread(target=kill_redis, args=[broker]))
    for thread in threads:
        thread.start()
    while not over.wait(5):
        if sys.stdout.isatty():
            print(f"  {len(deliveries) - remaining:,} taken", end="\r", flush=True)
    for thread in threads:
        thread.join()
    storm.seconds = time.perf_counter() - began
    return storm


def _post(connection: requests.Session, site: str, event: Event) -> str:
    body, header = signed(event)
    try:
        answer = connection.post(
            f"{site}/webhooks/stripe",
            data=body,
            headers={"Stripe-Signature": header},
            timeout=30,
        )
    except requests.RequestException:
        return "no answer"
    return str(answer.status_code)


def _wait_for_mail(app: Flask) -> None:
    """Two job processes deliver what is queued; none left waiting, or patience is out."""
    waiting = sa.select(sa.func.count()).where(OutgoingMail.state == MailState.queued)
    until = time.monotonic() + ROUND_OF_MAIL_SECONDS
    with app.app_context():
        while db.session.scalar(waiting) and time.monotonic() < until:
            db.session.rollback()
            time.sleep(1)
        db.session.rollback()


def _tally(
    app: Flask,
    till: Till,
    events: list[Event],
    deliveries: list[Event],
    storm: Storm,
    mailbox: Mailbox,
) -> int:
    with app.app_context():
        stored = set(db.session.scalars(sa.select(StripeEvent.id)))
        stuck = db.session.scalar(
            sa.select(sa.func.count()).where(StripeEvent.applied_at.is_(None))
        )
        stripes, ours = truth.stripes(till), truth.ours()
        heard_alone = [
            ours.subscriptions == stripes.subscriptions,
            ours.movements == stripes.movements,
            ours.disputes == stripes.disputes,
            all(
                ours.member_at(*moment) == stripes.member_at(*moment)
                for moment in truth.moments(ours, stripes)
            ),
        ]
        settlement.run()
        settled = truth.ours().settled == stripes.settled
        differences = reconcile.run()
        mails = Counter(db.session.scalars(sa.select(OutgoingMail.about)))
        states = Counter(db.session.scalars(sa.select(OutgoingMail.state)))
    lost = {event["id"] for event in events} - stored
    good = (
        not lost
        and not stuck
        and all(heard_alone)
        and settled
        and not differences
        and max(mails.values()) == 1
        and max(mailbox.taken.values()) == 1
    )
    lines = [
        ("deliveries", f"{len(deliveries):,} of {len(events):,} events"),
        ("sent again after no answer", f"{storm.answers['no answer']:,}"),
        ("sent again after another answer", _others(storm.answers)),
        ("processes killed", ", ".join(f"{n} {name}" for name, n in sorted(storm.killed.items()))),
        ("took", f"{storm.seconds:.0f} s, {len(deliveries) / storm.seconds:.0f} a second"),
        ("events lost", f"{len(lost)}"),
        ("events not applied", f"{stuck}"),
        ("subscriptions equal Stripe's", _yes(heard_alone[0])),
        (
            "movements of money equal Stripe's",
            f"{_yes(heard_alone[1])}, {ours.movements.total():,}",
        ),
        ("disputes equal Stripe's", _yes(heard_alone[2])),
        ("memberships equal Stripe's", _yes(heard_alone[3])),
        ("settled sums equal Stripe's", f"{_yes(settled)}, {dict(stripes.settled)}"),
        ("differences a comparison finds", str(dict(differences) or "none")),
        ("mails queued twice", f"{sum(count - 1 for count in mails.values())} of {len(mails):,}"),
        (
            "mails taken by the server twice",
            f"{sum(count - 1 for count in mailbox.taken.values())} of {len(mailbox.taken):,}",
        ),
        ("mails by state", ", ".join(f"{count} {state.value}" for state, count in states.items())),
    ]
    for what, figure in lines:
        print(f"{what:<36} {figure}")
    print("\nNothing lost, nothing twice, the books are equal." if good else "\nNOT EQUAL.")
    return 0 if good else 1


def _others(answers: Counter[str]) -> str:
    others = {code: count for code, count in answers.items() if code not in ("200", "no answer")}
    return ", ".join(f"{count} × {code}" for code, count in sorted(others.items())) or "0"


def _yes(good: bool) -> str:
    return "yes" if good else "NO"


@contextmanager
def _mail_server() -> Iterator[tuple[int, Mailbox]]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname=HOST, port=free_port())
    controller.start()
    try:
        yield controller.port, mailbox
    finally:
        controller.stop()


if __name__ == "__main__":
    sys.exit(main())

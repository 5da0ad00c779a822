"""`python -m bench.djstripe`: Stripe's events taken by dj-stripe and by us, in turn.

dj-stripe is installed, unmodified, in an environment of its own in a temporary folder (a package
registry is needed); nothing of it comes near the project. Both systems have two web workers of
the same server, a database each on the same PostgreSQL with durable commits, and the same
sandbox as their Stripe. dj-stripe first syncs what it syncs; then both are sent the same signed
events of readers who become patrons, by the same number of connections. dj-stripe writes the
objects down; we write them down too, book the money, settle who is a member, and write the
thanks.
"""

import argparse
import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask

from bench import databases
from bench.serving import HOST, Process, answers, free_port, sandbox, web
from membership.books.models import Interval
from membership.extensions import db
from membership.gateway import API_VERSION
from membership.giving.checkout import Wish, start
from membership.inbox import inbox
from membership.money import Money
from tests.till import SECRET, Event, Till, signed

WORKERS, SENDERS = 2, 4
VERSION = "2.11.0"
MODELS = ("Account", "Customer", "Product", "Price", "Subscription", "Invoice", "Charge")
COUNTED = ("customer", "product", "price", "subscription", "invoice", "charge", "event")

SETTINGS = """
    import stripe

    stripe.api_base = "{sandbox}"
    stripe.api_version = "{version}"
    SECRET_KEY = "a benchmark on loopback"
    ALLOWED_HOSTS = ["{host}"]
    DEBUG = False
    USE_TZ = True
    ROOT_URLCONF = "urls"
    INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "djstripe"]
    DATABASES = {{"default": {{
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "{name}", "HOST": "{socket}", "USER": "{user}", "CONN_MAX_AGE": None,
    }}}}
    DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
    STRIPE_TEST_SECRET_KEY = "sk_test_djstripedjstripedjstripe1"
    STRIPE_LIVE_MODE = False
    STRIPE_API_VERSION = "{version}"
    DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
"""
URLS = """
    from django.urls import include, path

    urlpatterns = [path("stripe/", include("djstripe.urls", namespace="djstripe"))]
"""
WSGI = """
    import os
    from django.core.wsgi import get_wsgi_application

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    app = get_wsgi_application()
"""
ENDPOINT = """
    import django
    django.setup()
    from djstripe.models import Account, WebhookEndpoint

    made = WebhookEndpoint.objects.create(
        id="we_bench", livemode=False, secret="{secret}", url="http://{host}/stripe",
        enabled_events=["*"], status="enabled", api_version="{version}",
        djstripe_owner_account=Account.objects.first(),
    )
    print(made.djstripe_uuid)
"""
TROUBLE = """
    import django
    django.setup()
    from djstripe.models import WebhookEventTrigger

    for trigger in WebhookEventTrigger.objects.exclude(exception="")[:3]:
        print(trigger.json_body["type"], trigger.traceback)
"""
COUNT = """
    import django
    django.setup()
    from django.apps import apps

    for name in {names}:
        print(name, apps.get_model("djstripe", name).objects.count())
"""


class Refused(Exception):
    """An event that was not answered with 200."""


def main() -> int:
    chosen = _options()
    folder = Path(tempfile.mkdtemp(prefix="hromada-djstripe-"))
    try:
        with databases.postgresql(folder) as url:
            return _run(chosen, folder, url("hromada"), url("djstripe"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.djstripe", description=__doc__)
    parser.add_argument("--patrons", type=int, default=40, help="new ones in each round")
    parser.add_argument("--rounds", type=int, default=4)
    return parser.parse_args()


def _run(chosen: argparse.Namespace, folder: Path, our_url: str, their_url: str) -> int:
    stripe, address = sandbox(folder)
    servers: list[Process] = []
    try:
        settings = {"sandbox_url": address, "stripe_webhook_secret": SECRET}
        app = databases.newsroom(folder, our_url, **settings)
        till = Till(address)
        _new_patrons(app, till, 10, "before")
        till.taken(till.news())
        theirs = Django(folder, address, their_url)
        theirs.install()
        print(theirs.sync(), flush=True)
        process, site = web("ours", _environment(folder, our_url, settings), workers=WORKERS)
        process.start()
        servers.append(process)
        answers(f"{site}/readyz")
        ours_at = f"{site}/webhooks/stripe"
        theirs_at = theirs.serve(servers)
        places = {"ours": ours_at, "dj-stripe": theirs_at}
        try:
            ratios = _rounds(chosen, app, till, places)
        except Refused as error:
            print(error, theirs.trouble())
            return 1
        print("\nIn dj-stripe's tables: " + theirs.counts())
        print("In our books: " + _our_counts(app))
        print("\n" + "\n".join(ratios))
        return 0
    finally:
        for process in servers:
            process.end()
        stripe.end()


def _rounds(
    chosen: argparse.Namespace, app: Flask, till: Till, places: dict[str, str]
) -> list[str]:
    """Post to each in turn; a first round, which warms both, is not counted."""
    kinds = {
        "the types that we ask Stripe for": lambda event: event["type"] in inbox.EVENTS,
        "every type that Stripe sends": lambda event: True,
    }
    said = []
    for words, is_wanted in kinds.items():
        rates: dict[str, list[float]] = {name: [] for name in places}
        for number in range(chosen.rounds + 1):
            _new_patrons(app, till, chosen.patrons, f"{len(said)}.{number}")
            news = till.news()
            till.taken(news)
            events = _side_by_side([event for event in news if is_wanted(event)], chosen.patrons)
            for name, address in places.items():
                rates[name].append(_post_all(events, address))
                print(f"{words}, {len(events)} events, {name}: {rates[name][-1]:.0f} a second")
        ours, other = (statistics.median(rates[name][1:]) for name in places)
        said.append(
            f"{words}: ours {ours:.0f} events a second, dj-stripe {VERSION} {other:.0f}, "
            f"ratio {ours / other:.1f} ({WORKERS} workers each, medians of {chosen.rounds})"
        )
    return said


def _side_by_side(events: list[Event], patrons: int) -> list[Event]:
    """As if all patrons had come at the same time: the first event of each, then the second."""
    each = len(events) // patrons
    return [events[n * each + place] for place in range(each) for n in range(patrons)]


class Django:
    """A project that does nothing but dj-stripe, in an environment of its own."""

    def __init__(self, folder: Path, sandbox: str, url: str) -> None:
        self.python = folder / "environment" / "bin" / "python"
        self.home = folder / "project"
        self.sandbox = sandbox
        self.place = sa.make_url(url)

    def install(self) -> None:
        """From the registry that pip is set up for; the server is the one we run on."""
        subprocess.run([sys.executable, "-m", "venv", self.python.parent.parent], check=True)
        wanted = [f"dj-stripe=={VERSION}", "psycopg[binary]", "granian"]
        self._run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted)
        self.home.mkdir()
        facts = {
            "sandbox": self.sandbox,
            "host": HOST,
            "secret": SECRET,
            "version": API_VERSION,
            "socket": self.place.query.get("host", self.place.host),
            "user": self.place.username,
            "name": self.place.database,
        }
        for name, text in (("settings", SETTINGS), ("urls", URLS), ("wsgi", WSGI)):
            self._write(name, text.format(**facts) if name == "settings" else text)
        self._write("endpoint", ENDPOINT.format(**facts))
        self._write("trouble", TROUBLE)
        self._write("count", COUNT.format(names=COUNTED))
        self._run("-m", "django", "migrate", "--verbosity", "0")

    def sync(self) -> str:
        """What `djstripe_sync_models` says in the end, for the kinds of object that we have."""
        done = self._run("-m", "django", "djstripe_sync_models", *MODELS)
        synced = [line for line in done.splitlines() if "ynced" in line]
        return "dj-stripe's own sync:\n  " + "\n  ".join(synced)

    def serve(self, servers: list[Process]) -> str:
        """Its webhook address, with two workers behind it."""
        endpoint = self._run("endpoint.py").strip()
        port = free_port()
        granian = ["-m", "granian", "--interface", "wsgi", "wsgi:app", "--log-level", "error"]
        where = ["--host", HOST, "--port", str(port), "--workers", str(WORKERS)]
        server = Process(
            "dj-stripe", granian + where, self._environment(), str(self.python), self.home
        )
        server.start()
        servers.append(server)
        address = f"http://{HOST}:{port}/stripe/webhook/{endpoint}/"
        answers(address, status=405)
        return address

    def trouble(self) -> str:
        """Why it refused events, from its own record."""
        return self._run("trouble.py")

    def counts(self) -> str:
        return ", ".join(self._run("count.py").splitlines())

    def _write(self, name: str, text: str) -> None:
        (self.home / f"{name}.py").write_text(textwrap.dedent(text))

    def _environment(self) -> dict[str, str]:
        return {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(self.home)}

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [self.python, *command],
            cwd=self.home if self.home.exists() else None,
            env=os.environ | self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        return done.stdout


def _environment(folder: Path, url: str, settings: dict[str, str]) -> dict[str, str]:
    return {name.upper(): value for name, value in settings.items()} | {
        "INSTANCE_DIR": str(folder),
        "DATABASE_URL": url,
        "RATE_LIMITS": "off",
    }


def _new_patrons(app: Flask, till: Till, count: int, name: str) -> None:
    with app.test_request_context():
        for number in range(count):
            wish = Wish(
                f"{name}.{number}@example.org", Money(500, "eur"), Interval.month, "en", None
            )
            till.pay(start(wish, attempt=f"djstripe-{name}-{number:08}", giver=None))


def _post_all(events: list[Event], address: str) -> float:
    """Post every event once; how many a second were answered with 200. Raises on any other."""
    place = urlsplit(address)
    deliveries = [signed(event) for event in events]
    own = threading.local()

    def post(delivery: tuple[bytes, str]) -> None:
        if not hasattr(own, "web"):
            own.web = http.client.HTTPConnection(place.netloc, timeout=60)
        body, header = delivery
        own.web.request("POST", place.path, body, {"Stripe-Signature": header})
        answer = own.web.getresponse()
        answer.read()
        if answer.status != 200:
            raise Refused(f"{address}: {answer.status}")

    began = time.perf_counter()
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(post, deliveries))
    return len(events) / (time.perf_counter() - began)


def _our_counts(app: Flask) -> str:
    tables = ("customer", "subscription", "ledger_entry", "membership_period", "outgoing_mail")
    with app.app_context():
        return ", ".join(
            f"{table} {db.session.scalar(sa.text(f'select count(*) from {table}'))}"
            for table in (*tables, "stripe_event")
        )


if __name__ == "__main__":
    sys.exit(main())

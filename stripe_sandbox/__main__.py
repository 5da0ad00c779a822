"""`python -m stripe_sandbox`: serve the sandbox until it is told to stop."""

import argparse
import os
import signal
import sqlite3
import sys
import threading
from pathlib import Path
from types import FrameType

from stripe_sandbox.app import create_app, start
from stripe_sandbox.app import stop as end
from stripe_sandbox.serving import server


def main() -> int:
    """Serve. 1 if the port is taken or the store cannot be written."""
    options = _options()
    try:
        options.store.parent.mkdir(parents=True, exist_ok=True)
        app = create_app(
            options.store,
            origin=f"http://{options.host}:{options.port}",
            background=False,
            retry_seconds=options.retry_seconds,
            after_retries=options.after_retries,
            payment_methods=options.payment_methods,
            daily_payouts=options.payouts == "daily",
            disable_after_days=options.disable_after_days,
            any_version=options.any_version,
        )
    except (OSError, sqlite3.Error) as error:
        return _fail(f"cannot write the store {options.store}: {error}")
    try:
        serving = server(app, options.host, options.port)
    except OSError as error:
        return _fail(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}")

    def stop(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=serving.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    start(app)
    print(f"Stripe sandbox on http://{options.host}:{serving.port}, store {options.store}")
    sys.stdout.flush()
    serving.serve_forever(poll_interval=0.05)
    end(app)
    os._exit(0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stripe_sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--store", type=Path, default=Path("instance/sandbox.sqlite"))
    parser.add_argument(
        "--retry-seconds",
        type=float,
        default=1.0,
        help="wait before a webhook is sent again, doubled each time up to 64 times as long",
    )
    parser.add_argument(
        "--after-retries",
        choices=("canceled", "unpaid", "past_due"),
        default="canceled",
        help="what a subscription becomes when every retry of a renewal failed",
    )
    parser.add_argument(
        "--payment-methods",
        choices=("card", "card,sepa_debit"),
        default="card",
        help="what the account offers at Checkout where a session names no methods",
    )
    parser.add_argument(
        "--payouts",
        choices=("daily", "by-hand"),
        default="daily",
        help="whether what is available goes to the bank every midnight, or when asked to",
    )
    parser.add_argument(
        "--disable-after-days",
        type=float,
        default=9,
        help="how long an endpoint may take nothing, by the sandbox's clock; 0 is forever",
    )
    parser.add_argument(
        "--any-version",
        action="store_true",
        help="take requests that name another version of the API, and answer in the pinned one",
    )
    return parser.parse_args()


def _fail(reason: str) -> int:
    print(f"stripe_sandbox: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""`python -m newspaper`: serve the demo's newspaper until it is told to stop."""

import argparse
import signal
import sys
import threading
from datetime import UTC, datetime
from types import FrameType

from newspaper.pages import site
from newspaper.serving import HOST, server


def main() -> int:
    """Serve. 1 if the port is taken."""
    options = _options()
    address = f"http://{HOST}:{options.port}"
    made = site(address, hromada=options.hromada.rstrip("/"), today=datetime.now(UTC).date())
    try:
        serving = server(made, options.port)
    except OSError as error:
        reason = f"cannot listen on {HOST}:{options.port}: {error.strerror or error}"
        print(f"newspaper: {reason}", file=sys.stderr)
        return 1

    def stop(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=serving.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"The newspaper on {address}/", flush=True)
    serving.serve_forever(poll_interval=0.05)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m newspaper", description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument(
        "--hromada", default="http://127.0.0.1:8000", help="the address of the membership desk"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""`make run`: the demo newsroom on this machine, from nothing, and all of it stopped by Ctrl-C.

`make newsroom`: the same programs over a newsroom of one's own, which has nobody in it yet.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config import Mode, Settings, load, stop  # noqa: E402

HOST = "127.0.0.1"
USUAL_PORTS = {"PORT": 8000, "SANDBOX_PORT": 12111}
PATIENCE_SECONDS = 120
THREADS = "4"  # fewer than the database pool has connections
STAFF = "editor@hromada.example"
ADMIN = "admin@newsroom.example"
OWN = "newsroom"
PAPER = "Slovo"
FORGETS = "`make clean` forgets this newsroom."


def main() -> None:
    is_own = sys.argv[1:] == [OWN]
    usual = USUAL_PORTS if is_own else USUAL_PORTS | {"NEWSPAPER_PORT": 8080}
    ports = {name: _port(name, default) for name, default in usual.items()}
    os.chdir(ROOT)
    os.environ.setdefault("SITE_URL", f"http://{HOST}:{ports['PORT']}")
    os.environ.setdefault("SANDBOX_URL", f"http://{HOST}:{ports['SANDBOX_PORT']}")
    said = load().model_fields_set
    if is_own and "instance_dir" not in said:
        os.environ["INSTANCE_DIR"] = OWN
    if not is_own and "newsroom_name" not in said:
        os.environ["NEWSROOM_NAME"] = PAPER
    settings = load()
    if settings.mode is not Mode.sandbox:
        stop("This runs in sandbox mode: unset STRIPE_SECRET_KEY, or see docs/deploy.md")
    _writable(settings.instance_dir)
    for name, number in ports.items():
        _free(name, number)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    children = Children()
    try:
        _start(children, settings, ports, is_own=is_own)
        children.wait()
    except KeyboardInterrupt:
        print("\nStopping.")
    finally:
        children.stop()


class Children:
    """The programs of the demo. When one ends, all end."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str) -> None:
        # A session of their own keeps the terminal's Ctrl-C for us, who stop them in order.
        self._running[name] = subprocess.Popen([sys.executable, *command], start_new_session=True)

    def wait(self) -> None:
        """Until one of them ends by itself, which is an error."""
        while True:
            self.check()
            time.sleep(0.3)

    def check(self) -> None:
        for name, child in self._running.items():
            if child.poll() is not None:
                self.stop()
                stop(f"{name} ended by itself with {child.returncode}; its last words are above")

    def stop(self) -> None:
        for child in reversed(self._running.values()):
            if child.poll() is None:
                child.terminate()
        for child in self._running.values():
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._running.clear()


def _start(children: Children, settings: Settings, ports: dict[str, int], *, is_own: bool) -> None:
    store = settings.instance_dir / "sandbox.sqlite"
    children.start(
        *("The sandbox", "-m", "stripe_sandbox"),
        *("--port", str(ports["SANDBOX_PORT"]), "--store", str(store)),
    )
    _answers(children, settings.sandbox_url + "/_sandbox/health")
    _flask("db", "upgrade", quiet=True)
    admin = os.environ.get("ADMIN") or ADMIN if is_own else STAFF
    newspaper = None if is_own else f"http://{HOST}:{ports['NEWSPAPER_PORT']}"
    seeded = settings.instance_dir / "seeded"
    if newspaper:
        _furnish(seeded, newspaper)
    _flask("stripe", "connect", quiet=True)
    link = _flask("staff", "invite", admin, "--role", "admin", quiet=True).strip()
    if not is_own:
        _flask("staff", "invite", STAFF, "--role", "editor", quiet=True)
    children.start("The job runner", "-m", "flask", "--app", "app", "jobs", "run")
    children.start(
        "The web server",
        *("-m", "granian", "--interface", "wsgi", "--factory", "app:create_app"),
        *("--host", HOST, "--port", str(ports["PORT"]), "--workers", "2"),
        *("--blocking-threads", THREADS, "--log-level", "warning"),
    )
    _answers(children, settings.site_url + "/readyz")
    if newspaper:
        children.start(
            *("The newspaper", "-m", "newspaper"),
            *("--port", str(ports["NEWSPAPER_PORT"]), "--hromada", settings.site_url),
        )
        _answers(children, newspaper + "/")
        print(f"\n  The newspaper  {newspaper}/{_elsewhere(seeded, newspaper)}", flush=True)
    print(
        f"""
  {"Your newsroom" if is_own else settings.newsroom_name}
  Readers    {settings.site_url}/
  Staff      {link}
             (signs {admin} in once; a new link with every start)
  Mailbox    {settings.site_url}/dev/mail
  Clock      {settings.site_url}/dev/clock
  Sandbox    {settings.sandbox_url}/
  Test card  4242 4242 4242 4242, any future date, any three digits

  Ctrl-C stops all of it. {_kept(settings.instance_dir) if is_own else FORGETS}
""",
        flush=True,
    )


def _furnish(seeded: Path, newspaper: str) -> None:
    if not seeded.exists():
        print("Setting up the demo newsroom, half a minute the first time …", flush=True)
        _flask("seed", *_size(), "--newspaper", newspaper)
        seeded.write_text(newspaper)


def _elsewhere(seeded: Path, newspaper: str) -> str:
    """A word where what was seeded leads to a newspaper that is at another address now."""
    before = seeded.read_text()
    if before == newspaper:
        return ""
    if not before:
        return "\n  This demo is older than its newspaper; after `make clean` it leads there."
    port = before.rpartition(":")[2]
    return f"\n  This demo leads to {before}/; there it is with NEWSPAPER_PORT={port}."


def _kept(folder: Path) -> str:
    return f"It is kept in {folder.resolve()}, and goes on with the next start."


def _flask(*command: str, quiet: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *command],
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.PIPE if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        stop(f"flask {' '.join(command)} failed\n{done.stderr or ''}".rstrip())
    return done.stdout or ""


def _answers(children: Children, address: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        children.check()
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    children.stop()
    stop(f"{address} does not answer")


def _size() -> list[str]:
    """How large the demo is: PATRONS and MONTHS, else what `flask seed` thinks fit."""
    chosen = {"--patrons": os.environ.get("PATRONS"), "--months": os.environ.get("MONTHS")}
    return [word for option, value in chosen.items() if value for word in (option, value)]


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        stop(f"{name} must be a port between 1 and 65535, not {text!r}")
    return int(text)


def _free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            stop(f"Port {port} is taken; choose another with {name}=…")


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        stop(f"INSTANCE_DIR: cannot write to {folder.resolve()}: {error.strerror}")


if __name__ == "__main__":
    main()

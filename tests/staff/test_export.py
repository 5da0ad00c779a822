"""Everything that a newsroom owns is taken out as CSV, whole and at one moment."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.clock import clock
from membership.extensions import db
from membership.patrons import people
from membership.patrons.models import Person
from membership.rounds import planning, rounds, schedule
from membership.staff import export
from membership.staff.export import CannotExport
from membership.topics import proposals
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.till import Till, app, choose, till
from tests.waiting import until

__all__ = ["app", "choose", "till"]  # fixtures

ROOT = Path(__file__).parents[2]
SECRETS = ("fs_uniquifier", "whsec_", "ballot_key", "token_hash", "session_url")


def read(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def take_out(newsroom: Newsroom, folder: Path) -> dict[str, int]:
    told: dict[str, int] = {}
    with newsroom.at_work():
        export.export(folder, told.__setitem__)
    return told


def test_every_table_is_taken_out_or_named_with_why_it_is_not(newsroom: Newsroom, tmp_path: Path):
    told = take_out(newsroom, tmp_path / "out")
    files = {path.stem for path in (tmp_path / "out").glob("*.csv")}
    assert files == set(told)
    assert files | set(export.LEFT_OUT) == set(db.metadata.tables)
    assert not files & set(export.LEFT_OUT)
    for table, columns in export.SECRET.items():
        assert columns <= set(db.metadata.tables[table].columns.keys())
    description = (tmp_path / "out" / export.README).read_text()
    for table in db.metadata.tables:
        assert f"`{table}`" in description or f"## {table}.csv\n" in description
    for table in files:
        [words] = [part for part in description.split("\n## ") if part.startswith(f"{table}.csv\n")]
        assert len(words.splitlines()[1].split()) >= 3, f"{table} is not described"


def test_what_is_taken_out_is_what_is_there(
    newsroom: Newsroom, till: Till, client: FlaskClient, choose: Callable[..., str], tmp_path: Path
):
    till.pay(choose(client))
    till.deliver(client)
    with newsroom.at_work():
        people.ensure("formula@example.org", name="=1+1")
        people.ensure("long@example.org", name='Ця "назва", з комами;\nі рядком')
        db.session.commit()
    told = take_out(newsroom, tmp_path / "out")
    with newsroom.at_work():
        for name, count in told.items():
            table = db.metadata.tables[name]
            rows = db.session.scalar(sa.select(sa.func.count()).select_from(table))
            assert len(read(tmp_path / "out", name)) == count == rows, name
    [subscription] = read(tmp_path / "out", "subscription")
    assert subscription["stripe_id"].startswith("sub_")
    assert (subscription["amount"], subscription["currency"]) == ("500", "eur")
    assert subscription["is_paused"] == "no"
    assert subscription["started_at"].endswith("+00:00")
    names = {row["email"]: row["name"] for row in read(tmp_path / "out", "person")}
    assert names["formula@example.org"] == "'=1+1"
    assert names["long@example.org"] == 'Ця "назва", з комами;\nі рядком'
    tiers = read(tmp_path / "out", "tier")
    assert json.loads(tiers[0]["name"])["uk"] == "Читач"
    everything = "".join(path.read_text() for path in (tmp_path / "out").glob("*.csv"))
    for secret in SECRETS:
        assert secret not in everything


def test_who_has_voted_in_an_open_round_is_not_told(newsroom: Newsroom, tmp_path: Path):
    member = newsroom.member()
    with newsroom.at_work():
        topics = [proposals.suggest("Roads", "Why?", minutes=480)]
        closes_at = clock.now() + timedelta(hours=1)
        rounds.open(planning.prepare("March", topics, budget=480, closes_at=closes_at))
        db.session.commit()
    assert take_out(newsroom, tmp_path / "open")["roll_entry"] == 0
    assert "seed" not in read(tmp_path / "open", "round")[0]
    clock.set(closes_at + timedelta(minutes=1))
    with newsroom.at_work():
        assert schedule.close_due() == 1
    assert take_out(newsroom, tmp_path / "closed")["roll_entry"] == 1
    assert read(tmp_path / "closed", "roll_entry")[0]["person_id"] == str(member.id)
    assert (tmp_path / "closed").stat().st_mode & 0o077 == 0


def test_money_of_another_mode_stays(
    make_app: MakeApp, till: Till, client: FlaskClient, choose: Callable[..., str], tmp_path: Path
):
    till.pay(choose(client))
    till.deliver(client)
    keys = {"stripe_secret_key": "sk_test_tests", "secret_key": "x" * 40, "smtp_url": "smtp://h:1"}
    told = take_out(Newsroom(make_app(sandbox_url=till.url, **keys)), tmp_path / "out")
    assert told["subscription"] == told["ledger_entry"] == told["donation"] == 0
    assert told["tier"] == 4


def test_a_folder_that_is_there_is_left_alone(newsroom: Newsroom, tmp_path: Path):
    for taken in ("out", "other.unfinished"):
        (tmp_path / taken).mkdir()
        (tmp_path / taken / "mine.txt").write_text("mine")
    for name in ("out", "other"):
        with pytest.raises(CannotExport):
            take_out(newsroom, tmp_path / name)
    run = newsroom.app.test_cli_runner().invoke(args=["export", str(tmp_path / "out")])
    assert run.exit_code == 1
    assert "is there already" in run.output
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_others_write_meanwhile_and_it_stands_as_it_was_when_it_began(
    newsroom: Newsroom, tmp_path: Path
):
    newsroom.person("before@example.org")
    begun, go_on = threading.Event(), threading.Event()

    def told(table: str, rows: int) -> None:
        if not begun.is_set():
            begun.set()
            go_on.wait(60)

    def work() -> None:
        with newsroom.at_work():
            export.export(tmp_path / "out", told)

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(60)
    newsroom.person("meanwhile@example.org")
    go_on.set()
    worker.join(60)
    emails = {row["email"] for row in read(tmp_path / "out", "person")}
    assert emails == {"before@example.org"}
    with newsroom.at_work():
        assert db.session.scalar(sa.select(sa.func.count(Person.id))) == 2


def test_what_is_killed_leaves_no_folder_that_looks_whole(
    newsroom: Newsroom, database_url: str, tmp_path: Path
):
    environment = os.environ | {"DATABASE_URL": database_url, "INSTANCE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "flask", "--app", "app", "export", str(tmp_path / "out")]
    program = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    until(lambda: (tmp_path / "out.unfinished").exists() or program.poll() is not None)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    assert (tmp_path / "out").exists() is not (tmp_path / "out.unfinished").exists()

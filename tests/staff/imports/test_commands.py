"""The command line does what the desk's pages do."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from membership.patrons.models import MembershipPeriod, Person
from membership.staff.import_models import ImportRow
from membership.staff.models import PersonNote
from tests.factories import Newsroom
from tests.staff.imports.conftest import GHOST

Run = Callable[..., Result]


@pytest.fixture
def run(newsroom: Newsroom, tmp_path: Path, finance: Person) -> Run:
    """Bring a text along with these options."""

    def run(text: str | bytes, *options: str) -> Result:
        path = tmp_path / "members.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        command = ["import", "members", str(path), *options]
        return newsroom.app.test_cli_runner().invoke(args=command)

    return run


def test_a_dry_run_says_what_would_happen_and_forgets_the_file(
    newsroom: Newsroom, run: Run, tmp_path: Path
):
    sheet = tmp_path / "report.csv"
    told = run(GHOST, "--dry-run", "--until", "2026-12-31", "--report", str(sheet))
    assert told.exit_code == 0, told.output
    assert "2 New people" in told.stdout
    assert "2 Set aside" in told.stdout
    assert "Nothing was taken in: a dry run." in told.stdout
    with sheet.open() as opened:
        rows = list(csv.DictReader(opened))
    assert [row["line"] for row in rows] == ["2", "3", "4", "5"]
    assert rows[0]["why"].startswith("a new person; member from 18 October 2024")
    assert newsroom.count(Person) == 1
    assert newsroom.count(ImportRow) == 0


def test_a_file_is_taken_in_whole(newsroom: Newsroom, run: Run):
    told = run(
        GHOST,
        *("--until", "2026-12-31", "--consent-text", "Write to me.", "--by", "finance@example.org"),
    )
    assert told.exit_code == 0, told.output
    counts = [newsroom.count(model) for model in (Person, MembershipPeriod, PersonNote)]
    assert counts == [3, 1, 1]


def test_columns_are_named_where_their_names_say_nothing(newsroom: Newsroom, run: Run):
    text = "Kontakt;Kto;Bis\nolha@example.org;Olha;31.12.2026\n"
    columns = "name=Kto, end=Bis"
    told = run(text, "--columns", columns, "--kind", "offline")
    assert told.exit_code == 0, told.output
    assert newsroom.count(MembershipPeriod) == 1


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("", (), "There is nothing in this file."),
        (b"PK\x03\x04xl/", (), "This is a spreadsheet"),
        ("name\nOlha\n", (), "No column has e-mail addresses in it."),
        ("email,end\na@example.org,05/06/2026\n", ("--kind", "gift"), "--date-order: end"),
        ("email,amount\na@example.org,5\n", (), "--currency"),
        ("email\na@example.org\n", ("--columns", "mood=email"), "--columns mood=email"),
        ("email\na@example.org\n", ("--by", "who@example.org"), "nobody on the staff"),
    ],
)
def test_what_it_lacks_is_said_and_nothing_is_kept(
    newsroom: Newsroom, run: Run, text: str | bytes, options: tuple[str, ...], said: str
):
    told = run(text, *options)
    assert told.exit_code == 1
    assert said in told.output
    assert newsroom.count(ImportRow) == 0
    assert newsroom.count(Person) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1250", "cp1251", "cp1252"])
def test_how_it_is_written_may_be_said_and_what_is_wrong_breaks_nothing(
    newsroom: Newsroom, run: Run, encoding: str
):
    text = "email,name\nolha@example.org,Olha\n"
    said = run(
        text.encode("utf-8-sig" if encoding == "utf-8" else encoding), "--encoding", encoding
    )
    assert said.exit_code == 0, said.output
    assert newsroom.count(Person) == 2
    wrong = run("Імʼя;email\nОльга;taras@example.org\n", "--encoding", encoding)
    assert wrong.exit_code in (0, 1)
    assert wrong.exception is None or isinstance(wrong.exception, SystemExit)

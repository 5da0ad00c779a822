"""Files as they really come: each goes in or is refused row by row, and says why."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from membership.extensions import db
from membership.staff.import_models import Import, ImportRow
from membership.staff.imports import staging
from membership.staff.imports.encodings import Unreadable
from tests.factories import Newsroom
from tests.staff.imports.conftest import fates, rows_of

Row = tuple[int, str, str | None]
OLHA, TARAS = "olha@example.org", "taras@example.org"
GIFTS = "email,amount,currency,date\n"
MEMBERS = "email,kind,member since,member until\n"


@dataclass(frozen=True)
class File:
    """Its bytes, what is answered of it, and what each row comes to: line, fate, why."""

    name: str
    content: bytes
    rows: list[Row]
    names: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)


def good(*lines: int) -> list[Row]:
    return [(line, "new", None) for line in lines]


def text(name: str, content: str, rows: list[Row], encoding: str = "utf-8", **more: Any) -> File:
    return File(name, content.encode(encoding), rows, **more)


UKRAINIAN = "Електронна пошта;Імʼя\nolha@example.org;Ольга Кобилянська\ntaras@example.org;Тарас\n"
POLISH = "e-mail;imię i nazwisko\nolha@example.org;Zażółć gęślą jaźń\ntaras@example.org;Łukasz\n"
GERMAN = "email,name\nolha@example.org,Jürgen Größe\ntaras@example.org,François Éluard\n"
NAMES = ["Ольга Кобилянська", "Тарас"]

FILES = [
    # letters
    text("UTF-8", UKRAINIAN, good(2, 3), names=NAMES),
    text("UTF-8 with a mark", UKRAINIAN, good(2, 3), "utf-8-sig", names=NAMES),
    text("UTF-16 with a mark", UKRAINIAN, good(2, 3), "utf-16", names=NAMES),
    text(
        "UTF-16 without one",
        GERMAN,
        good(2, 3),
        "utf-16-le",
        names=["Jürgen Größe", "François Éluard"],
    ),
    text(
        "UTF-16, big end first",
        GERMAN,
        good(2, 3),
        "utf-16-be",
        names=["Jürgen Größe", "François Éluard"],
    ),
    text("Windows-1251", UKRAINIAN.replace("ʼ", "'"), good(2, 3), "cp1251", names=NAMES),
    text("Windows-1250", POLISH, good(2, 3), "cp1250", names=["Zażółć gęślą jaźń", "Łukasz"]),
    text("Windows-1252", GERMAN, good(2, 3), "cp1252", names=["Jürgen Größe", "François Éluard"]),
    File(
        "a letter that is cut in two",
        UKRAINIAN.encode().replace("Тарас".encode(), "Тарас".encode()[:-1]),
        [(2, "new", None), (3, "aside", "letters")],
    ),
    File(
        "half a letter at the end of UTF-16",
        GERMAN.encode("utf-16") + b"\x00",
        [*good(2, 3), (4, "aside", "letters")],
    ),
    # separators, quotes, lines
    text(
        "semicolons",
        "email;name\nolha@example.org;Olha, the first\n",
        good(2),
        names=["Olha, the first"],
    ),
    text("tabs", "email\tname\nolha@example.org\tOlha\n", good(2), names=["Olha"]),
    text("bars", "email|name\nolha@example.org|Olha\n", good(2), names=["Olha"]),
    text(
        "what Excel says first",
        "sep=;\nemail;name\nolha@example.org;Olha\n",
        good(3),
        names=["Olha"],
    ),
    text("one column alone", "email\nolha@example.org\ntaras@example.org\n", good(2, 3)),
    text("lines of an old Mac", "email,name\rolha@example.org,Olha\r", good(2), names=["Olha"]),
    text("lines of Windows", "email,name\r\nolha@example.org,Olha\r\n", good(2), names=["Olha"]),
    text("no end of the last line", "email,name\nolha@example.org,Olha", good(2), names=["Olha"]),
    text("empty lines", "\n\nemail,name\n\nolha@example.org,Olha\n,,\n\n", good(5), names=["Olha"]),
    text(
        "a quote in quotes",
        'email,name\nolha@example.org,"Olha ""O"" K"\n',
        good(2),
        names=['Olha "O" K'],
    ),
    text(
        "a cell over two lines",
        'email,name,note\nolha@example.org,Olha,"one\ntwo"\ntaras@example.org,Taras,\n',
        good(2, 4),
        names=["Olha", "Taras"],
    ),
    text(
        "a quote that is never closed",
        'email,name\nolha@example.org,"Olha\ntaras@example.org,Taras\n',
        [(2, "aside", "quotes"), (3, "new", None)],
    ),
    text(
        "a quote that is never closed, far from the end",
        'email,name\nolha@example.org,"Olha\n'
        + "".join(f"p{number}@example.org,P\n" for number in range(400)),
        [(2, "aside", "quotes"), *good(*range(3, 403))],
    ),
    text(
        "letters behind a quote",
        'email,name\nolha@example.org,"Olha" K\ntaras@example.org,T\n',
        [(2, "aside", "quotes"), (3, "new", None)],
    ),
    text(
        "a quote within a word",
        'email,name\nolha@example.org,5" Olha\n',
        good(2),
        names=['5" Olha'],
    ),
    text(
        "too many cells",
        "email,name\nolha@example.org,Olha,Kobylianska\ntaras@example.org,Taras,,\n",
        [(2, "aside", "cells"), (3, "new", None)],
    ),
    text(
        "too few cells",
        "name,email,note\nOlha,olha@example.org\nTaras\n",
        [(2, "new", None), (3, "aside", "no_address")],
    ),
    text(
        "a huge cell",
        f"email,name\nolha@example.org,{'x' * 20_000}\ntaras@example.org,T\n",
        [(2, "aside", "long"), (3, "new", None)],
    ),
    text(
        "a huge line",
        f"email,name\nolha@example.org,{'x' * 300_000}\ntaras@example.org,T\n",
        [(2, "aside", "long"), (3, "new", None)],
    ),
    text(
        "two columns of one name",
        "email,name,name\nolha@example.org,Olha,Other\n",
        good(2),
        names=["Olha"],
    ),
    # people
    text(
        "people twice",
        f"email,name\n{OLHA},Olha\nOLHA@Example.org,Other\n{TARAS},Taras\n",
        [(2, "new", None), (3, "aside", "twice"), (4, "new", None)],
        names=["Olha", "Taras"],
    ),
    text(
        "addresses that are none",
        "email,name\nolha@,Olha\nolha example.org,O\n,Nobody\n"
        '"a@example.org, b@example.org",Two\nOlha <olha@example.org>,O\n',
        [
            (2, "aside", "address"),
            (3, "aside", "address"),
            (4, "aside", "no_address"),
            (5, "aside", "address"),
            (6, "aside", "address"),
        ],
    ),
    text(
        "our own word for nobody",
        "email\nerased-1@nobody.invalid\nolha@example.org\n",
        [(2, "aside", "address"), (3, "new", None)],
    ),
    text(
        "spaces around", " email , name \n olha@example.org , Olha  K \n", good(2), names=["Olha K"]
    ),
    text("an address in Cyrillic", "email\nольга@приклад.укр\n", good(2)),
    text("a long name", f"email,name\nolha@example.org,{'x' * 201}\n", [(2, "aside", "name")]),
    text(
        "formulas",
        'email,name\n=olha@example.org,"=HYPERLINK(""http://evil.example"",""x"")"\n+taras@example.org,@SUM(1+1)\n',
        good(2, 3),
        names=['=HYPERLINK("http://evil.example","x")', "@SUM(1+1)"],
    ),
    text(
        "SQL and HTML",
        "email,name\nolha@example.org,Robert'); drop table person;--\n"
        "taras@example.org,<script>alert(1)</script>\n",
        good(2, 3),
    ),
    text("letters that turn around", "email,name\nolha@example.org,\u202eahlO\n", good(2)),
    # memberships and dates
    text("the year first", MEMBERS + f"{OLHA},gift,2025-03-04,2026-12-31\n", good(2)),
    text(
        "the day first",
        MEMBERS + f"{OLHA},gift,04.03.2025,31.12.2026\n",
        good(2),
        answers={"orders": {"2": "dmy"}},
    ),
    text("the month first", MEMBERS + f"{OLHA},gift,03/14/2025,12/31/2026\n", good(2)),
    text(
        "days in all orders",
        MEMBERS + f"{OLHA},gift,2025-01-02,31/12/2026\n{TARAS},gift,2025-01-02,12/31/2026\n",
        [(2, "new", None), (3, "aside", "date")],
        answers={"orders": {"3": "dmy"}},
    ),
    text(
        "months in words",
        MEMBERS
        + f'{OLHA},gift,"March 5, 2025",31 грудня 2026\n{TARAS},gift,5 marca 2025,31 Dec 2026\n',
        good(2, 3),
    ),
    text("years of two digits", MEMBERS + f"{OLHA},gift,14.03.25,31.12.26\n", good(2)),
    text(
        "days that never were",
        MEMBERS + f"{OLHA},gift,2025-02-30,2026-12-31\n{TARAS},gift,never,2026-12-31\n",
        [(2, "aside", "date"), (3, "aside", "date")],
    ),
    text(
        "an end before the beginning",
        MEMBERS + f"{OLHA},gift,2026-05-01,2026-04-01\n",
        [(2, "aside", "ends_first")],
    ),
    text(
        "no end at all",
        MEMBERS + f"{OLHA},gift,2025-01-01,\n{TARAS},,,\n",
        [(2, "aside", "no_end"), (3, "new", None)],
    ),
    text(
        "a kind that is none",
        MEMBERS + f"{OLHA},emperor,2025-01-01,2026-12-31\n",
        [(2, "aside", "kind")],
    ),
    text(
        "a consent that is neither",
        "email,newsletter,consent date\nolha@example.org,maybe,2025-01-01\n"
        "taras@example.org,Так,2025-01-01\n",
        [(2, "aside", "consent"), (3, "new", None)],
        answers={"consent_text": "Write."},
    ),
    # gifts
    text(
        "commas before the cents",
        GIFTS + f'{OLHA},"5,50",EUR,2025-01-02\n{TARAS},"1.250,00",EUR,2025-01-02\n',
        good(2, 3),
    ),
    text(
        "commas between thousands",
        GIFTS + f'{OLHA},"1,250.00",EUR,2025-01-02\n{TARAS},"1,250",EUR,2025-01-02\n',
        good(2, 3),
    ),
    text(
        "thousands that may be cents",
        GIFTS + f"{OLHA},1.000,EUR,2025-01-02\n{TARAS},5,EUR,2025-01-02\n",
        [(2, "aside", "unclear"), (3, "new", None)],
    ),
    text(
        "signs of currencies",
        "email,amount,date\n" + f"{OLHA},€5,2025-01-02\n{TARAS},50 zł,2025-01-02\n",
        good(2, 3),
        answers={"currency": "eur"},
    ),
    text(
        "currencies that are none",
        GIFTS + f"{OLHA},5,XYZ,2025-01-02\n{TARAS},$5,EUR,2025-01-02\n",
        [(2, "aside", "currency"), (3, "aside", "currency")],
    ),
    text(
        "spaces in amounts",
        GIFTS + f"{OLHA},1\u00a0250.50,EUR,2025-01-02\n{TARAS},1'250.50,CHF,2025-01-02\n",
        good(2, 3),
    ),
    text(
        "cents where there are none",
        GIFTS + f"{OLHA},500,JPY,2025-01-02\n{TARAS},5.50,JPY,2025-01-02\n",
        [(2, "new", None), (3, "aside", "amount")],
    ),
    text(
        "less than nothing",
        GIFTS + f"{OLHA},-5,EUR,2025-01-02\n{TARAS},(5.00),EUR,2025-01-02\n",
        [(2, "aside", "negative"), (3, "aside", "negative")],
    ),
    text(
        "novels where amounts and dates should be",
        f"{GIFTS}{OLHA},{'x' * 9000},EUR,2025-01-02\n{TARAS},5,EUR,{'5 ' * 4000}\n"
        f"{'x' * 9000}@example.org,5,EUR,2025-01-02\n",
        [(2, "aside", "amount"), (3, "aside", "date"), (4, "aside", "address")],
    ),
    text(
        "no amounts at all",
        GIFTS + f"{OLHA},a lot,EUR,2025-01-02\n{TARAS},=1+1,EUR,2025-01-02\n",
        [(2, "aside", "amount"), (3, "aside", "amount")],
    ),
    text(
        "sums that no bank has",
        GIFTS + f"{OLHA},99999999999999999999,EUR,2025-01-02\n",
        [(2, "aside", "amount")],
    ),
    text(
        "gifts of tomorrow",
        GIFTS + f"{OLHA},5,EUR,2030-01-02\n{TARAS},5,EUR,\n",
        [(2, "aside", "ahead"), (3, "aside", "no_day")],
    ),
]
REFUSED = [
    ("nothing", b"", "empty"),
    ("spaces", b" \r\n\t \n", "empty"),
    ("commas", b",,,\n,,,\n", "empty"),
    ("names of columns alone", b"email,name\n", "empty"),
    ("a workbook", b"PK\x03\x04\x14\x00[Content_Types].xml", "spreadsheet"),
    ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "spreadsheet"),
    ("an archive", b"PK\x03\x04\x14\x00members.csv", "archive"),
    ("packed", b"\x1f\x8b\x08\x00", "archive"),
    ("a page", b"<!DOCTYPE html><html><body>Sign in</body></html>", "page"),
    ("a document", b"%PDF-1.7", "binary"),
    ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
    ("no names of columns", b"olha@example.org,Olha\ntaras@example.org,Taras\n", "no_heads"),
    ("no addresses", b"name,town\nOlha,Lviv\n", "no_address"),
    ("columns without end", b"email" + b",x" * 500 + b"\na@example.org\n", "columns"),
]


def test_there_are_fifty_and_more():
    assert len(FILES) + len(REFUSED) >= 50
    assert len({one.name for one in FILES}) == len(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.name)
def test_each_row_goes_in_or_says_why_not(
    newsroom: Newsroom, bring: Callable[..., int], file: File
):
    number = bring(file.content, **file.answers)
    assert fates(newsroom, number) == file.rows
    rows = [row for row in rows_of(newsroom, number) if row.fate != "aside"]
    if file.names:
        assert [row.does.get("person") for row in rows] == file.names
    assert all(row.is_taken and row.person_id for row in rows)


@pytest.mark.parametrize(
    ("content", "why"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_what_is_no_list_of_people_is_refused_whole(newsroom: Newsroom, content: bytes, why: str):
    with newsroom.at_work(), pytest.raises(Unreadable) as refused:
        staging.bring(io.BytesIO(content), "members.csv", by=None)
    assert refused.value.why == why
    assert newsroom.count(Import) == newsroom.count(ImportRow) == 0


def test_a_file_that_is_too_large_is_refused(newsroom: Newsroom):
    with newsroom.at_work(), pytest.raises(Unreadable) as refused:
        staging.bring(io.BytesIO(b"email\n" + b"a@example.org\n" * 100), "m.csv", by=None, most=500)
    assert refused.value.why == "large"
    with newsroom.at_work():
        assert db.session.query(Import).count() == 0

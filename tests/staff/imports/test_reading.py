"""Whatever is written as a CSV is read as it was meant, in bounded memory."""

import csv
import io
import tracemalloc
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.extensions import db
from membership.money import exponent
from membership.staff.imports import dates, encodings, reading, staging, sums, work
from tests.factories import Newsroom

CELLS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffd\x85\u2028\u2029"),
    max_size=12,
).map(str.strip)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8)
DAYS = st.dates(date(1980, 1, 1), date(2099, 12, 31))
WRITTEN = {"ymd": "%Y-%m-%d", "dmy": "%d.%m.%Y", "mdy": "%m/%d/%Y"}


@given(
    TABLES,
    st.sampled_from(reading.SEPARATORS),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_what_is_written_is_read(
    table: list[list[str]], separator: str, end: str, encoding: str, is_quoted: bool
):
    heads = ["email", "who", "what"]
    buffer = io.StringIO()
    quoting = csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(buffer, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows([heads, *table])
    file = io.BytesIO(buffer.getvalue().encode(encoding))
    looked = encodings.look(file, most=10_000)
    found = [record.cells for record in reading.records(file, looked.encoding)]
    assert found == [heads, *(row for row in table if any(row))]


@given(st.binary(max_size=400))
def test_no_bytes_break_it(content: bytes):
    file = io.BytesIO(content)
    try:
        looked = encodings.look(file, most=1000)
    except encodings.Unreadable:
        return
    lines = [record.line for record in reading.records(file, looked.encoding)]
    assert lines == sorted(set(lines))


@given(DAYS, st.sampled_from(sorted(WRITTEN)))
def test_a_day_is_read_in_its_order(day: date, order: str):
    text = day.strftime(WRITTEN[order])
    assert dates.read(text, order).day == day
    assert day in {read.day for read in dates.readings(text).values()}


@given(st.lists(DAYS, min_size=1, max_size=20), st.sampled_from(sorted(WRITTEN)))
def test_the_order_of_a_column_is_plain_or_asked_for_and_never_guessed(
    column: list[date], order: str
):
    seen = dates.Column()
    texts = [day.strftime(WRITTEN[order]) for day in column]
    for text in texts:
        seen.see(text)
    if seen.is_plain:
        known = seen.orders[0] if seen.orders else None
        assert [dates.read(text, known).day for text in texts] == column
    else:
        assert order in seen.orders


@given(st.text(max_size=30))
def test_no_text_breaks_dates_and_sums(text: str):
    dates.readings(text)
    column = sums.Column()
    column.see(text)
    try:
        money = sums.read(text, said="", default="eur", decimal=column.decimal)
    except sums.NotASum:
        return
    assert abs(money.amount) <= sums.MOST


@given(
    st.integers(0, 9_999_999),
    st.sampled_from(["eur", "jpy", "kwd"]),
    st.sampled_from([("", "."), (",", "."), (".", ","), (" ", ","), ("\u00a0", ","), ("'", ".")]),
)
def test_an_amount_is_read_to_the_cent(amount: int, currency: str, signs: tuple[str, str]):
    thousands, decimal = signs
    places = exponent(currency)
    major = Decimal(amount).scaleb(-places)
    text = f"{major:,.{places}f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    money = sums.read(text, said=currency, default="", decimal=decimal)
    assert (money.amount, money.currency) == (amount, currency)


@pytest.mark.parametrize(
    ("text", "day", "rest"),
    [
        ("2024-10-18T06:34:08.000Z", date(2024, 10, 18), "06:34:08"),
        ("2023-04-08 17:45:28.731953", date(2023, 4, 8), "17:45:28"),
        ("03/14/2025 5:06 PM", date(2025, 3, 14), "17:06:00"),
        ("5 березня 2024 р.", date(2024, 3, 5), None),
        ("Mar 5, 2024", date(2024, 3, 5), None),
        ("5 marca 2024", date(2024, 3, 5), None),
    ],
)
def test_days_with_their_times_and_in_words(text: str, day: date, rest: str | None):
    [read] = set(dates.readings(text).values())
    assert read.day == day
    assert (read.at.replace(tzinfo=None).isoformat() if read.at else None) == rest


def test_many_rows_need_no_more_memory_than_a_few(newsroom: Newsroom, bring: Callable[..., int]):
    """Three thousand rows are three batches as they are read, and thirty as they are taken in."""

    def peak(count: int) -> int:
        lines = [
            f"p{count}-{number}@example.org,Person {number}," + "x" * 300 for number in range(count)
        ]
        content = "\n".join(["email,name,town", *lines]).encode()
        with newsroom.at_work():
            brought = staging.bring(io.BytesIO(content), "many.csv", by=None)
            work.look_through(brought, matched=brought.matched, answers={})
            tracemalloc.start()
            work.to_the_end(brought.id)
            work.take_in(brought, by=None)
            work.to_the_end(brought.id)
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            db.session.remove()
        return most

    peak(100)  # whatever is kept for good is kept by now
    assert peak(3000) < 2 * peak(600)

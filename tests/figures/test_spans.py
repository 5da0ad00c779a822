"""How days are cut into parts, and what lay before."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.figures.spans import A_DAY, By, Span


def span(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        (By.week, [("2026-01-30", "2026-02-01"), ("2026-02-02", "2026-02-05")]),
        (By.month, [("2026-01-30", "2026-01-31"), ("2026-02-01", "2026-02-05")]),
        (By.quarter, [("2026-01-30", "2026-02-05")]),
        (By.year, [("2026-01-30", "2026-02-05")]),
    ],
)
def test_a_span_is_cut_by_the_calendar(by, parts):
    assert span("2026-01-30", "2026-02-05").cut(by) == [span(*part) for part in parts]


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
        (("2026-03-01", "2026-03-10"), ("2026-02-19", "2026-02-28")),
        (("2024-02-01", "2024-02-29"), ("2024-01-01", "2024-01-31")),
    ],
)
def test_before_whole_months_lie_as_many_months_else_as_many_days(asked, before):
    assert span(*asked).before == span(*before)


def test_a_span_has_a_day_at_least():
    assert span("2026-03-01", "2026-03-01").cut(By.day) == [span("2026-03-01", "2026-03-01")]
    with pytest.raises(ValueError, match="before"):
        span("2026-03-02", "2026-03-01")


@given(st.dates(date(1999, 1, 1), date(2099, 1, 1)), st.integers(0, 900), st.sampled_from(By))
def test_parts_follow_each_other_and_leave_out_no_day(first, days, by):
    whole = Span(first, first + timedelta(days=days))
    parts = whole.cut(by)
    assert (parts[0].first, parts[-1].last) == (whole.first, whole.last)
    for one, next_one in itertools.pairwise(parts):
        assert one.last + A_DAY == next_one.first
    assert whole.before.last + A_DAY == whole.first

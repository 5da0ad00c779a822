"""What dated facts come to: each rule of docs/metrics.md by hand, and what holds for any life."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from membership.books.gives import A_MONTH, DAYS
from membership.books.models import Interval
from membership.books.term_models import Settled
from membership.history.models import MovementKind
from membership.history.movements import Bill, Item, Life, Move, of_person, steps
from membership.money import whole

START = datetime(2025, 1, 15, 12, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
LENGTHS = {
    Interval.week: relativedelta(weeks=1),
    Interval.month: relativedelta(months=1),
    Interval.year: relativedelta(years=1),
}
Told = list[tuple[str, str, int, int]]


def month(number: int) -> datetime:
    return START + relativedelta(months=number)


def bill(
    starts: datetime,
    amount: int,
    *,
    every: Interval = Interval.month,
    settled: Settled = Settled.paid,
    at: datetime | None = None,
    item: str = "si_1",
    undone: datetime | None = None,
) -> Bill:
    monthly = amount * A_MONTH / DAYS[every]
    one = Item(item, monthly, starts, starts + LENGTHS[every], tier=1, interval=every)
    return Bill(f"in_{starts:%y%m%d%H}{item}", settled, at or starts, (one,), undone)


def months(first: int, last: int, amount: int, **more: object) -> list[Bill]:
    """A bill for each month from number `first` to before `last`."""
    return [bill(month(number), amount, **more) for number in range(first, last)]  # type: ignore[arg-type]


def life(*bills: Bill, number: int = 1, ended: datetime | None = None, why: str = "") -> Life:
    return Life(f"sub_{number}", "eur", bills, ended, why or None)


def moves(lives: Iterable[Life], now: datetime = NOW) -> list[Move]:
    return of_person({life: steps(life, now) for life in lives})


def told(*lives: Life, now: datetime = NOW) -> Told:
    return [
        (move.at.strftime("%Y-%m-%d"), move.kind.value, move.amount, move.people)
        for move in moves(lives, now)
    ]


def test_renewals_at_the_same_amount_are_one_movement():
    assert told(life(*months(0, 23, 500))) == [("2025-01-15", "new", 500, 1)]


def test_a_change_counts_from_the_first_invoice_that_bills_it():
    lived = life(*months(0, 3, 500), *months(3, 5, 800), *months(5, 23, 300))
    assert told(lived) == [
        ("2025-01-15", "new", 500, 1),
        ("2025-04-15", "expansion", 300, 0),
        ("2025-06-15", "contraction", -500, 0),
    ]


def test_a_monthly_patron_churns_when_what_was_paid_ends():
    lived = life(*months(0, 3, 500), ended=month(2) + timedelta(days=3), why="too_expensive")
    assert told(lived)[1:] == [("2025-04-15", "churn", -500, -1)]
    assert moves([lived], NOW)[1].reason == "too_expensive"


def test_a_yearly_patron_who_leaves_churns_when_the_year_ends_even_if_it_lies_ahead():
    lived = life(bill(month(0), 6000, every=Interval.year), ended=month(2))
    assert told(lived, now=month(3)) == [
        ("2025-01-15", "new", 500, 1),
        ("2026-01-15", "churn", -500, -1),
    ]


def test_a_payment_that_was_given_back_holds_nobody():
    undone = bill(month(1), 500, undone=month(1) + timedelta(days=2))
    lived = life(bill(month(0), 500), undone, ended=month(1) + timedelta(days=1))
    assert told(lived)[1:] == [("2025-02-17", "churn", -500, -1)]


def test_a_running_subscription_goes_on_though_its_last_payment_was_given_back():
    lived = life(bill(month(0), 500, undone=month(0)), *months(1, 23, 500))
    assert told(lived) == [("2025-01-15", "new", 500, 1)]


def test_a_failed_renewal_churns_when_it_is_given_up():
    lived = life(*months(0, 2, 500), ended=month(2) + timedelta(days=21), why="payment_failed")
    assert told(lived)[1:] == [("2025-04-05", "churn", -500, -1)]


def test_what_stripe_leaves_unpaid_is_given_up_after_sixty_days():
    lived = life(*months(0, 2, 500))
    assert told(lived, now=month(2) + timedelta(days=59)) == [("2025-01-15", "new", 500, 1)]
    assert told(lived, now=month(2) + timedelta(days=60))[1:] == [("2025-05-14", "churn", -500, -1)]


def test_one_that_was_written_off_is_given_up_at_once():
    off = bill(month(2), 500, settled=Settled.given_up, at=month(2) + timedelta(days=14))
    assert told(life(*months(0, 2, 500), off))[1:] == [("2025-03-29", "churn", -500, -1)]


def test_paid_after_it_was_given_up_is_a_reactivation():
    off = bill(month(2), 500, settled=Settled.given_up, at=month(2) + timedelta(days=14))
    late = replace(off, settled=Settled.paid, settled_at=month(2) + timedelta(days=20))
    assert told(life(*months(0, 2, 500), off, late, *months(3, 23, 500)))[1:] == [
        ("2025-03-29", "churn", -500, -1),
        ("2025-04-04", "reactivation", 500, 1),
    ]


def test_a_renewal_that_failed_and_was_paid_is_no_movement():
    late = bill(month(2), 500, at=month(2) + timedelta(days=20))
    assert told(life(*months(0, 2, 500), late, *months(3, 23, 500))) == [
        ("2025-01-15", "new", 500, 1)
    ]


def test_an_older_term_paid_late_changes_nothing():
    late = bill(month(2), 300, at=month(4) + timedelta(days=2))
    lived = life(*months(0, 2, 500), late, *months(3, 23, 500))
    assert told(lived) == [("2025-01-15", "new", 500, 1)]


def test_a_pause_is_its_own_movement_and_so_is_its_end():
    waived = months(2, 4, 500, settled=Settled.waived)
    lived = life(*months(0, 2, 500), *waived, *months(4, 23, 500))
    assert told(lived)[1:] == [
        ("2025-03-15", "pause", -500, -1),
        ("2025-05-15", "resumption", 500, 1),
    ]


def test_who_comes_back_from_a_pause_with_more_resumed_and_expanded():
    lived = life(
        *months(0, 2, 500), *months(2, 4, 500, settled=Settled.waived), *months(4, 23, 900)
    )
    assert told(lived)[2:] == [
        ("2025-05-15", "resumption", 500, 1),
        ("2025-05-15", "expansion", 400, 0),
    ]


def test_who_leaves_out_of_a_pause_takes_no_money_along():
    waived = months(2, 4, 500, settled=Settled.waived)
    lived = life(*months(0, 2, 500), *waived, ended=month(3) + timedelta(days=9), why="unused")
    assert told(lived)[1:] == [
        ("2025-03-15", "pause", -500, -1),
        ("2025-04-24", "lapse", 0, 0),
    ]


def test_a_change_of_interval_is_no_movement_unless_the_month_changes():
    year = bill(month(3) + timedelta(days=5), 6000, every=Interval.year)
    dearer = bill(month(3) + timedelta(days=5), 7200, every=Interval.year)
    assert told(life(*months(0, 4, 500), year), now=month(12)) == [("2025-01-15", "new", 500, 1)]
    assert told(life(*months(0, 4, 500), dearer), now=month(12))[1:] == [
        ("2025-04-20", "expansion", 100, 0)
    ]


def test_ending_one_of_two_is_contraction():
    other = life(*months(1, 3, 300), number=2, ended=month(3))
    assert told(life(*months(0, 23, 500)), other) == [
        ("2025-01-15", "new", 500, 1),
        ("2025-02-15", "expansion", 300, 0),
        ("2025-04-15", "contraction", -300, 0),
    ]


def test_one_that_begins_as_another_ends_is_a_change_of_what_is_given():
    old = life(*months(0, 3, 500), ended=month(3))
    assert told(old, life(*months(3, 23, 800), number=2))[1:] == [
        ("2025-04-15", "expansion", 300, 0)
    ]


def test_who_comes_back_is_reactivated():
    old = life(*months(0, 2, 500), ended=month(2))
    assert told(old, life(*months(6, 23, 200), number=2))[1:] == [
        ("2025-03-15", "churn", -500, -1),
        ("2025-07-15", "reactivation", 200, 1),
    ]


def test_a_trial_is_nothing_until_it_is_paid():
    assert told(life(bill(month(0), 0), *months(1, 23, 500))) == [("2025-02-15", "new", 500, 1)]


def test_a_first_payment_that_was_never_made_is_nothing():
    assert told(life(bill(month(0), 500, settled=Settled.waived), ended=month(1))) == []


def test_each_currency_is_a_history_of_its_own():
    dollars = replace(life(*months(5, 23, 700), number=2), currency="usd")
    found = moves([life(*months(0, 3, 500), ended=month(3)), dollars], NOW)
    assert [(move.currency, move.kind.value, move.amount) for move in found] == [
        ("eur", "new", 500),
        ("eur", "churn", -500),
        ("usd", "new", 700),
    ]


def test_items_that_are_paid_at_different_intervals_go_on_side_by_side():
    first = bill(month(0), 500)
    yearly = bill(month(0), 1200, every=Interval.year, item="si_2").items
    both = replace(first, items=first.items + yearly)
    assert told(life(both, *months(1, 12, 500)), now=month(12)) == [("2025-01-15", "new", 600, 1)]
    without = life(both, *months(1, 11, 500), *months(11, 14, 500))
    assert told(without, now=month(14))[1:] == [("2026-01-15", "contraction", -100, 0)]


def test_thirds_of_a_cent_are_rounded_once_for_all_that_a_person_gives():
    lives = [
        life(bill(month(0), 1000, every=Interval.year), number=number) for number in range(1, 4)
    ]
    assert told(*lives, now=month(1)) == [("2025-01-15", "new", 250, 1)]


# What holds for any life.


@st.composite
def lives(draw: st.DrawFn) -> list[Life]:
    """Up to three subscriptions of one person, each with any bills that were settled somehow."""
    return [draw(_life(number)) for number in range(draw(st.integers(1, 3)))]


@st.composite
def _life(draw: st.DrawFn, number: int) -> Life:
    bills, starts = [], month(draw(st.integers(0, 6)))
    for _ in range(draw(st.integers(1, 8))):
        every = draw(
            st.sampled_from([Interval.month, Interval.month, Interval.week, Interval.year])
        )
        late = timedelta(days=draw(st.integers(0, 40)))
        settled = draw(st.sampled_from([Settled.paid, Settled.paid, *Settled]))
        made = bill(
            starts, draw(st.integers(0, 5000)), every=every, settled=settled, at=starts + late
        )
        if draw(st.integers(0, 4)) == 0:
            made = replace(
                made, undone_at=made.settled_at + timedelta(days=draw(st.integers(0, 30)))
            )
        bills.append(made)
        starts += draw(st.sampled_from([LENGTHS[every], timedelta(days=11), timedelta(days=90)]))
    ended = draw(st.none() | st.integers(0, 60).map(lambda days: starts + timedelta(days=days)))
    currency = draw(st.sampled_from(["eur", "eur", "usd"]))
    return Life(
        f"sub_{number}", currency, tuple(bills), ended, draw(st.sampled_from([None, "unused"]))
    )


moments = st.integers(0, 1500).map(lambda days: START + timedelta(days=days))


@given(lives(), moments, st.randoms())
def test_the_order_in_which_facts_are_known_does_not_matter(lives, now, chance):
    shuffled = [
        replace(one, bills=tuple(chance.sample(one.bills, len(one.bills)))) for one in lives
    ]
    chance.shuffle(shuffled)
    assert moves(shuffled, now) == moves(lives, now)


@given(lives(), moments)
def test_movements_add_up_to_what_is_given(lives, now):
    for currency in ("eur", "usd"):
        its = [move for move in moves(lives, now) if move.currency == currency]
        total = people = 0
        for move in its:
            total, people = total + move.amount, people + move.people
            assert total >= 0
            assert people == (total > 0)
            assert _is_as_named(move, total)


@given(lives(), moments, moments)
def test_what_is_given_at_a_moment_is_what_its_latest_bills_say(lives, now, moment):
    """Told a second time, from the definition: looked up at one moment instead of lived through."""
    if moment > now:
        return
    given: dict[str, Fraction] = {}
    for one in lives:
        given[one.currency] = given.get(one.currency, Fraction(0)) + _given_at(one, moment)
    found = moves(lives, now)
    for currency, exact in given.items():
        past = [move for move in found if move.currency == currency and move.at <= moment]
        assert sum(move.amount for move in past) == whole(exact)


def _given_at(one: Life, moment: datetime) -> Fraction:
    """By the month, by what was settled until `moment` and how the subscription ended."""
    ranks = [(bill.starts_at, bill.settled_at, bill.invoice) for bill in one.bills]
    counted = [
        (rank, bill)
        for rank, bill in zip(ranks, one.bills, strict=True)
        if max(bill.settled_at, bill.starts_at) <= moment
    ]
    if not counted or _is_over(one, moment):
        return Fraction(0)
    _rank, current = max(counted, key=lambda pair: pair[0])
    waits_until = current.ends_at + timedelta(days=60)
    if current.settled is not Settled.paid or moment >= waits_until:
        return Fraction(0)
    return current.items[0].monthly


def _is_over(one: Life, moment: datetime) -> bool:
    if one.ended_at is None:
        return False
    last = max(one.bills, key=lambda bill: (bill.starts_at, bill.settled_at, bill.invoice))
    end = one.ended_at
    if last.settled is Settled.paid:
        end = max(end, min(filter(None, (last.ends_at, last.undone_at))))
    return moment >= end


def _is_as_named(move: Move, total: int) -> bool:
    before = total - move.amount
    rises = move.amount > 0
    return {
        MovementKind.new: not before and rises,
        MovementKind.reactivation: not before and rises,
        MovementKind.resumption: rises,
        MovementKind.expansion: before > 0 and rises,
        MovementKind.contraction: total > 0 and not rises,
        MovementKind.pause: not rises,
        MovementKind.churn: not total and before > 0,
        MovementKind.lapse: not total and not before,
    }[move.kind]


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_bill_counts_from_the_very_second(seconds):
    at = month(0) + timedelta(seconds=seconds)
    assert moves([life(bill(month(0), 500, at=at))], at)[0].at == at

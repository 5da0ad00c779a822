"""What the pencil found, the count finds, and so does the rule word for word."""

from fractions import Fraction

import pytest

from membership.rounds import equal_shares
from membership.rounds.equal_shares import Count, Standing
from tests.rounds import naive
from tests.rounds.worked_by_hand import ALL, Worked

each = pytest.mark.parametrize("worked", ALL, ids=[worked.name for worked in ALL])


def counted(worked: Worked) -> Count:
    return equal_shares.count(equal_shares.parsed(worked.file().encode()))


def test_there_are_many_and_none_twice() -> None:
    assert len({worked.name for worked in ALL}) == len(ALL) >= 40


@each
def test_the_winners_come_in_the_order_in_which_they_are_bought(worked: Worked) -> None:
    result = counted(worked)
    assert " ".join(result.winners) == worked.winners
    assert (result.share, result.left_over) == (Fraction(worked.share), Fraction(worked.left_over))


@each
def test_the_share_was_raised_from_the_first_by_whole_steps(worked: Worked) -> None:
    result = counted(worked)
    assert result.share == result.first_share + result.steps * Fraction(worked.step)


@each
def test_the_next_share_would_have_bought_more_than_there_is(worked: Worked) -> None:
    result = counted(worked)
    assert result.next_cost == (Fraction(worked.beyond) if worked.beyond else None)
    assert not worked.beyond or result.next_share == result.share + Fraction(worked.step)


@each
def test_every_payment_is_told(worked: Worked) -> None:
    result = counted(worked)
    standings = {standing.topic.id: standing for standing in result.standings}
    assert ", ".join(payment(standings[winner]) for winner in result.winners) == worked.payments


def payment(standing: Standing) -> str:
    least, most = standing.least_payment, standing.payment
    return (
        f"{standing.topic.id} {most}" if least == most else f"{standing.topic.id} {least} to {most}"
    )


@each
def test_what_losers_had_and_lacked_is_told(worked: Worked) -> None:
    told = {
        standing.topic.id: (
            f"{standing.spenders} spent {standing.spent}: "
            f"{standing.left} left, {standing.missing} missing"
        )
        for standing in counted(worked).standings
        if not standing.won
    }
    assert not worked.losers or told == worked.losers


@each
def test_every_tie_is_disclosed(worked: Worked) -> None:
    ties = [
        f"{tie.winner} over {' '.join(sorted(tie.others))} by {tie.chosen_by}"
        for tie in counted(worked).ties
    ]
    assert ties == list(worked.ties)


@each
def test_one_voter_and_one_step_at_a_time_give_the_same(worked: Worked) -> None:
    slow = naive.count(equal_shares.parsed(worked.file().encode()))
    assert (" ".join(slow.winners), slow.share) == (worked.winners, Fraction(worked.share))

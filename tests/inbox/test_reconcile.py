"""Reconcile: the import of an account, and the mending of what webhooks never told."""

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from membership.books.models import EntryKind, LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db
from membership.inbox import reconcile
from membership.mail.models import OutgoingMail
from membership.patrons.models import MembershipPeriod, Person
from tests.factories import Newsroom
from tests.till import FAILS_ON_RENEWAL, Till


@pytest.fixture
def seeded(newsroom: Newsroom, till: Till) -> Newsroom:
    runner = newsroom.app.test_cli_runner()
    result = runner.invoke(args=["seed", "--patrons", "25", "--months", "6", "--seed", "7"])
    assert result.exit_code == 0, result.output
    return newsroom


def books(newsroom: Newsroom) -> dict[str, object]:
    with newsroom.at_work():
        return {
            "subscriptions": Counter(
                (row.stripe_id, row.status, row.amount, row.currency)
                for row in db.session.scalars(sa.select(Subscription))
            ),
            "charges": Counter(
                (row.stripe_source, row.amount, row.currency)
                for row in db.session.scalars(
                    sa.select(LedgerEntry).where(LedgerEntry.kind == EntryKind.charge)
                )
            ),
            "refunded": sum(
                db.session.scalars(
                    sa.select(LedgerEntry.amount).where(LedgerEntry.kind == EntryKind.refund)
                )
            ),
        }


def stripes_books(till: Till) -> dict[str, object]:
    v1 = till.sdk.v1
    subscriptions = v1.subscriptions.list({"status": "all", "limit": 100}).auto_paging_iter()
    invoices = v1.invoices.list({"status": "paid", "limit": 100}).auto_paging_iter()
    intents = v1.payment_intents.list({"limit": 100}).auto_paging_iter()
    refunds = v1.refunds.list({"limit": 100}).auto_paging_iter()
    price = lambda one: one["items"].data[0].price  # noqa: E731
    return {
        "subscriptions": Counter(
            (one.id, one.status, price(one).unit_amount, price(one).currency)
            for one in subscriptions
        ),
        "charges": Counter((one.id, one.amount_paid, one.currency) for one in invoices)
        + Counter(
            (one.id, one.amount_received, one.currency)
            for one in intents
            if "hromada" in one.metadata.to_dict() and one.status == "succeeded"
        ),
        "refunded": -sum(one.amount for one in refunds),
    }


def test_the_demos_books_equal_the_sandboxes(seeded: Newsroom, till: Till):
    assert books(seeded) == stripes_books(till)
    assert seeded.count(Person) == 25


def test_a_second_import_finds_no_difference(seeded: Newsroom):
    before = books(seeded)
    result = seeded.app.test_cli_runner().invoke(args=["stripe", "reconcile"])
    assert result.stdout == "No difference.\n"
    assert "subscriptions read" in result.stderr
    assert books(seeded) == before


def test_an_imported_patron_is_not_thanked_again(seeded: Newsroom):
    assert seeded.told() == []


def test_a_donation_whose_webhooks_were_all_lost_is_restored_once(
    newsroom: Newsroom, client, till: Till, choose
):
    till.pay(choose(client))
    lost = till.news()
    with newsroom.at_work():
        assert reconcile.run() == {
            "subscription missing": 1,
            "payment missing": 1,
            "settlement missing": 1,
        }
    assert newsroom.count(MembershipPeriod) == 1
    assert newsroom.told() == ["staff", "thanks"]
    assert set(till.deliver(client, lost)) == {200}
    assert newsroom.told() == ["staff", "thanks"]
    assert newsroom.count(LedgerEntry) == 2


def test_a_gift_whose_webhooks_were_all_lost_is_restored(newsroom, client, till, choose):
    till.pay(choose(client, interval="once"))
    with newsroom.at_work():
        assert reconcile.run() == {"gift missing": 1, "settlement missing": 1}
    assert newsroom.told() == ["staff", "thanks"]


def test_a_renewal_that_failed_unheard_is_seen_by_staff(newsroom, client, till, choose):
    till.pay(choose(client), card=FAILS_ON_RENEWAL)
    till.deliver(client)
    till.let_pass(clock.now() + relativedelta(months=1, days=1))
    clock.advance(timedelta(days=32))
    with newsroom.at_work():
        assert reconcile.run() == {
            "subscription differs": 1,
            "failed payment missing": 1,
            "settlement missing": 1,
            "payout missing": 1,
        }
    browser = newsroom.signed_in(newsroom.person(role="editor"))
    assert "1 renewal fails" in browser.get("/staff").text


def test_stripe_out_of_reach_is_said_in_one_line(newsroom, make_app):
    away = make_app(sandbox_url="http://127.0.0.1:9")
    result = away.test_cli_runner().invoke(args=["stripe", "reconcile"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: Stripe: ")


def test_a_dry_run_names_every_difference_and_mends_none(newsroom, client, till, choose):
    till.pay(choose(client))
    result = newsroom.app.test_cli_runner().invoke(args=["stripe", "reconcile", "--dry-run"])
    assert "1 × subscription missing" in result.stdout
    assert "1 × payment missing" in result.stdout
    assert "Nothing was mended" in result.stdout
    for model in (Subscription, LedgerEntry, MembershipPeriod, OutgoingMail):
        assert newsroom.count(model) == 0
    with newsroom.at_work():
        assert reconcile.last(newsroom.app.extensions["settings"].mode) is None


@pytest.mark.parametrize("after", range(1, 5))
def test_a_comparison_that_is_stopped_anywhere_is_finished_by_the_next(
    newsroom, client, till, choose, after
):
    for number in range(3):
        till.pay(choose(client, attempt=f"{number}" * 16, email=f"p{number}@example.org"))
    pages = 0

    def stop(what: str, read: int) -> None:
        nonlocal pages
        pages += 1
        if pages == after:
            raise KeyboardInterrupt

    with newsroom.at_work(), pytest.raises(KeyboardInterrupt):
        reconcile.run(progress=stop)
    with newsroom.at_work():
        reconcile.run()
        assert reconcile.run() == {}
    assert books(newsroom)["subscriptions"] == stripes_books(till)["subscriptions"]
    assert newsroom.told() == ["staff"] * 3 + ["thanks"] * 3


def test_two_comparisons_at_once_book_everything_once(newsroom, client, till, choose):
    for number in range(6):
        till.pay(choose(client, attempt=f"{number}" * 16, email=f"p{number}@example.org"))

    def compare() -> None:
        with newsroom.at_work():
            reconcile.run()

    with ThreadPoolExecutor(2) as pool:
        for run in [pool.submit(compare) for _ in range(2)]:
            run.result()
    assert newsroom.count(Subscription) == newsroom.count(MembershipPeriod) == 6
    assert newsroom.count(LedgerEntry) == 12
    assert newsroom.told() == ["staff"] * 6 + ["thanks"] * 6


def test_a_subscription_that_stripe_does_not_know_is_named(
    newsroom, client, till, choose, make_app
):
    till.pay(choose(client))
    till.deliver(client)
    clock.advance(timedelta(hours=2))
    with newsroom.at_work():
        db.session.execute(sa.update(Subscription).values(stripe_id="sub_gone"))
        db.session.commit()
        found = reconcile.run()
    assert found["unknown to Stripe"] == 1


def test_no_more_than_a_hundred_objects_are_asked_for_at_once(newsroom: Newsroom):
    newsroom.app.test_cli_runner().invoke(args=["seed", "--patrons", "60", "--months", "9"])
    pages: dict[str, list[int]] = {}
    with newsroom.at_work():
        reconcile.run(progress=lambda what, read: pages.setdefault(what, []).append(read))
    steps = [
        after - before
        for reads in pages.values()
        for before, after in itertools.pairwise([0, *reads])
    ]
    assert len(pages["invoices"]) > 1
    assert max(steps) <= 100


def test_erasing_somebody_ends_their_billing(newsroom, client, till, choose):
    till.pay(choose(client))
    till.deliver(client)
    runner = newsroom.app.test_cli_runner()
    nobody = runner.invoke(args=["people", "erase", "nobody@example.org", "--yes"])
    assert nobody.exit_code == 1
    assert "nobody here has the address" in nobody.output
    assert runner.invoke(args=["people", "erase", "olha@example.org"], input="n").exit_code == 1
    assert till.total("subscriptions", status="active") == 1
    assert runner.invoke(args=["people", "erase", "olha@example.org", "--yes"]).exit_code == 0
    assert till.total("subscriptions", status="active") == 0

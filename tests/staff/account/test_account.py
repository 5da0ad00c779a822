"""An account that sold before we came: matched to tiers, foreseen, taken in with its whole past."""

import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership import gateway
from membership.books import offline, payouts, settlement
from membership.books.card_models import Card
from membership.books.models import (
    Customer,
    Dispute,
    FailedPayment,
    LedgerEntry,
    LetGo,
    Settlement,
    Subscription,
    Tier,
)
from membership.books.term_models import Term
from membership.clock import clock
from membership.extensions import db
from membership.history import upkeep
from membership.inbox import account, reconcile
from membership.mail.models import OutgoingMail
from membership.money import Money
from membership.patrons import people, sign_in
from membership.patrons.models import MembershipPeriod, Person
from membership.settings import current
from membership.staff.account import matching, undoing
from membership.staff.account.matching import UnknownTier
from membership.staff.models import PersonNote
from tests.books import truth
from tests.conftest import MakeApp, empty_tables
from tests.factories import Newsroom
from tests.history import moved
from tests.staff.settings.conftest import desk, seen
from tests.till import Till, app, choose, till

__all__ = ["app", "choose", "desk", "till"]  # fixtures

ACCOUNT = "/staff/import/stripe"


class Shop:
    """What the account sold before: three products, one of them at two prices of its own."""

    def __init__(self, till: Till, ids: Sequence[str | None] = (None, None, None)) -> None:
        self.till, self.v1 = till, till.sdk.v1
        names = ("Friends", "Circle", "Calendar on paper")
        self.products = [
            self.v1.products.create({"name": name} | ({"id": its} if its else {})).id
            for name, its in zip(names, ids, strict=True)
        ]
        self.prices = {
            name: self._price(product, amount, interval)
            for name, product, amount, interval in (
                ("friend", 0, 500, "month"),
                ("friend a year", 0, 5000, "year"),
                ("circle", 1, 1500, "month"),
                ("calendar", 2, 900, "year"),
            )
        }

    def _price(self, product: int, amount: int, interval: Any) -> str:
        return self.v1.prices.create(
            {
                "product": self.products[product],
                "currency": "eur",
                "unit_amount": amount,
                "recurring": {"interval": interval},
            }
        ).id

    def sell(self, email: str, what: str) -> str:
        """Somebody begins to give, by whatever the account used before us."""
        customer = self.v1.customers.create({"email": email, "name": email.partition("@")[0]})
        self._take_card("pm_card_visa", customer.id)
        made = self.v1.subscriptions.create(
            {"customer": customer.id, "items": [{"price": self.prices[what]}]}
        )
        return str(made.id)

    def pays_by(self, card: str, subscription: str) -> None:
        self._take_card(card, str(self.v1.subscriptions.retrieve(subscription).customer))

    def _take_card(self, card: str, customer: str) -> None:
        method = self.v1.payment_methods.attach(card, {"customer": customer}).id
        self.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method}})


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "EVERYBODY_KNOWS", 0)


@pytest.fixture
def shop(till: Till) -> Shop:
    return Shop(till)


def slugs(newsroom: Newsroom) -> list[str]:
    with newsroom.at_work():
        return list(db.session.scalars(sa.select(Tier.slug).order_by(Tier.position)))


def match(newsroom: Newsroom, matched: dict[str, str], *, is_on: bool = True) -> None:
    with newsroom.at_work():
        matching.choose(matched, seen=matching.chosen().version, by=None)
        matching.switch(is_on=is_on, seen=matching.chosen().version, by=None)


def looked_at(newsroom: Newsroom) -> Any:
    with newsroom.at_work():
        account.look()
        row = account.last()
        assert row is not None
        return row


def test_an_account_says_what_it_sells_and_how_many_pay_each(newsroom: Newsroom, shop: Shop):
    for number in range(3):
        shop.sell(f"friend{number}@example.org", "friend")
    over = shop.sell("was@example.org", "friend a year")
    shop.v1.subscriptions.cancel(over)
    shop.sell("wall@example.org", "calendar")
    found = looked_at(newsroom)
    assert found.read == 5
    assert [(one["name"], one["running"], one["over"]) for one in found.found] == [
        ("Friends", 3, 1),
        ("Calendar on paper", 1, 0),
    ]
    friends = found.found[0]["prices"]
    assert [(one["amount"], one["interval"], one["running"], one["over"]) for one in friends] == [
        (500, "month", 3, 0),
        (5000, "year", 0, 1),
    ]


def test_what_was_made_for_a_tier_is_nothing_to_bring_along(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose: Any
):
    till.pay(choose(client))
    assert looked_at(newsroom).found == []


def test_what_is_taken_in_is_as_if_every_event_had_been_heard(
    newsroom: Newsroom, client: FlaskClient, shop: Shop, till: Till
):
    """Two years of the account, heard event by event; then forgotten, and taken in at once."""
    first, second, *_rest = slugs(newsroom)
    matched = {shop.products[0]: first, shop.prices["circle"]: second}
    match(newsroom, matched)
    began = till.now()
    two_years(shop, client)
    with newsroom.at_work():
        settlement.run()
        payouts.run()
        truth.hold_together(truth.ours(), truth.stripes(till, matched=matched))
        assert len(truth.ours().subscriptions) == 7
        assert sum(truth.ours().movements.values()) > 60
        followed = moved.told_by_an_import()
        db.session.commit()
        empty_tables(db.engine, but={"tier", "suggestion"})
    match(newsroom, matched)
    with newsroom.at_work():
        account.take_in()
        truth.hold_together(truth.ours(), truth.stripes(till, matched=matched))
        assert moved.told_by_an_import() == followed
        assert moved.kept_sums() == moved.sums_of_rows()
        assert not db.session.scalars(sa.select(OutgoingMail)).all()
        since = db.session.scalar(sa.select(sa.func.min(Subscription.started_at)))
        assert since is not None
        assert since < began + timedelta(days=1)
        before = truth.ours(), moved.what_follows()
        assert reconcile.run() == {}
        assert (truth.ours(), moved.what_follows()) == before


def two_years(shop: Shop, client: FlaskClient) -> None:
    """Who comes, stays, leaves, is refused, gets something back; and who buys a calendar."""
    till = shop.till
    shop.sell("monthly@example.org", "friend")
    shop.sell("yearly@example.org", "friend a year")
    leaves = shop.sell("leaves@example.org", "circle")
    refused = shop.sell("refused@example.org", "friend")
    moves = shop.sell("moves@example.org", "friend")
    shop.sell("wall@example.org", "calendar")
    for month in range(24):
        if month == 3:
            shop.pays_by("pm_card_chargeCustomerFail", refused)
        if month == 5:
            shop.pays_by("pm_card_visa", refused)
            shop.sell("later@example.org", "circle")
        if month == 7:
            shop.v1.subscriptions.update(leaves, {"cancel_at_period_end": True})
        if month == 11:
            item = shop.v1.subscriptions.retrieve(moves)["items"].data[0].id
            dearer = {"id": item, "price": shop.prices["circle"]}
            shop.v1.subscriptions.update(moves, {"items": [dearer]})
        if month == 14:
            last = till.newest("charges")
            shop.v1.refunds.create({"charge": last.id})
        if month == 20:
            shop.sell("monthly@example.org", "circle")
        assert set(till.deliver(client)) <= {200}
        till.let_pass(till.now() + relativedelta(months=1))
        clock.set(till.now())
    assert set(till.deliver(client)) <= {200}


def test_a_dry_run_says_what_would_become_of_each_and_changes_nothing(
    newsroom: Newsroom, desk: FlaskClient, shop: Shop
):
    first, *_rest = slugs(newsroom)
    shop.sell("new@example.org", "friend")
    shop.sell("chief@example.org", "friend")
    shop.sell("wall@example.org", "calendar")
    shop.v1.subscriptions.cancel(shop.sell("was@example.org", "friend"))
    match(newsroom, {shop.products[0]: first}, is_on=False)
    page = told(desk.get(f"{ACCOUNT}/foreseen"))
    assert re.search(
        r"new@example.org sub_\w+ a new patron, Reader €5 a month .{5,20} running", page
    )
    assert re.search(r"chief@example.org sub_\w+ added to who we know, as Reader", page)
    assert re.search(r"wall@example.org sub_\w+ left alone", page)
    assert re.search(
        r"was@example.org sub_\w+ somebody new, who gave as Reader .{10,40} over", page
    )
    with newsroom.at_work():
        assert reconcile.run() == {}
    assert newsroom.count(Subscription) == 0


def told(answer: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_an_admin_matches_and_takes_in_on_a_page(
    newsroom: Newsroom, desk: FlaskClient, shop: Shop, till: Till
):
    first, second, *_rest = slugs(newsroom)
    for number in range(2):
        shop.sell(f"friend{number}@example.org", "friend")
    shop.sell("year@example.org", "friend a year")
    shop.sell("wall@example.org", "calendar")
    assert "Not looked at yet" in told(desk.get(ACCOUNT))
    desk.post(f"{ACCOUNT}/look")
    looked_at(newsroom)
    page = desk.get(ACCOUNT)
    assert "4 subscriptions" in told(page)
    assert re.search(r"Friends .{20,80} 3 0", told(page))
    friends = f"product-{shop.products[0]}"
    choices = {
        friends: first,
        f"product-{shop.products[2]}": "",
        f"price-{shop.prices['friend']}": "",
        f"price-{shop.prices['friend a year']}": second,
    }
    version = seen(desk, ACCOUNT)
    answer = desk.post(ACCOUNT, data={"seen": version} | choices)
    assert answer.status_code == 303
    late = desk.post(ACCOUNT, data={"seen": version} | choices | {friends: second})
    assert late.status_code == 409
    assert "Somebody else has just changed this" in late.text
    with newsroom.at_work():
        assert not matching.chosen().matched.is_on
    assert desk.post(f"{ACCOUNT}/take-in").status_code == 303
    with newsroom.at_work():
        account.take_in()
        of_tiers = sa.select(Tier.slug, sa.func.count()).join(Subscription).group_by(Tier.slug)
        assert dict(db.session.execute(of_tiers).all()) == {first: 2, second: 1}
    page = told(desk.get(ACCOUNT))
    assert "Subscriptions that were missing: 3" in page
    ukrainian = desk.get(ACCOUNT, headers={"Accept-Language": "uk"})
    assert "4 підписки" in told(ukrainian)
    sheet = desk.get(f"{ACCOUNT}/taken.csv").text.splitlines()
    assert sheet[0] == ",".join(matching.SHEET)
    assert len(sheet) == 4
    assert re.match(r"sub_\w+,friend0@example.org,reader,5,EUR,month,1,", sheet[-1])
    assert "What was sold before (sandbox)" in desk.get("/staff/settings/changes").text


def test_a_tier_that_there_is_not_is_refused(newsroom: Newsroom, desk: FlaskClient, shop: Shop):
    shop.sell("friend@example.org", "friend")
    looked_at(newsroom)
    version = seen(desk, ACCOUNT)
    answer = desk.post(ACCOUNT, data={"seen": version, f"product-{shop.products[0]}": "nobility"})
    assert answer.status_code == 422
    with newsroom.at_work(), pytest.raises(UnknownTier):
        matching.choose({shop.products[0]: "nobility"}, seen=0, by=None)


def test_what_is_not_on_the_page_stays_matched(newsroom: Newsroom, desk: FlaskClient, shop: Shop):
    first, *_rest = slugs(newsroom)
    shop.sell("friend@example.org", "friend")
    match(newsroom, {"prod_elsewhere": first}, is_on=False)
    looked_at(newsroom)
    desk.post(ACCOUNT, data={"seen": seen(desk, ACCOUNT), f"product-{shop.products[0]}": first})
    with newsroom.at_work():
        assert matching.chosen().matched.tiers == {
            "prod_elsewhere": first,
            shop.products[0]: first,
        }


def test_from_the_command_line_it_is_said_foreseen_and_taken_in(newsroom: Newsroom, shop: Shop):
    first, *_rest = slugs(newsroom)
    shop.sell("friend@example.org", "friend")
    runner = newsroom.app.test_cli_runner()
    sells = runner.invoke(args=["import", "stripe"])
    assert f"{shop.products[0]}  Friends: 1 running, 0 over" in sells.stdout
    matched = f"{shop.products[0]}={first}"
    foreseen = runner.invoke(args=["import", "stripe", "--match", matched, "--dry-run"])
    assert f"friend@example.org  5 eur month: new, {first}" in foreseen.stdout
    assert newsroom.count(Subscription) == 0
    taken = runner.invoke(args=["import", "stripe", "--match", matched])
    assert taken.exit_code == 0, taken.output
    assert "1 × subscription missing" in taken.stdout
    again = runner.invoke(args=["import", "stripe"])
    assert again.stdout == "No difference.\n"
    wrong = runner.invoke(args=["import", "stripe", "--match", "prod_x=nobility"])
    assert wrong.exit_code == 1
    assert "there is no tier called nobility" in wrong.output


def test_stripe_out_of_reach_is_said(newsroom: Newsroom, desk: FlaskClient, make_app: MakeApp):
    away = Newsroom(make_app(sandbox_url="http://127.0.0.1:9"))
    admin = away.signed_in(away.person("away@example.org", role="admin"))
    with away.at_work():
        account.look()
    assert "stopped" in told(admin.get(ACCOUNT))
    assert "Stripe does not answer" in told(admin.get(f"{ACCOUNT}/foreseen", follow_redirects=True))


TABLES = (
    LedgerEntry,
    Settlement,
    Dispute,
    Term,
    FailedPayment,
    MembershipPeriod,
    Card,
    Customer,
    LetGo,
    *(derived.table for derived in upkeep.DERIVED),
)


def rows(newsroom: Newsroom) -> dict[str, int]:
    return {table.__tablename__: newsroom.count(table) for table in TABLES}


def test_what_was_taken_in_by_mistake_leaves_and_can_come_again(
    newsroom: Newsroom, desk: FlaskClient, client: FlaskClient, shop: Shop, till: Till, choose: Any
):
    """Beside somebody who gives here, whom it leaves alone."""
    first, *_rest = slugs(newsroom)
    two_years(shop, client)
    till.pay(choose(client))
    till.deliver(client)
    with newsroom.at_work():
        reconcile.run()
        before = truth.ours(), moved.what_follows(), moved.kept_sums()
        known = set(db.session.scalars(sa.select(Person.email)))
    counted = rows(newsroom)
    match(newsroom, {shop.products[0]: first, shop.products[1]: first})
    with newsroom.at_work():
        account.take_in()
        taken = truth.ours(), moved.what_follows()
        assert taken != before[:2]
    assert desk.post(f"{ACCOUNT}/undo").status_code == 303
    with newsroom.at_work():
        assert undoing.undo() == 7
        assert (truth.ours(), moved.what_follows(), moved.kept_sums()) == before
        assert moved.kept_sums() == moved.sums_of_rows()
        assert set(db.session.scalars(sa.select(Person.email))) == known
    assert rows(newsroom) == counted
    with newsroom.at_work():
        assert reconcile.run() == {}
        assert undoing.undo() == 0
        matching.switch(is_on=True, seen=matching.chosen().version, by=None)
        account.take_in()
        assert (truth.ours(), moved.what_follows()) == taken


def test_whom_anything_else_has_touched_since_stays_with_all_that_is_theirs(
    newsroom: Newsroom, shop: Shop
):
    first, *_rest = slugs(newsroom)
    for name in ("signed-in", "noted", "given", "twice", "nothing"):
        shop.sell(f"{name}@example.org", "friend")
    shop.sell("twice@example.org", "calendar")
    match(newsroom, {shop.products[0]: first})
    with newsroom.at_work():
        account.take_in()
        found = {one.email.partition("@")[0]: one for one in db.session.scalars(sa.select(Person))}
        sign_in.make_link(found["signed-in"], lasts=timedelta(minutes=5))
        chief = people.ensure("chief@example.org")
        db.session.add(
            PersonNote(person_id=found["noted"].id, by_id=chief.id, text="Called.", at=clock.now())
        )
        offline.enter(
            found["given"],
            Money(500, "eur"),
            received_at=clock.now(),
            months=1,
            note="",
            key="by hand",
        )
        db.session.commit()
        matching.switch(is_on=False, seen=matching.chosen().version, by=None)
        assert undoing.undo() == 2
        left = db.session.scalars(sa.select(Person.email).join(Subscription)).all()
        assert sorted(left) == ["given@example.org", "noted@example.org", "signed-in@example.org"]
        assert moved.kept_sums() == moved.sums_of_rows()
        assert people.by_email("nothing@example.org") is None


def test_who_gave_twice_goes_too_wherever_stripe_lists_it(
    newsroom: Newsroom, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    first, *_rest = slugs(newsroom)
    monkeypatch.setattr(gateway, "PAGE", 2)
    for name in ("twice", "other", "another", "twice"):
        shop.sell(f"{name}@example.org", "friend")
    match(newsroom, {shop.products[0]: first})
    with newsroom.at_work():
        account.take_in()
        matching.switch(is_on=False, seen=matching.chosen().version, by=None)
        assert undoing.undo() == 4
    assert newsroom.count(Person) == 0


def test_what_was_matched_wrongly_and_is_left_alone_by_now_goes_as_well(
    newsroom: Newsroom, desk: FlaskClient, shop: Shop
):
    first, *_rest = slugs(newsroom)
    shop.sell("wall@example.org", "calendar")
    match(newsroom, {shop.products[2]: first})
    with newsroom.at_work():
        account.take_in()
        matching.choose({}, seen=matching.chosen().version, by=None)
    assert "Take them out again" in desk.get(ACCOUNT).text
    desk.post(f"{ACCOUNT}/undo")
    assert "Take them out again" in desk.get(ACCOUNT).text
    with newsroom.at_work():
        assert undoing.undo() == 1
    assert "Take them out again" not in desk.get(ACCOUNT).text


def test_whom_we_knew_before_stays_known(newsroom: Newsroom, shop: Shop):
    first, *_rest = slugs(newsroom)
    with newsroom.at_work():
        people.ensure("known@example.org", name="Olha")
        db.session.commit()
    for name in ("known", "declines", "nothing"):
        shop.sell(f"{name}@example.org", "friend")
    match(newsroom, {shop.products[0]: first})
    with newsroom.at_work():
        account.take_in()
        declines = people.by_email("declines@example.org")
        assert declines is not None
        declines.wants_vote_mail = False
        db.session.commit()
        assert undoing.undo() == 3
        left = db.session.scalars(sa.select(Person.email).order_by(Person.email)).all()
        assert left == ["declines@example.org", "known@example.org"]


def test_nobody_is_told_that_they_give_twice_who_gave_so_before(newsroom: Newsroom, shop: Shop):
    first, *_rest = slugs(newsroom)
    for _time in range(2):
        shop.sell("twice@example.org", "friend")
    match(newsroom, {shop.products[0]: first})
    with newsroom.at_work():
        account.take_in()
    assert newsroom.told() == []


def test_an_account_may_call_its_products_what_it_likes(
    newsroom: Newsroom, desk: FlaskClient, till: Till
):
    first, *_rest = slugs(newsroom)
    shop = Shop(till, ids=["seen", "meta", "_x"])
    for what in ("friend", "friend a year", "circle", "calendar"):
        shop.sell(f"{what.replace(' ', '-')}@example.org", what)
    looked_at(newsroom)
    named = {f"product-{one}": first for one in ("seen", "meta", "_x")}
    named |= {f"price-{shop.prices[one]}": "" for one in ("friend", "friend a year")}
    answer = desk.post(ACCOUNT, data={"seen": seen(desk, ACCOUNT)} | named)
    assert answer.status_code == 303
    with newsroom.at_work():
        assert matching.chosen().matched.tiers == dict.fromkeys(["seen", "meta", "_x"], first)


def test_how_many_products_are_not_shown_is_said(
    newsroom: Newsroom, desk: FlaskClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(account, "MOST_PRODUCTS", 1)
    for what in ("friend", "circle", "calendar"):
        shop.sell("friend@example.org", what)
    assert looked_at(newsroom).more == 2
    assert "2 more products that fewer pay are left alone." in told(desk.get(ACCOUNT))


def test_only_what_is_let_go_by_name_leaves_the_books(newsroom: Newsroom, shop: Shop):
    first, *_rest = slugs(newsroom)
    shop.sell("friend@example.org", "friend")
    shop.sell("other@example.org", "friend")
    match(newsroom, {shop.products[0]: first})
    with newsroom.at_work():
        account.take_in()
        one, other = db.session.scalars(sa.select(Subscription.id)).all()
        db.session.add(LetGo(subscription_id=one))
        db.session.flush()
        for table in ("settlement", "ledger_entry"):
            for wanted in ("", f" where {its(table)} = {other}"):
                refuses(f"delete from {table}{wanted}")
        refuses("update ledger_entry set amount = 1")


def refuses(statement: str) -> None:
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), db.session.begin_nested():
        db.session.execute(sa.text(statement))


def its(table: str) -> str:
    """The subscription of a row."""
    if table == "ledger_entry":
        return "subscription_id"
    return "(select subscription_id from ledger_entry where id = settlement.entry_id)"

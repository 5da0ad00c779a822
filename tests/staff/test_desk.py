"""The staff desk: who gets in, what it says, and what it costs the database."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from config import Mode
from membership.books.models import (
    EntryKind,
    FailedPayment,
    Interval,
    LedgerEntry,
    Subscription,
    Tier,
)
from membership.books.term_models import Settled, Term
from membership.clock import clock
from membership.extensions import db
from membership.figures import committed, money, recovery, supporters
from membership.figures.spans import Span
from membership.patrons.models import Person
from membership.patrons.touched import booked, touch
from membership.staff import overview
from membership.staff.models import AuditEntry
from tests.factories import NOON, Newsroom

PAGES = [
    "/staff",
    "/staff/figures/revenue",
    "/staff/figures/retention",
    "/staff/figures/supporters",
    "/staff/figures/leaving",
    "/staff/figures/recovery",
    "/staff/figures/coming",
    "/staff/figures/sources",
    "/staff/figures/votes",
    "/staff/letters",
    "/staff/figures/lists/supporters?on=2026-03-10&kind=patron",
    "/staff/figures/lists/changes?move=new&from=2026-03-01&to=2026-03-31",
    "/staff/figures/lists/renewals?currency=eur&outcome=failed&from=2026-03-01&to=2026-03-31",
    "/staff/figures/lists/in-recovery?currency=eur&on=2026-03-31",
    "/staff/figures/lists/due?currency=eur&kind=renewal&from=2026-03-01&to=2026-05-31",
    "/staff/figures/lists/came?currency=eur&from=2026-03-01&to=2026-03-31&source=",
    "/staff/figures/lists/due.csv?currency=eur&kind=renewal&from=2026-03-01&to=2026-05-31",
    "/staff/figures/movements?currency=eur&kind=churn&reason=unused&tenure=3",
    "/staff/figures/givers?currency=eur&on=2026-03-10",
    "/staff/figures/givers.csv?currency=eur&on=2026-03-10",
    "/staff/figures/movements?currency=eur",
    "/staff/figures/movements.csv?currency=eur",
    "/staff/people",
    "/staff/people/1",
    "/staff/people.csv",
    "/staff/people/segments",
    "/staff/people?q=e&state=now&currency=eur&voted=no&source=x",
    "/staff/payments",
    "/staff/rounds",
    "/staff/stripe",
    "/staff/audit",
]


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


def subscribe(newsroom: Newsroom, person: Person, amount: int, **changes: object) -> None:
    with newsroom.at_work():
        number = newsroom.count(Subscription) + 1
        row = Subscription(
            stripe_id=f"sub_{number}",
            mode=Mode.sandbox,
            person_id=person.id,
            tier_id=db.session.scalars(sa.select(Tier.id)).first(),
            stripe_customer=f"cus_{number}",
            status="active",
            amount=amount,
            currency="eur",
            interval=Interval.month,
            started_at=NOON,
            current_period_end=NOON + timedelta(days=30),
            cancel_at_period_end=False,
            paid_until=NOON + timedelta(days=30),
            as_of=NOON,
        )
        for name, value in changes.items():
            setattr(row, name, value)
        db.session.add(row)
        db.session.flush()
        charge = {
            "kind": EntryKind.charge,
            "stripe_source": f"in_{number}",
            "mode": row.mode,
            "person_id": person.id,
            "subscription_id": row.id,
            "amount": amount,
            "currency": row.currency,
            "occurred_at": NOON,
        }
        db.session.add(LedgerEntry(**charge))
        booked(LedgerEntry, charge)
        db.session.add(
            Term(
                mode=row.mode,
                person_id=person.id,
                subscription_id=row.id,
                stripe_invoice=f"in_{number}",
                stripe_item=f"si_{number}",
                settled=Settled.paid,
                settled_at=NOON,
                amount=amount,
                interval=row.interval,
                interval_count=1,
                tier_id=row.tier_id,
                starts_at=NOON,
                ends_at=NOON + timedelta(days=30),
            )
        )
        touch(person.id)
        if row.status == "past_due":
            db.session.add(
                FailedPayment(
                    stripe_invoice=f"in_failed_{number}",
                    stripe_customer=row.stripe_customer,
                    mode=row.mode,
                    person_id=person.id,
                    subscription_id=row.id,
                    amount=amount,
                    currency=row.currency,
                    attempts=1,
                    failed_at=NOON,
                )
            )
        db.session.commit()


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_asked_to_sign_in(client, page):
    answer = client.get(page)
    assert answer.status_code == 303
    assert "/sign-in" in answer.location


@pytest.mark.parametrize("page", PAGES)
def test_a_patron_is_kept_out(newsroom: Newsroom, page):
    assert newsroom.signed_in(newsroom.member()).get(page).status_code == 403


@pytest.mark.parametrize(
    ("role", "barred"),
    [
        ("editor", {"/staff/stripe", "/staff/audit"}),
        ("finance", {"/staff/audit"}),
        ("admin", set()),
    ],
)
def test_each_role_sees_its_own_pages(newsroom: Newsroom, role, barred):
    browser = newsroom.signed_in(newsroom.person(role=role))
    seen = {page: browser.get(page).status_code for page in PAGES}
    assert seen == {page: 403 if page in barred else 200 for page in PAGES}


def test_finance_cannot_close_a_round(newsroom: Newsroom):
    browser = newsroom.signed_in(newsroom.person(role="finance"))
    assert browser.post("/staff/rounds/any/close").status_code == 403


def test_committed_mrr_counts_active_and_past_due_and_a_twelfth_of_the_year(newsroom: Newsroom):
    newsroom.tiers()
    for amount, changes in [
        (500, {}),
        (5000, {"interval": Interval.year}),
        (700, {"status": "past_due"}),
        (900, {"status": "canceled"}),
        (1100, {"status": "incomplete"}),
        (1300, {"mode": Mode.live}),
        (1700, {"paid_until": None}),
        (1900, {"is_paused": True}),
        (2300, {"cancel_at": NOON}),
        (2900, {"cancel_at_period_end": True}),
        (20000, {"currency": "uah"}),
    ]:
        subscribe(newsroom, newsroom.member(), amount, **changes)
    with newsroom.at_work():
        promised = committed.committed(Mode.sandbox)
        assert {code: money.amount for code, money in promised.items()} == {
            "eur": 500 + 417 + 700,
            "uah": 20000,
        }
        assert recovery.in_recovery(Mode.sandbox)["eur"].times == 1
        today = Span(NOON.date(), NOON.date())
        assert money.received(Mode.sandbox, [today])["uah"][0].received == 20000


def test_new_and_lost_are_people_of_this_month(newsroom: Newsroom):
    newsroom.member(since=NOON - timedelta(days=2))
    newsroom.member(since=NOON - timedelta(days=60))
    newsroom.member(since=NOON - timedelta(days=60), until=NOON - timedelta(days=1))
    newsroom.member(since=NOON - timedelta(days=60), until=NOON - timedelta(days=40))
    with newsroom.at_work():
        month = overview.month(Mode.sandbox)
        assert supporters.active(Mode.sandbox) == 2
        assert [total.people for total in month.supported.by_move.values()] == [1, 0, -1]
        assert [total.people for total in month.supported_before.by_move.values()] == [0, 0, 0]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_the_same_queries_for_one_patron_as_for_many(newsroom, queries, page):
    newsroom.tiers()
    browser = newsroom.signed_in(newsroom.person(role="admin"))

    def cost() -> int:
        with queries() as seen:
            assert browser.get(page).status_code == 200
        return len(seen)

    subscribe(newsroom, newsroom.member(), 500, status="past_due")
    few = cost()
    for _ in range(12):
        subscribe(newsroom, newsroom.member(), 500, status="past_due")
    assert cost() == few


def test_people_are_found_by_name_or_address(newsroom: Newsroom):
    newsroom.person("olha@example.org")
    newsroom.person("100%_mail@example.org")
    browser = newsroom.signed_in(newsroom.person("chief@example.org", role="admin"))
    assert "olha@example.org" in browser.get("/staff/people?q=OLHA").text
    assert "olha@example.org" not in browser.get("/staff/people?q=%25_").text
    assert "Nobody here is called" in browser.get("/staff/people?q=zzz").text


def test_an_empty_desk_says_what_will_be_there(newsroom: Newsroom):
    browser = newsroom.signed_in(newsroom.person(role="admin"))
    desk = browser.get("/staff").text
    assert "No payment yet" in desk
    assert "Nobody supports the newsroom yet" in desk


def test_an_invitation_is_in_the_audit_log_and_its_link_leads_to_the_desk(newsroom: Newsroom):
    result = newsroom.app.test_cli_runner().invoke(
        args=["staff", "invite", "chief@example.org", "--role", "admin"]
    )
    link = result.output.strip().removeprefix(newsroom.app.extensions["settings"].site_url)
    browser = newsroom.app.test_client()
    assert browser.post(link).location == "/staff"
    assert newsroom.count(AuditEntry) == 1
    assert "chief@example.org as admin" in browser.get("/staff/audit").text


@pytest.mark.parametrize(
    ("page", "room", "how"),
    [
        ("/staff", "Overview", "page"),
        ("/staff/figures/revenue", "Figures", "page"),
        ("/staff/figures/coming", "Figures", "true"),
        ("/staff/figures/sources", "Figures", "true"),
        ("/staff/figures/lists/supporters?on=2026-03-10", "Figures", "true"),
        ("/staff/people/segments", "People", "true"),
        ("/staff/people/1", "People", "true"),
        ("/staff/payments/journal", "Payments", "true"),
        ("/staff/topics/new", "Topics", "true"),
        ("/staff/settings/changes", "Settings", "true"),
        ("/staff/audit", "Audit log", "page"),
    ],
)
def test_the_desk_marks_the_room_one_is_in(newsroom: Newsroom, page, room, how):
    answer = newsroom.signed_in(newsroom.person("admin@example.org", role="admin")).get(page)
    desk = answer.text.partition('class="desk-nav"')[2].partition("</nav>")[0]
    assert re.findall('aria-current="(.*?)">(.*?)</a>', desk) == [(how, room)]

"""Two people who are one: what is theirs follows, every figure with it, and it can be undone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books import ledger
from membership.books.models import (
    Customer,
    Donation,
    EntryKind,
    FailedPayment,
    LedgerEntry,
    Subscription,
)
from membership.books.term_models import Term
from membership.clock import clock
from membership.extensions import db
from membership.history import rebuild
from membership.history.models import Movement
from membership.mail.models import OutgoingMail
from membership.money import Money
from membership.patrons import memberships, people
from membership.patrons.models import MembershipPeriod, Person
from membership.rounds import ballots, roll, verify
from membership.staff.models import AuditEntry, Joining, PersonNote
from membership.staff.people import joining
from membership.topics import follows, proposals
from membership.topics.models import Follow, Topic
from tests.children import all_went_well, in_a_child
from tests.factories import NOON, Newsroom
from tests.history.moved import kept_sums, movements, sums_of_rows
from tests.staff.test_desk import subscribe
from tests.votes import Votes, open_round

__all__ = ["open_round"]  # a fixture

OF_PERSON = (
    (Subscription, "person_id"),
    (LedgerEntry, "person_id"),
    (FailedPayment, "person_id"),
    (Term, "person_id"),
    (Movement, "person_id"),
    (MembershipPeriod, "person_id"),
    (PersonNote, "person_id"),
    (Topic, "proposed_by_id"),
)


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


@pytest.fixture
def finance(newsroom: Newsroom) -> FlaskClient:
    newsroom.tiers()
    return newsroom.signed_in(newsroom.person("finance@example.org", role="finance"))


@pytest.fixture
def olha(newsroom: Newsroom, finance: FlaskClient) -> Person:
    """Gives five euros."""
    olha = newsroom.member("olha@example.org")
    subscribe(newsroom, olha, 500)
    return olha


@pytest.fixture
def double(newsroom: Newsroom, olha: Person) -> Person:
    """The same woman by another address, who gives seven and cannot pay."""
    double = newsroom.member("olha.petrenko@example.org")
    subscribe(newsroom, double, 700, status="past_due", started_at=NOON + timedelta(days=1))
    return double


def join(browser: FlaskClient, kept: Person, gone: Person):
    return browser.post(f"/staff/people/{kept.id}/join", data={"gone": gone.id})


def undo(browser: FlaskClient, kept: Person, number: int = 1):
    return browser.post(f"/staff/people/{kept.id}/join/{number}/undo")


def owned(newsroom: Newsroom, person: Person) -> dict[str, int]:
    """How many rows of each table are theirs."""
    with newsroom.at_work():
        return {
            model.__tablename__: db.session.scalar(
                sa.select(sa.func.count()).select_from(model).where(getattr(model, by) == person.id)
            )
            for model, by in OF_PERSON
        }


def now(newsroom: Newsroom, person: Person) -> Person:
    with newsroom.at_work():
        return db.session.get_one(Person, person.id)


def check_figures(newsroom: Newsroom) -> None:
    """What is kept equals what is worked out anew."""
    with newsroom.at_work():
        kept, moved = kept_sums(), movements()
        assert kept == sums_of_rows()
        rebuild.rebuild()
        assert (kept_sums(), movements()) == (kept, moved)


def test_all_that_is_theirs_follows_and_goes_back(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, double: Person
):
    with newsroom.at_work():
        proposals.propose("Wells", "Why?", by=db.session.get_one(Person, double.id))
        db.session.commit()
    finance.post(f"/staff/people/{double.id}/note", data={"note-text": "Rang up."})
    before = owned(newsroom, olha), owned(newsroom, double)
    check_figures(newsroom)
    assert join(finance, olha, double).status_code == 303
    theirs = owned(newsroom, olha)
    assert not any(owned(newsroom, double).values())
    for table in ("subscription", "ledger_entry", "term", "membership_period"):
        assert theirs[table] == before[0][table] + before[1][table]
    assert (theirs["topic"], theirs["person_note"], theirs["failed_payment"]) == (1, 1, 1)
    with newsroom.at_work():
        kinds = db.session.execute(sa.select(Movement.kind, Movement.amount, Movement.people))
        assert [tuple(row) for row in kinds] == [("new", 1200, 1)]
    check_figures(newsroom)
    page = finance.get(f"/staff/people/{olha.id}").text
    assert "One with olha.petrenko@example.org" in page
    assert undo(finance, olha).status_code == 303
    assert (owned(newsroom, olha), owned(newsroom, double)) == before
    check_figures(newsroom)
    assert now(newsroom, double).active
    assert undo(finance, olha).status_code == 409
    with newsroom.at_work():
        acts = db.session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["note", "join", "part"]


def test_the_account_of_who_goes_is_closed_and_their_address_leads_to_who_stays(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, double: Person
):
    browser = newsroom.signed_in(double)
    join(finance, olha, double)
    assert browser.get("/account").status_code == 303
    with newsroom.at_work():
        assert people.ensure(double.email).id == olha.id
        db.session.commit()
    newsroom.app.test_client().post("/sign-in", data={"email": double.email})
    with newsroom.at_work():
        letters = sa.select(OutgoingMail.recipient).where(OutgoingMail.about.like("sign-in:%"))
        assert db.session.scalars(letters).all() == [olha.email]
    page = finance.get(f"/staff/people/{double.id}").text
    assert "They turned out to be one with somebody else" in page
    assert finance.post(f"/staff/people/{double.id}/comp").status_code == 404


def test_what_comes_by_their_subscription_after_the_joining_goes_back_with_it(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, double: Person
):
    join(finance, olha, double)
    with newsroom.at_work():
        subscription = db.session.scalars(
            sa.select(Subscription).where(Subscription.amount == 700)
        ).one()
        first = db.session.scalars(sa.select(LedgerEntry).where(LedgerEntry.amount == 700)).one()
        for number, amount, parent in ((8, 700, None), (9, -700, first.id)):
            ledger.book(
                EntryKind.charge if amount > 0 else EntryKind.refund,
                f"in_{number}",
                olha.id,
                Money(amount, "eur"),
                NOON,
                subscription_id=subscription.id if amount > 0 else None,
                parent_id=parent,
            )
        db.session.commit()
    undo(finance, olha)
    assert owned(newsroom, double)["ledger_entry"] == 3
    assert owned(newsroom, olha)["ledger_entry"] == 1
    check_figures(newsroom)


def test_a_name_and_what_they_do_not_want_follow(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, double: Person
):
    with newsroom.at_work():
        topic = proposals.suggest("Roads", "Why?", minutes=60)
        other = proposals.suggest("Buses", "Why?", minutes=60)
        db.session.flush()
        first, second = (db.session.get_one(Person, one.id) for one in (olha, double))
        first.name = None
        second.wants_vote_mail = False
        follows.follow(topic, first)
        follows.follow(topic, second)
        follows.follow(other, second)
        topics = topic.id, other.id
        db.session.commit()
    join(finance, olha, double)
    assert now(newsroom, olha).name == double.name
    assert not now(newsroom, olha).wants_vote_mail
    with newsroom.at_work():
        assert len(follows.followed_by(olha)) == 2
    undo(finance, olha)
    assert now(newsroom, olha).name is None
    assert now(newsroom, olha).wants_vote_mail
    with newsroom.at_work():
        rows = db.session.execute(sa.select(Follow.person_id, Follow.topic_id)).all()
        assert sorted(map(tuple, rows)) == sorted(
            [(olha.id, topics[0]), (double.id, topics[0]), (double.id, topics[1])]
        )


def test_a_ballot_goes_over_with_its_receipt_and_the_round_still_verifies(
    newsroom: Newsroom,
    finance: FlaskClient,
    olha: Person,
    double: Person,
    open_round: Callable[..., Votes],
):
    round = open_round()
    round.cast(double, "Roads")
    with newsroom.at_work():
        receipt = ballots.own(round.row, double).receipt
    join(finance, olha, double)
    with newsroom.at_work():
        assert ballots.own(round.row, olha).receipt == receipt
        assert ballots.own(round.row, double) is None
        assert roll.turnout(round.row).voted == 1
        assert not [check for check in verify.verify(round.row) if check.ok is False]
        with pytest.raises(roll.NotAMember):
            ballots.cast(round.row, by=double, approvals=set())
        db.session.rollback()
    round.cast(olha, "Hospitals")
    undo(finance, olha)
    with newsroom.at_work():
        assert ballots.own(round.row, double).ticked == round.ids("Hospitals")
        assert ballots.own(round.row, olha) is None
    join(finance, olha, double)
    round.close()
    with newsroom.at_work():
        assert round.row.result["voters"] == 1
        assert not [check for check in verify.verify(round.row) if check.ok is False]
    assert "Voted in March round" in " ".join(
        finance.get(f"/staff/people/{olha.id}").text.replace("<a", " <a").split()
    ).replace(f'<a href="{round.page}">', "").replace("  ", " ")
    assert undo(finance, olha, 2).status_code == 303  # the vote was counted, and stays
    with newsroom.at_work():
        assert not [check for check in verify.verify(round.row) if check.ok is False]


def test_who_has_both_voted_is_joined_after_the_close(
    newsroom: Newsroom,
    finance: FlaskClient,
    olha: Person,
    double: Person,
    open_round: Callable[..., Votes],
):
    round = open_round()
    round.cast(olha, "Roads")
    round.cast(double, "Roads")
    answer = join(finance, olha, double)
    assert answer.status_code == 409
    assert "Each of them has voted in “March round”" in answer.text
    assert owned(newsroom, double)["subscription"] == 1
    round.close()
    assert join(finance, olha, double).status_code == 303
    assert finance.get(f"/staff/people/{olha.id}").text.count("March round") == 1


def test_nobody_loses_a_vote_or_gets_a_second_one_by_being_let_in(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, open_round: Callable[..., Votes]
):
    round = open_round(join_days=3)
    late = newsroom.member("late@example.org", since=NOON)
    round.cast(olha, "Roads")
    answer = join(finance, late, olha)
    assert answer.status_code == 409
    assert "only the one who would go has a vote" in answer.text
    assert join(finance, olha, late).status_code == 303
    with newsroom.at_work(), pytest.raises(roll.NotAMember):
        ballots.cast(round.row, by=late, approvals=set())


def test_what_stands_in_the_way_is_said(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, double: Person
):
    chief = newsroom.person("chief@example.org", role="admin")
    third = newsroom.person("third@example.org")
    for kept, gone, why in (
        (olha, olha, "That is the same person already."),
        (olha, chief, "Whoever works at the desk must be the one who stays."),
    ):
        answer = join(finance, kept, gone)
        assert answer.status_code == 409
        assert why in answer.text
    join(finance, olha, double)
    assert join(finance, third, double).status_code == 409
    join(finance, third, olha)
    answer = undo(finance, olha)
    assert answer.status_code == 409
    assert "part those two first" in answer.text
    assert owned(newsroom, third)["subscription"] == 2
    assert undo(finance, third, 2).status_code == 303
    assert undo(finance, olha).status_code == 303
    assert owned(newsroom, double)["subscription"] == 1


def test_erasing_who_stays_erases_both_and_nothing_leads_back(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, double: Person
):
    join(finance, olha, double)
    finance.post(f"/staff/people/{olha.id}/erase")
    assert people.is_erased(now(newsroom, olha))
    assert people.is_erased(now(newsroom, double))
    answer = undo(finance, olha)
    assert answer.status_code == 409
    assert "One of them is erased" in answer.text


def test_the_desk_shows_both_before_it_joins_them(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, double: Person
):
    page = f"/staff/people/{olha.id}/join"
    assert page in finance.get(f"/staff/people/{olha.id}").text
    assert "Look at both" in finance.get(page).text
    shown = finance.get(f"{page}?other={double.email}").text
    assert f'value="{double.id}"' in shown
    assert "€7 a month" in shown
    for typed, why in (
        ("olha@", "does not look like an e-mail address"),
        ("nobody@example.org", "Nobody else here has this address."),
        (olha.email, "Nobody else here has this address."),
    ):
        answer = finance.get(f"{page}?other={typed}")
        assert answer.status_code == 422
        assert why in answer.text
    editor = newsroom.signed_in(newsroom.person(role="editor"))
    assert editor.get(page).status_code == 403
    assert join(editor, olha, double).status_code == 403
    assert undo(editor, olha).status_code == 403


def test_of_two_joinings_at_once_one_is_done(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, double: Person
):
    def joined(kept: Person, gone: Person) -> None:
        by = db.session.scalars(sa.select(Person).where(Person.email.like("finance%"))).one()
        both = [db.session.get_one(Person, one.id) for one in (kept, gone)]
        try:
            joining.join(*both, by=by)
        except joining.CannotJoin:
            db.session.rollback()

    children = [
        in_a_child(newsroom.app, lambda: joined(olha, double)),
        in_a_child(newsroom.app, lambda: joined(double, olha)),
    ]
    all_went_well(children)
    assert newsroom.count(Joining) == 1
    both = (owned(newsroom, olha)["subscription"], owned(newsroom, double)["subscription"])
    assert sorted(both) == [0, 2]
    check_figures(newsroom)


def test_membership_follows(newsroom: Newsroom, finance: FlaskClient, double: Person):
    other = newsroom.person("reader@example.org")
    join(finance, other, double)
    with newsroom.at_work():
        assert memberships.is_member(other)
        assert not memberships.is_member(double)


def test_nothing_of_stripes_is_left_with_who_goes(
    newsroom: Newsroom, finance: FlaskClient, olha: Person, double: Person
):
    with newsroom.at_work():
        db.session.add(Customer(person_id=double.id, mode="sandbox", stripe_id="cus_2"))
        db.session.commit()
    join(finance, olha, double)
    with newsroom.at_work():
        assert db.session.scalars(sa.select(Customer.person_id)).all() == [olha.id]
        assert not db.session.scalar(sa.select(Donation.id).where(Donation.person_id == double.id))

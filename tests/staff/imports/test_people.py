"""What is known stays as it is, and what a file made goes again unless somebody has touched it."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from config import Mode
from membership import days
from membership.books import offline
from membership.books.models import LedgerEntry
from membership.clock import clock
from membership.extensions import db
from membership.history.models import SupporterChange
from membership.mail.models import OutgoingMail
from membership.patrons import consent, memberships, people, sign_in
from membership.patrons.models import MembershipPeriod, Person
from membership.staff.imports import gifts, keeping, work
from membership.staff.imports.knowing import Known
from membership.staff.imports.said import Said
from membership.staff.models import PersonNote
from membership.staff.people import forgetting, joining, person, taking_out
from membership.staff.people import people as desk_people
from membership.staff.people.filters import Wanted
from tests.conftest import MakeApp
from tests.factories import NOON, Newsroom
from tests.staff.imports.conftest import REAL, fates, rows_of, undo

HEADS = "email,name,member until,kind,newsletter,consent date,note,amount,currency,date\n"
OLHA = "olha@example.org,Olha,2026-12-31,comped,yes,2025-01-01,Wrote,5.00,EUR,2025-06-05\n"
WORDS = {"consent_text": "Write to me."}


def olha(newsroom: Newsroom) -> Person:
    with newsroom.at_work():
        found = people.by_email("olha@example.org")
        db.session.expunge(found)
        return found


def test_who_is_known_is_not_written_over(newsroom: Newsroom, bring: Callable[..., int]):
    known = newsroom.member("olha@example.org", until=NOON + timedelta(days=90))
    nameless = newsroom.person("taras@example.org")
    with newsroom.at_work():
        db.session.get_one(Person, nameless.id).name = None
        consent.agree(
            db.session.get_one(Person, known.id), "Old", language="en", where="x", at=NOON
        )
        consent.withdraw(db.session.get_one(Person, known.id))
        db.session.commit()
    number = bring(HEADS + OLHA + OLHA.replace("olha", "taras").replace("Olha", "Taras"), **WORDS)
    with newsroom.at_work():
        again = db.session.get_one(Person, known.id)
        assert again.name == known.name
        assert consent.of(again) is None
        [_one, brought] = again.periods
        assert brought.ends_at == days.end(days.date(2026, 12, 31))
        assert memberships.current_period(again).id == brought.id
        assert db.session.get_one(Person, nameless.id).name == "Taras"
    rows = rows_of(newsroom, number)
    assert [row.fate for row in rows] == ["more", "more"]
    assert [sorted(row.does) for row in rows] == [
        ["gift", "member", "note"],
        ["consent", "gift", "member", "name", "note"],
    ]
    assert newsroom.count(OutgoingMail) == 0


def test_a_membership_that_covers_it_is_enough(newsroom: Newsroom, bring: Callable[..., int]):
    newsroom.member("olha@example.org", until=NOON + timedelta(days=900))
    text = "email,member until,kind\nolha@example.org,2026-12-31,comped\n"
    [row] = rows_of(newsroom, bring(text))
    assert (row.fate, row.does) == ("nothing", {})
    assert newsroom.count(MembershipPeriod) == 1


def test_what_was_made_goes_and_leaves_nothing(newsroom: Newsroom, bring: Callable[..., int]):
    text = HEADS + OLHA.replace(",5.00,EUR,2025-06-05", ",,,")
    number = bring(text, **WORDS)
    assert newsroom.count(SupporterChange) > 0
    undo(newsroom, number)
    for model in (MembershipPeriod, PersonNote, SupporterChange, LedgerEntry):
        assert newsroom.count(model) == 0
    assert newsroom.count(Person) == 1
    assert fates(newsroom, number) == [(2, "new", None)]
    bring(text, "again.csv", **WORDS)
    assert newsroom.count(Person) == 2
    assert newsroom.count(MembershipPeriod) == 1


def test_a_gift_stays_in_the_books_with_a_row_against_it(
    newsroom: Newsroom, bring: Callable[..., int]
):
    number = bring(HEADS + OLHA, **WORDS)
    undo(newsroom, number)
    with newsroom.at_work():
        amounts = db.session.scalars(sa.select(LedgerEntry.amount).order_by(LedgerEntry.id)).all()
    assert amounts == [500, -500]
    assert newsroom.count(Person) == 2
    assert newsroom.count(MembershipPeriod) == 0
    assert fates(newsroom, number) == [(2, "new", "booked")]
    bring(HEADS + OLHA, "again.csv", **WORDS)
    bring(HEADS + OLHA, "once more.csv", **WORDS)
    with newsroom.at_work():
        amounts = db.session.scalars(sa.select(LedgerEntry.amount).order_by(LedgerEntry.id)).all()
    assert amounts == [500, -500, 500]


def sign_in_link(her: Person) -> None:
    sign_in.make_link(her, lasts=timedelta(hours=1))


def gives(her: Person) -> None:
    money = offline.Money(100, "eur")
    offline.enter(her, money, received_at=clock.now(), months=0, note="", key="k" * 16)


def takes_consent_back(her: Person) -> None:
    consent.withdraw(her)


def is_written_a_note(her: Person) -> None:
    person.note(her, "Met her.", by=her)


def is_renamed(her: Person) -> None:
    her.name = "Olha Kobylianska"


def changes_her_address(her: Person) -> None:
    her.email = "kobylianska@example.org"


def wants_no_votes(her: Person) -> None:
    people.choose_vote_mail(her, wanted=False)


def gets_a_role(her: Person) -> None:
    people.give_role(her, "editor")


def ends_early(her: Person) -> None:
    her.periods[0].ends_at = clock.now()


@pytest.mark.parametrize(
    "touch",
    [
        sign_in_link,
        gives,
        takes_consent_back,
        is_written_a_note,
        is_renamed,
        changes_her_address,
        wants_no_votes,
        gets_a_role,
        ends_early,
    ],
)
def test_whom_something_else_has_happened_to_stays_whole(
    newsroom: Newsroom, bring: Callable[..., int], touch: Callable[[Person], None]
):
    number = bring(HEADS + OLHA.replace(",5.00,EUR,2025-06-05", ",,,"), **WORDS)
    her = olha(newsroom)
    with newsroom.at_work():
        touch(db.session.get_one(Person, her.id))
        db.session.commit()
    notes = newsroom.count(PersonNote)
    undo(newsroom, number)
    with newsroom.at_work():
        assert db.session.get_one(Person, her.id).periods
    assert newsroom.count(PersonNote) == notes
    assert fates(newsroom, number) == [(2, "new", "touched")]


def test_of_who_was_known_only_what_came_along_goes(newsroom: Newsroom, bring: Callable[..., int]):
    known = newsroom.member("olha@example.org", until=NOON + timedelta(days=30))
    with newsroom.at_work():
        db.session.get_one(Person, known.id).name = None
        db.session.commit()
    number = bring(HEADS + OLHA, **WORDS)
    with newsroom.at_work():
        person.note(db.session.get_one(Person, known.id), "Met her.", by=known)
    undo(newsroom, number)
    with newsroom.at_work():
        her = db.session.get_one(Person, known.id)
        assert (her.name, consent.of(her), len(her.periods)) == (None, None, 1)
        assert db.session.scalars(sa.select(PersonNote.text)).all() == ["Met her."]
    assert fates(newsroom, number) == [(2, "more", "booked")]


def test_what_another_file_has_added_keeps_who_the_first_made(
    newsroom: Newsroom, bring: Callable[..., int]
):
    first = bring("email,name\nolha@example.org,Olha\n")
    second = bring("email,member until,kind\nolha@example.org,2026-12-31,gift\n", "second.csv")
    undo(newsroom, first)
    assert fates(newsroom, first) == [(2, "new", "touched")]
    assert newsroom.count(MembershipPeriod) == 1
    undo(newsroom, second)
    assert fates(newsroom, second) == [(2, "more", None)]
    assert (newsroom.count(MembershipPeriod), newsroom.count(Person)) == (0, 2)
    undo(newsroom, first)
    assert fates(newsroom, first) == [(2, "new", None)]
    assert newsroom.count(Person) == 1


def test_the_same_person_twice_is_one(newsroom: Newsroom, bring: Callable[..., int]):
    text = "email,name\nolha@example.org,Olha\ntaras@example.org,T\nOLHA@example.org,Someone else\n"
    number = bring(text)
    assert fates(newsroom, number) == [(2, "new", None), (3, "new", None), (4, "aside", "twice")]
    assert olha(newsroom).name == "Olha"


def test_equal_gifts_of_one_day_are_two_and_stay_two(newsroom: Newsroom, bring: Callable[..., int]):
    row = "olha@example.org,5.00,EUR,2025-06-05\n"
    text = "email,amount,currency,date\n" + row * 2
    assert [row.fate for row in rows_of(newsroom, bring(text))] == ["new", "more"]
    bring(text + row, "later.csv")
    assert newsroom.count(LedgerEntry) == 3


def test_who_was_joined_into_somebody_is_them(newsroom: Newsroom, bring: Callable[..., int]):
    stays, goes = newsroom.person("olha@example.org"), newsroom.person("old@example.org")
    with newsroom.at_work():
        kept, gone = (db.session.get_one(Person, one.id) for one in (stays, goes))
        joining.join(kept, gone, by=kept)
    number = bring("email,member until,kind\nold@example.org,2026-12-31,gift\n")
    [row] = rows_of(newsroom, number)
    assert row.person_id == stays.id
    with newsroom.at_work():
        assert len(db.session.get_one(Person, stays.id).periods) == 1


def test_who_is_erased_is_erased_from_files_too(newsroom: Newsroom, bring: Callable[..., int]):
    number = bring(HEADS + OLHA, **WORDS)
    her = olha(newsroom)
    with newsroom.at_work():
        found = db.session.get_one(Person, her.id)
        kept = taking_out.of(found, by=found)
        assert kept["import_row"][0]["cells"][0] == "olha@example.org"
        forgetting.erase(found, by=None)
    [row] = rows_of(newsroom, number)
    assert (row.cells, row.email, row.does) == ([], None, {})
    undo(newsroom, number)
    assert newsroom.count(LedgerEntry) == 1


def test_two_at_once_take_no_row_twice(newsroom: Newsroom, bring: Callable[..., int]):
    """Whoever comes second finds the rows that are left; and after the last there are none."""
    lines = [f"p{number}@example.org,2026-12-31,gift" for number in range(150)]
    number = bring("\n".join(["email,member until,kind", *lines]), is_dry=True)
    with newsroom.at_work():
        brought = db.session.get_one(work.Import, number)
        work.take_in(brought, by=None)
        work.go_on(number, seconds=0)
        assert brought.place == 100
        work.go_on_due()
        work.to_the_end(number)
    assert newsroom.count(MembershipPeriod) == 150


def test_what_another_file_books_in_this_moment_is_its_own(
    newsroom: Newsroom, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
):
    """As if it were booked after this row was told that it is not."""
    text = "email,amount,currency,date,Transaction ID\n{},5.00,EUR,2025-06-05,A-1\n"
    bring(text.format("taras@example.org"))
    with monkeypatch.context() as late:
        late.setattr(gifts, "sources", lambda _brought, keys: {key: key for key in keys})
        number = bring(text.format("olha@example.org"), "late.csv")
    [row] = rows_of(newsroom, number)
    assert (row.fate, row.made, "gift" in row.does) == ("new", {"person": row.person_id}, False)
    undo(newsroom, number)
    assert newsroom.count(LedgerEntry) == 1


def test_who_was_met_in_a_try_alone_is_known_here_from_then_on(
    newsroom: Newsroom, bring: Callable[..., int]
):
    met = newsroom.person("olha@example.org")
    with newsroom.at_work():
        db.session.get_one(Person, met.id).met_in = Mode.test
        db.session.commit()
    assert listed(newsroom) == {"finance@example.org"}
    number = bring("email\nolha@example.org\n")
    assert fates(newsroom, number) == [(2, "more", None)]
    assert listed(newsroom) == {"finance@example.org", "olha@example.org"}
    again = bring("email\nolha@example.org\n")
    assert fates(newsroom, again) == [(2, "nothing", None)]
    undo(newsroom, number)
    assert listed(newsroom) == {"finance@example.org"}


def listed(newsroom: Newsroom) -> set[str]:
    with newsroom.at_work():
        return {row.email for row in desk_people.listed(Mode.sandbox, Wanted(), limit=9)}


def test_what_was_read_is_forgotten_after_a_while_and_what_became_of_it_stays(
    newsroom: Newsroom, bring: Callable[..., int]
):
    taken = bring(HEADS + OLHA.replace(",5.00,EUR,2025-06-05", ",,,"), **WORDS)
    never = bring("email\ntaras@example.org\n", "never.csv", is_dry=True)
    with newsroom.at_work():
        keeping.forget_old()
    assert all(row.cells for row in [*rows_of(newsroom, taken), *rows_of(newsroom, never)])
    clock.advance(timedelta(days=91))
    with newsroom.at_work():
        keeping.forget_old()
    [row] = rows_of(newsroom, taken)
    assert (row.cells, row.email, row.fate) == ([], "olha@example.org", "new")
    assert rows_of(newsroom, never) == []
    undo(newsroom, taken)
    assert newsroom.count(Person) == 1


def test_what_was_read_in_another_mode_is_forgotten_too(
    newsroom: Newsroom, bring: Callable[..., int], make_app: MakeApp
):
    taken = bring(HEADS + OLHA, **WORDS)
    never = bring("email\ntaras@example.org\n", "never.csv", is_dry=True)
    left = bring("email\nlesia@example.org\nno-address\n", "left.csv", is_dry=True)
    with newsroom.at_work():
        work.take_in(db.session.get_one(work.Import, left), by=None)
    clock.advance(timedelta(days=91))
    with newsroom.at_work():
        keeping.forget_old()
        assert db.session.get_one(work.Import, left).state == "taking"
    with make_app(**REAL).app_context():
        keeping.forget_old()
    assert rows_of(newsroom, never) == rows_of(newsroom, left) == []
    assert [row.cells for row in rows_of(newsroom, taken)] == [[]]


def test_why_a_row_was_set_aside_stays_without_what_stood_in_it(
    newsroom: Newsroom, bring: Callable[..., int]
):
    number = bring("email,name\nolha@example.org,Olha\nlesia@example,Lesia\n")
    clock.advance(timedelta(days=91))
    with newsroom.at_work():
        keeping.forget_old()
    rows = rows_of(newsroom, number)
    assert [(row.reason, row.about) for row in rows] == [(None, None), ("address", None)]
    assert rows[0].does == {"person": "Olha"}  # by which it is taken out again


def test_who_gave_often_is_looked_through_without_all_their_gifts_again(
    newsroom: Newsroom, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
):
    small = {state: step._replace(size=10) for state, step in work.STEPS.items()}
    monkeypatch.setattr(work, "STEPS", small)
    learnt = Counter[str]()
    learn = Known.learn

    def counting(known: Known, said: Said, does: dict[str, Any]) -> None:
        learnt[said.email] += 1
        learn(known, said, does)

    monkeypatch.setattr(Known, "learn", counting)
    newsroom.person("known@example.org")
    heads = "email,name,note,amount,currency,date\n"
    row = "{email}@example.org,{name},{note},{amount},EUR,2025-06-05\n"
    lines = [
        row.format(email=email, name=email, note=f"Note {number % 2}", amount=number + 1)
        for number in range(40)
        for email in ("olha", "known")
    ]
    number = bring(heads + "".join(lines), is_dry=True)
    rows = rows_of(newsroom, number)
    assert [sorted(one.does) for one in rows[:4]] == [
        ["gift", "note", "person"],
        ["gift", "note"],
        ["gift", "note"],
        ["gift", "note"],
    ]
    assert all(sorted(one.does) == ["gift"] for one in rows[4:])
    # Each row once as itself, and in each of the seven batches after the first two that add a note.
    assert learnt == {"olha@example.org": 40 + 7 * 2, "known@example.org": 40 + 7 * 2}


def test_the_first_line_is_told_whatever_it_adds(
    newsroom: Newsroom, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
):
    small = {state: step._replace(size=2) for state, step in work.STEPS.items()}
    monkeypatch.setattr(work, "STEPS", small)
    newsroom.person("olha@example.org")
    gift = "olha@example.org,5.00,EUR,2025-06-05\n"
    number = bring("email,amount,currency,date\n" + gift * 4 + "olha@example.org,,,\n")
    assert fates(newsroom, number)[-1] == (6, "aside", "twice")
    assert rows_of(newsroom, number)[-1].about == "2"

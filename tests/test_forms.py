"""A form that is refused says so first, leads to what to mend, and keeps what was typed."""

import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from membership.articles.corrections import answering, deciding, reporting
from membership.articles.corrections.models import Kind
from membership.articles.corrections.passages import Passage
from membership.articles.corrections.reporting import Report
from membership.books.models import LedgerEntry
from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.rounds import planning, published
from membership.rounds.models import Round
from membership.staff.import_models import ImportKind
from membership.staff.imports import staging, work
from membership.topics import life, merges, proposals
from membership.topics.models import Topic, TopicState
from tests.factories import Newsroom
from tests.till import Till, app, choose, giving_form, till
from tests.votes import Votes, open_round

__all__ = ["app", "choose", "open_round", "till"]  # fixtures

# They are one button each, or choices that cannot be wrong: nothing is typed.
BUTTONS = {
    "api.nothing",
    "articles.count",
    "account_desk.look",
    "account_desk.match",
    "account_desk.take_in",
    "account_desk.undo",
    "bank_desk.dismiss",
    "correction_desk.drop",
    "correction_desk.let_same_go",
    "correction_desk.lift",
    "correction_desk.mend",
    "corrections.report_from_article",
    "gift_desk.keep",
    "gift_desk.pause",
    "gift_desk.resume",
    "giving.change_currency",
    "join_desk.join",
    "join_desk.undo",
    "import_desk.drop",
    "import_desk.go_on",
    "import_desk.take",
    "import_desk.undo",
    "inbox.webhook",
    "my_giving.keep",
    "my_giving.pause",
    "my_giving.portal",
    "my_giving.resume",
    "my_giving.undo",
    "my_giving.withdraw_naming",
    "patrons.choose_letters",
    "patrons.choose_vote_mail",
    "patrons.confirm_address",
    "patrons.leave",
    "patrons.spend_link",
    "payment_desk.take_back",
    "people_desk.drop_segment",
    "person_desk.erase",
    "person_desk.export",
    "person_desk.send_link",
    "person_desk.take_comp_back",
    "round_desk.discard_round",
    "round_desk.open_round",
    "rounds.withdraw",
    "sandbox_clock.advance",
    "settings_desk.put_back",
    "team_desk.sign_out",
    "tier_desk.move_up",
    "tier_desk.offer_again",
    "tier_desk.retire",
    "staff.choose_monday_letter",
    "staff.compare",
    "staff.connect",
    "staff.replay",
    "staff.take_undelivered",
    "topic_desk.accept",
    "topic_desk.forward",
    "topics.follow",
    "topics.unfollow",
}


@dataclass
class Story:
    """A newsroom with a patron, an open round and a planned one, and topics in every state."""

    newsroom: Newsroom
    reader: FlaskClient
    patron: FlaskClient
    editor: FlaskClient
    finance: FlaskClient
    admin: FlaskClient
    places: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def story(
    newsroom: Newsroom,
    client: FlaskClient,
    till: Till,
    choose,
    open_round: Callable[..., Votes],
) -> Story:
    till.pay(choose(client))
    till.deliver(client)
    clock.set(till.now() + timedelta(minutes=1))
    with newsroom.at_work():
        person = db.session.scalars(sa.select(Person)).one()
        entry = db.session.scalars(sa.select(LedgerEntry)).one().id
        db.session.expunge(person)
    voters = newsroom.members(published.FEWEST_LISTED)
    counted = open_round(hours={"Past": 5}, budget=5)
    for voter in voters:
        counted.cast(voter, "Past")
    counted.close()
    vote = open_round(hours={"Roads": 5}, budget=5)
    with newsroom.at_work():
        own = proposals.propose("Own", "Why?", by=db.session.get_one(Person, person.id)).slug
        read = proposals.suggest("Read", "Why?", minutes=480).slug
        other = proposals.suggest("Other", "Why?", minutes=480)
        gone = proposals.suggest("Gone", "Why?", minutes=480)
        db.session.flush()
        merges.merge(gone, other, reason="The same.")
        planned = planning.prepare(
            "Planned",
            [proposals.suggest("Planned topic", "Why?", minutes=480)],
            budget=480,
            closes_at=clock.now() + timedelta(days=7),
        ).slug
        gone_slug = gone.slug
        db.session.commit()
    chief = newsroom.person(role="admin")
    return Story(
        newsroom,
        client,
        newsroom.signed_in(person),
        newsroom.signed_in(newsroom.person(role="editor")),
        newsroom.signed_in(newsroom.person(role="finance")),
        newsroom.signed_in(chief),
        {
            "chief": str(chief.id),
            "subscription": till.newest("subscriptions").id,
            "entry": str(entry),
            "person": str(person.id),
            "own": own,
            "read": read,
            "gone": gone_slug,
            "planned": planned,
            "open": vote.slug,
            "counted": counted.slug,
        },
    )


LONG = "x" * 501

# Who sends what to where; and what of it must still be in the page.
BAD: dict[str, tuple[str, str, dict[str, str], str]] = {
    "giving.start": (
        "reader",
        "/support/checkout",
        giving_form(amount_month="own", own_amount="a lot", email="olha@"),
        "a lot",
    ),
    "corrections.report": (
        "reader",
        "/corrections/new",
        {"article": "https://elsewhere.example/", "exact": "A passage", "email": "olha@"},
        "A passage",
    ),
    "corrections.answer": ("reader", "{answer}", {"answer": LONG * 2}, LONG * 2),
    "correction_desk.note": (
        "editor",
        "/staff/corrections/{case}/note",
        {"note-seen": "0", "note-was": "As it was"},
        "As it was",
    ),
    "correction_desk.decline": (
        "editor",
        "/staff/corrections/{case}/decline",
        {"decline-seen": "0", "decline-reason": LONG * 2},
        LONG * 2,
    ),
    "correction_desk.ask": (
        "editor",
        "/staff/corrections/{case}/ask",
        {"ask-seen": "0", "ask-question": LONG * 2},
        LONG * 2,
    ),
    "patrons.send_link": ("reader", "/sign-in", {"email": "olha@"}, "olha@"),
    "my_giving.change_amount": (
        "patron",
        "/account/giving/{subscription}/amount",
        {"amount": "little", "interval": "month"},
        "little",
    ),
    "my_giving.cancel": (
        "patron",
        "/account/giving/{subscription}/cancel",
        {"attempt": "0" * 16, "comment": LONG},
        LONG,
    ),
    "my_giving.consent_to_naming": (
        "patron",
        "/account/giving/naming",
        {"public_name": LONG},
        LONG,
    ),
    "topics.propose": ("patron", "/topics/new", {"title": "", "why": "So that"}, "So that"),
    "topics.edit": ("patron", "/topics/{own}/edit", {"title": "", "why": "So that"}, "So that"),
    "rounds.cast": ("patron", "/rounds/{open}/ballot", {"approvals": "999999"}, ""),
    "rounds.check_receipt": ("reader", "/rounds/{counted}/results", {"receipt": ""}, ""),
    "payment_desk.give_back": (
        "finance",
        "/staff/payments/{entry}/refund",
        {"key": "0" * 16, "amount": "all"},
        "all",
    ),
    "payment_desk.enter_offline": (
        "finance",
        "/staff/payments/offline",
        {"key": "0" * 16, "email": "olha@", "amount": "5", "received_on": "yesterday"},
        "yesterday",
    ),
    "gift_desk.change_amount": (
        "finance",
        "/staff/people/{person}/gifts/{subscription}/amount",
        {"amount": "little", "interval": "month"},
        "little",
    ),
    "gift_desk.end": (
        "finance",
        "/staff/people/{person}/gifts/{subscription}/end",
        {"end-attempt": "0" * 16, "end-comment": LONG},
        LONG,
    ),
    "people_desk.keep_segment": (
        "editor",
        "/staff/people/segments",
        {"query": "state=now", "name": LONG},
        LONG,
    ),
    "person_desk.note": (
        "editor",
        "/staff/people/{person}/note",
        {"note-text": LONG * 5},
        LONG * 5,
    ),
    "person_desk.comp": (
        "finance",
        "/staff/people/{person}/comp",
        {"comp-key": "0" * 16, "comp-months": "99", "comp-why": "A source"},
        "A source",
    ),
    "person_desk.rename": (
        "finance",
        "/staff/people/{person}/name",
        {"name-name": LONG},
        LONG,
    ),
    "person_desk.ask_for_address": (
        "finance",
        "/staff/people/{person}/address",
        {"address-email": "olha@"},
        "olha@",
    ),
    "bank_desk.bring": ("finance", "/staff/import/bank", {"encoding": "cp1251"}, "Windows-1251"),
    "bank_desk.confirm": (
        "finance",
        "/staff/import/bank/{import}/1/confirm",
        {"line1-email": "olha@", "line1-months": "0"},
        "olha@",
    ),
    "import_desk.bring": ("finance", "/staff/import", {"encoding": "cp1251"}, "Windows-1251"),
    "import_desk.match": (
        "finance",
        "/staff/import/{import}/columns",
        {"field_email": "", "consent_text": "Write to me"},
        "Write to me",
    ),
    "amounts_desk.set_amounts": (
        "admin",
        "/staff/settings/amounts",
        {"currencies": "EUR", "intervals": "month", "first_interval": "month", "least_eur": "lots"},
        "lots",
    ),
    "goal_desk.set_goal": (
        "admin",
        "/staff/settings/goal",
        {"aim": "patrons", "number": "a crowd", "currency": "eur"},
        "a crowd",
    ),
    "rules_desk.set_voting": ("admin", "/staff/settings/voting", {"round_days": "long"}, "long"),
    "rules_desk.set_abuse": (
        "admin",
        "/staff/settings/abuse",
        {"checkout_delay": "a bit"},
        "a bit",
    ),
    "rules_desk.set_articles": (
        "admin",
        "/staff/settings/articles",
        {"article_domains": "our newspaper!"},
        "our newspaper!",
    ),
    "appeals_desk.set_appeal": (
        "admin",
        "/staff/settings/appeals/border-towns",
        {"text_en": "Dear {{reader}}, " + LONG},
        LONG,
    ),
    "settings_desk.set_newsroom": (
        "admin",
        "/staff/settings",
        {"seen": "0", "newsroom_name": LONG, "first_language": "en"},
        LONG,
    ),
    "letters_desk.set_letter": (
        "admin",
        "/staff/settings/letters/sign_in",
        {"text_en": "Dear {{reader}}, " + LONG},
        LONG,
    ),
    "letters_desk.whole_letter": (
        "admin",
        "/staff/settings/letters/sign_in/whole",
        {"text_en": "Dear {{reader}}, " + LONG},
        LONG,
    ),
    "settings_desk.set_logo": ("admin", "/staff/settings/logo", {"seen": "0"}, ""),
    "team_desk.invite": ("admin", "/staff/settings/staff", {"email": "olha@"}, "olha@"),
    "team_desk.set_roles": ("admin", "/staff/settings/staff/{chief}", {"roles": "poet"}, ""),
    "tier_desk.add_tier": ("admin", "/staff/settings/tiers/new", {"name_en": LONG}, LONG),
    "tier_desk.change_tier": (
        "admin",
        "/staff/settings/tiers/patron",
        {"name_en": "Patron", "amount_eur_month": "a lot"},
        "a lot",
    ),
    "words_desk.set_text": (
        "admin",
        "/staff/settings/words/appeal",
        {"text_en": "Dear {{reader}}, " + LONG},
        LONG,
    ),
    "topic_desk.suggest": ("editor", "/staff/topics/new", {"title": "", "why": "So"}, "So"),
    "topic_desk.edit_topic": ("editor", "/staff/topics/{read}/edit", {"why": "So"}, "So"),
    "topic_desk.judge": ("editor", "/staff/topics/{read}/hours", {"hours": "7000"}, ""),
    "topic_desk.decline": (
        "editor",
        "/staff/topics/{read}/decline",
        {"decline-reason": LONG},
        LONG,
    ),
    "topic_desk.merge": ("editor", "/staff/topics/{read}/merge", {"merge-reason": LONG}, LONG),
    "topic_desk.unmerge": (
        "editor",
        "/staff/topics/{gone}/unmerge",
        {"unmerge-reason": LONG},
        LONG,
    ),
    "topic_desk.publish": (
        "editor",
        "/staff/topics/{chosen}/publish",
        {"publish-link": "our front page"},
        "our front page",
    ),
    "topic_desk.drop": ("editor", "/staff/topics/{chosen}/drop", {"drop-reason": LONG}, LONG),
    "round_desk.prepare_round": (
        "editor",
        "/staff/rounds/new",
        {"title": "A round", "budget": "many"},
        "many",
    ),
    "round_desk.change_round": (
        "editor",
        "/staff/rounds/{planned}/change",
        {"title": "A round", "budget": "many"},
        "many",
    ),
    "round_desk.close_round": (
        "editor",
        "/staff/rounds/{open}/close",
        {"close-reason": LONG},
        LONG,
    ),
    "round_desk.withdraw_topic": (
        "editor",
        "/staff/rounds/{open}/withdraw",
        {"topic": "{topic}", "withdraw-reason": LONG},
        LONG,
    ),
}


def test_every_address_that_takes_a_form_is_known_here(app: Flask):
    posted = {
        rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())
    }
    assert posted == BUTTONS | set(BAD)
    assert not BUTTONS & set(BAD)


def check(page: str, typed: str, *, language: str = "en") -> list[str]:
    """The summary is first, has the focus and leads to fields that are there; its lines."""
    error = {"en": "Error:", "uk": "Помилка:"}[language]
    heading = {"en": "There is a problem", "uk": "Виникла проблема"}[language]
    assert f"<title>{error} " in page
    summary = re.search(r'<div class="problems"(.*?)</div>', page, re.DOTALL)
    assert summary is not None
    assert 'role="alert"' in summary[1]
    assert 'tabindex="-1" autofocus' in summary[1]
    assert heading in summary[1]
    assert page.index('class="problems"') < page.index("<h1>")
    lines = re.findall(r"<li>(.*?)</li>", summary[1])
    for place in re.findall(r'href="#([^"]+)"', summary[1]):
        assert page.count(f' id="{place}"') == 1, place
        assert not re.search(rf'type="hidden"[^>]* id="{place}"', page), place
    assert typed in html.unescape(page)
    return lines


@pytest.mark.parametrize("endpoint", sorted(BAD))
def test_a_refused_form_says_so_first_and_leads_to_its_fields(story: Story, endpoint):
    who, address, form, typed = BAD[endpoint]
    story.places |= ready(story, endpoint)
    data = {name: value.format(**story.places) for name, value in form.items()}
    browser: FlaskClient = getattr(story, who)
    answer = browser.post(address.format(**story.places), data=data)
    assert answer.status_code == 422, answer.text
    lines = check(answer.text, typed)
    assert any("<a href=" in line for line in lines), lines
    browser.set_cookie("language", "uk")
    answer = browser.post(address.format(**story.places), data=data)
    check(answer.text, typed, language="uk")


def ready(story: Story, endpoint: str) -> dict[str, str]:
    """What else must have happened before that form can be sent."""
    newsroom = story.newsroom
    if endpoint in ("topic_desk.publish", "topic_desk.drop"):
        with newsroom.at_work():
            topic = db.session.scalars(sa.select(Topic).where(Topic.title == "Other")).one()
            topic.state = TopicState.chosen
            life.move(topic, TopicState.assigned)
            life.move(topic, TopicState.reporting)
            db.session.commit()
            return {"chosen": topic.slug}
    if endpoint == "appeals_desk.set_appeal":
        newsroom.set(appeals=["border-towns"])
    if endpoint == "corrections.answer" or endpoint.startswith("correction_desk."):
        with newsroom.at_work():
            return _reported()
    if endpoint == "bank_desk.confirm":
        with newsroom.at_work():
            file = io.BytesIO(b"date,amount,payer\n2026-01-02,5.00,Olha K\n")
            brought = staging.bring(file, "bank.csv", kind=ImportKind.bank, by=None)
            work.look_through(brought, matched=brought.matched, answers={"currency": "eur"})
            work.to_the_end(brought.id)
            return {"import": str(brought.id)}
    if endpoint == "import_desk.match":
        with newsroom.at_work():
            file = io.BytesIO(b"email\nolha@example.org\n")
            return {"import": str(staging.bring(file, "members.csv", by=None).id)}
    if endpoint == "round_desk.withdraw_topic":
        vote = Votes(newsroom, story.places["open"])
        with newsroom.at_work():
            return {"topic": str(min(vote.ids("Roads")))}
    return {}


def _reported() -> dict[str, str]:
    """A correction that a reader reported, and was asked about."""
    its = Passage("https://slovo.example/roads", "built in 1897")
    said = Report(its, Kind.fact, "1879", "olha@example.org", "en")
    case = reporting.report(said, client=None)
    decision = deciding.ask(case, by=None, seen=0, question="Where is it written?")
    token = answering.token(decision, case.said[0])
    db.session.commit()
    return {"case": case.code, "answer": f"/corrections/answer/{token}"}


def test_a_page_that_nobody_sent_anything_to_has_no_error(client: FlaskClient, newsroom: Newsroom):
    newsroom.tiers()
    for address in ("/support", "/sign-in"):
        page = client.get(address).text
        assert "Error:" not in page
        assert "autofocus" not in page


def test_what_no_field_can_mend_stands_in_the_summary(client: FlaskClient, newsroom: Newsroom):
    newsroom.tiers()
    answer = client.post("/support/checkout", data=giving_form(currency="gbp"))
    [line] = check(answer.text, "olha@example.org")
    assert line == "We do not take gbp. Choose another currency."
    assert "own_amount-error" not in answer.text


def test_what_somebody_may_not_do_is_said_first_as_well(story: Story):
    """Nothing typed is wrong, and nothing typed is lost."""
    newsroom, places = story.newsroom, story.places
    outsider = newsroom.signed_in(newsroom.person("outsider@example.org"))
    typed = {"title": "Rivers", "why": "They rise."}
    answer = outsider.post("/topics/new", data=typed)
    assert answer.status_code == 403
    assert check(answer.text, "They rise.") == ["Your proposal was not sent."]
    assert "you are not a member" in answer.text
    ballot = outsider.post(f"/rounds/{places['open']}/ballot", data={})
    assert ballot.status_code == 403
    assert check(ballot.text, "You are not a member") == ["Your ballot was not saved."]
    for number in range(4):
        sent = typed | {"title": f"River {number}", "seen": "yes"}
        assert story.patron.post("/topics/new", data=sent).status_code == 303
    answer = story.patron.post("/topics/new", data=typed | {"seen": "yes"})
    assert answer.status_code == 429
    assert "as many topics as one member may" in check(answer.text, "They rise.")[0]
    clock.advance(timedelta(days=8))
    for act, said in (("", "was not saved"), ("/withdraw", "stands as it was")):
        late = story.patron.post(f"/rounds/{places['open']}/ballot{act}", data={})
        assert late.status_code == 409
        assert said in check(late.text, "This vote is closed")[0]


def test_what_went_wrong_in_the_night_is_no_error_of_who_looks(story: Story):
    with story.newsroom.at_work():
        round = db.session.scalars(sa.select(Round).where(Round.title == "Planned")).one()
        round.trouble = "nobody on the roll"
        slug = round.slug
        db.session.commit()
    page = story.editor.get(f"/staff/rounds/{slug}").text
    assert "could not" in page
    assert "Error:" not in page
    assert "autofocus" not in page


def test_a_service_that_does_not_answer_is_said_first(make_app):
    app = make_app(sandbox_url="http://127.0.0.1:9")
    Newsroom(app).tiers()
    answer = app.test_client().post("/support/checkout", data=giving_form())
    assert answer.status_code == 503
    [line] = check(answer.text, "olha@example.org")
    assert "does not answer just now" in line

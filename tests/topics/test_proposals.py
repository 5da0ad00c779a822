from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db
from membership.topics import follows, life, merges, proposals
from membership.topics.models import Follow, Topic, TopicEdit, TopicState
from tests.factories import Newsroom


def topic(title: str) -> Topic:
    return db.session.scalars(sa.select(Topic).where(Topic.title == title)).one()


def propose(newsroom: Newsroom, title: str, by=None) -> None:
    by = by or newsroom.member()
    with newsroom.at_work():
        proposals.propose(title, "Why not?", by=by)
        db.session.commit()


def follow(newsroom: Newsroom, title: str, *people) -> None:
    with newsroom.at_work():
        for person in people:
            follows.follow(topic(title), person)
        db.session.commit()


def followers(title: str) -> set[int]:
    found = db.session.scalars(
        sa.select(Follow.person_id).where(Follow.topic_id == topic(title).id)
    )
    return set(found)


def test_who_proposes_follows(newsroom):
    member = newsroom.member()
    propose(newsroom, "Roads", member)
    with newsroom.at_work():
        assert followers("Roads") == {member.id}


def test_a_member_proposes_so_many_a_month_and_no_more_even_at_once(newsroom):
    member = newsroom.member()
    limit = newsroom.app.extensions["settings"].proposals_per_month
    for number in range(limit - 1):
        propose(newsroom, f"Topic {number}", member)

    def one_more(number: int) -> bool:
        try:
            propose(newsroom, f"Last {number}", member)
        except proposals.TooManyProposals:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one_more, range(4))) == 1
    clock.advance(timedelta(days=31))
    propose(newsroom, "Next month", member)
    assert newsroom.count(Topic) == limit + 1


def test_the_same_proposal_sent_twice_at_once_is_one(newsroom):
    member = newsroom.member()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: propose(newsroom, "Roads", member), range(4)))
    assert newsroom.count(Topic) == 1
    with newsroom.at_work():
        life.move(topic("Roads"), TopicState.declined, reason="Not now.")
        db.session.commit()
    propose(newsroom, "Roads", member)
    assert newsroom.count(Topic) == 2


def test_the_limit_is_told_and_keeps_what_was_typed(newsroom):
    member = newsroom.member()
    for number in range(newsroom.app.extensions["settings"].proposals_per_month):
        propose(newsroom, f"Number {number}", member)
    answer = newsroom.signed_in(member).post(
        "/topics/new", data={"title": "Schools", "why": "Because.", "seen": "yes"}
    )
    assert answer.status_code == 429
    assert "as many topics as one member may" in answer.text
    assert 'value="Schools"' in answer.text


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Where did the road money go?", "the roads"),
        ("Where did the road money go?", "ROAD MONEY"),
        ("Хто рубає старі липи?", "Стару липу зрубали"),
        ("Об’їзна дорога", "об'їзну дорогу"),
    ],
)
def test_topics_that_look_alike_are_found_whatever_their_endings(newsroom, title, typed):
    with newsroom.at_work():
        proposals.suggest("The factory and the river", "Fish die.")
        proposals.suggest(title, "Why?")
        db.session.commit()
        assert [t.title for t in proposals.alike(typed, seen_by=None)] == [title]


def test_words_of_questions_and_of_queries_find_nothing(newsroom):
    with newsroom.at_work():
        proposals.suggest("What about the 100% plan?", "Which of them?")
        db.session.commit()
        for typed in ("what about which", "% _ & | !", "a:* <->", ""):
            assert list(proposals.alike(typed, seen_by=None)) == []
        assert len(proposals.alike("plan", seen_by=None)) == 1


def test_what_most_words_meet_comes_first(newsroom):
    with newsroom.at_work():
        proposals.suggest("Hospital money", "Why?")
        proposals.suggest("Road money", "Holes in the road.")
        proposals.suggest("Money", "Why?")
        db.session.commit()
        found = [t.title for t in proposals.alike("road money", seen_by=None)]
    assert found == ["Road money", "Money", "Hospital money"]


def test_what_nobody_has_read_is_found_by_nobody_but_its_author(newsroom):
    member, other = newsroom.members(2)
    propose(newsroom, "Secret libraries", member)
    with newsroom.at_work():
        assert len(proposals.alike("libraries", seen_by=member)) == 1
        assert len(proposals.alike("libraries", seen_by=other)) == 0
    assert "Secret" not in newsroom.signed_in(other).get("/topics/similar?q=libraries").text
    assert "Secret" in newsroom.signed_in(member).get("/topics?q=library").text


def test_without_javascript_likely_duplicates_are_shown_once_before_sending(newsroom):
    propose(newsroom, "Where did the road money go?")
    with newsroom.at_work():
        life.move(topic("Where did the road money go?"), TopicState.in_review)
        db.session.commit()
    browser = newsroom.signed_in(newsroom.member())
    form = {"title": "The road money", "why": "Holes.", "links": "https://example.org/a"}
    shown = browser.post("/topics/new", data=form)
    assert shown.status_code == 200
    assert "Is it one of these?" in shown.text
    assert 'name="seen" type="hidden" value="yes"' in shown.text
    assert newsroom.count(Topic) == 1
    assert browser.post("/topics/new", data=form | {"seen": "yes"}).status_code == 303
    with newsroom.at_work():
        assert topic("The road money").links == ["https://example.org/a"]


@pytest.mark.parametrize(
    "links", ["javascript:alert(1)", "not-an-address", "https://a.example\n" * 6, "ftp://x.example"]
)
def test_links_lead_to_the_web_and_are_few(newsroom, links):
    browser = newsroom.signed_in(newsroom.member())
    form = {"title": "Roads", "why": "Holes.", "links": links}
    answer = browser.post("/topics/new", data=form)
    assert answer.status_code == 422
    assert links.split()[0] in answer.text
    assert newsroom.count(Topic) == 0


def test_its_author_changes_a_topic_until_an_editor_has_read_it(newsroom):
    member = newsroom.member()
    propose(newsroom, "Roads", member)
    browser = newsroom.signed_in(member)
    form = {"title": "Roads and bridges", "why": "Holes.", "links": ""}
    assert browser.post("/topics/roads/edit", data=form).status_code == 303
    page = browser.get("/topics/roads").text
    assert "Roads and bridges" in page
    assert "Its author changed it" in page
    with newsroom.at_work():
        assert [edit.title for edit in proposals.edits(topic("Roads and bridges"))] == ["Roads"]
        assert len(proposals.alike("bridge", seen_by=member)) == 1
        life.move(topic("Roads and bridges"), TopicState.in_review)
        db.session.commit()
    assert browser.post("/topics/roads/edit", data=form | {"why": "No."}).status_code == 404
    assert browser.get("/topics/roads/edit").status_code == 404
    other = newsroom.signed_in(newsroom.member())
    assert other.post("/topics/roads/edit", data=form).status_code == 404
    assert newsroom.count(TopicEdit) == 1


def test_saving_the_same_again_is_no_change(newsroom):
    member = newsroom.member()
    propose(newsroom, "Roads", member)
    with newsroom.at_work():
        assert not proposals.edit(topic("Roads"), by=member, by_staff=False, title="Roads")
    assert newsroom.count(TopicEdit) == 0


def test_what_members_voted_on_cannot_be_rewritten(newsroom, open_round):
    editor = newsroom.person(role="editor")
    open_round()
    with newsroom.at_work(), pytest.raises(proposals.CannotEdit):
        proposals.edit(topic("Roads"), by=editor, by_staff=True, title="Something else")
    with newsroom.at_work(), pytest.raises(proposals.CannotEdit):
        proposals.judge(topic("Roads"), 8)


def test_reporting_time_is_one_of_the_coarse_bands(newsroom):
    with newsroom.at_work():
        roads = proposals.suggest("Roads", "Why?")
        proposals.judge(roads, 16)
        assert roads.minutes == 960
        with pytest.raises(proposals.NotABand):
            proposals.judge(roads, 17)


def test_a_merge_moves_followers_and_can_be_undone(newsroom):
    both, only_source, only_target = newsroom.members(3)
    with newsroom.at_work():
        proposals.suggest("Roads", "Why?")
        proposals.suggest("Holes in the road", "Why?")
        db.session.commit()
    follow(newsroom, "Holes in the road", both, only_source)
    follow(newsroom, "Roads", both, only_target)
    with newsroom.at_work():
        merge = merges.merge(topic("Holes in the road"), topic("Roads"), reason="The same.")
        db.session.commit()
        assert (merge.moved, merge.already) == (1, 1)
        assert followers("Roads") == {both.id, only_source.id, only_target.id}
        assert topic("Holes in the road").state is TopicState.merged
        merges.undo(merge, reason="They are two.")
        db.session.commit()
        assert followers("Roads") == {both.id, only_target.id}
        assert followers("Holes in the road") == {both.id, only_source.id}
        assert topic("Holes in the road").state is TopicState.in_review
        assert [step.state for step in topic("Holes in the road").steps] == [
            TopicState.in_review,
            TopicState.merged,
            TopicState.in_review,
        ]
        with pytest.raises(merges.CannotMerge):
            merges.undo(merge, reason="Again.")


def test_only_before_a_ballot_can_topics_be_merged_or_parted(newsroom, open_round):
    with newsroom.at_work():
        other = proposals.suggest("Potholes", "Why?")
        again = proposals.suggest("Asphalt", "Why?", minutes=60)
        merges.merge(other, again, reason="The same.")
        db.session.commit()
    open_round()
    with newsroom.at_work():
        with pytest.raises(merges.CannotMerge):
            merges.merge(topic("Asphalt"), topic("Roads"), reason="The same.")
        with pytest.raises(merges.CannotMerge):
            merges.merge(topic("Asphalt"), topic("Asphalt"), reason="The same.")
        life.move(topic("Asphalt"), TopicState.on_ballot)
        merged = merges.of(topic("Potholes"))
        assert merged is not None
        with pytest.raises(merges.CannotMerge):
            merges.undo(merged, reason="They are two.")


def test_two_merges_against_each_other_leave_one(newsroom):
    with newsroom.at_work():
        ids = [proposals.suggest(name, "Why?").id for name in ("A one", "B two")]
        db.session.commit()

    def merge(pair: tuple[int, int]) -> bool:
        with newsroom.at_work():
            source, target = (db.session.get_one(Topic, topic_id) for topic_id in pair)
            try:
                merges.merge(source, target, reason="The same.")
            except merges.CannotMerge:
                return False
            db.session.commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(merge, [(ids[0], ids[1]), (ids[1], ids[0])]))
    assert sum(done) == 1


def test_the_page_of_a_topic_tells_its_whole_life(newsroom, open_round, client):
    voter = newsroom.member()
    votes = open_round()
    votes.cast(voter, "Roads")
    votes.close()
    with newsroom.at_work():
        life.move(topic("Roads"), TopicState.assigned)
        life.move(topic("Roads"), TopicState.published, link="https://hromada.example/roads")
        db.session.commit()
    page = client.get("/topics/roads").text
    states = ["under consideration", "on the ballot", "chosen", "a reporter is assigned"]
    places = [page.index(f"<strong>{state}</strong>") for state in [*states, "published"]]
    assert places == sorted(places)
    assert "10 March 2026" in page
    assert 'href="/rounds/march-round/results"' in page
    assert 'href="https://hromada.example/roads"' in page


def test_following_and_stopping(newsroom):
    with newsroom.at_work():
        proposals.suggest("Roads", "Why?")
        db.session.commit()
    browser = newsroom.signed_in(newsroom.person())
    for _ in range(2):
        assert browser.post("/topics/roads/follow").status_code == 303
    assert "1 person follows this topic." in browser.get("/topics/roads").text
    assert "Roads" in browser.get("/account/votes").text
    browser.post("/topics/roads/unfollow")
    assert "0 people follow this topic." in browser.get("/topics/roads").text
    assert newsroom.app.test_client().post("/topics/roads/follow").status_code == 303
    assert newsroom.count(Follow) == 0


def test_a_hidden_topic_is_seen_by_its_author_and_staff_alone(newsroom, client):
    member = newsroom.member()
    propose(newsroom, "Libel", member)
    with newsroom.at_work():
        life.move(topic("Libel"), TopicState.declined, reason="A private matter.")
        topic("Libel").hidden = True
        db.session.commit()
    assert client.get("/topics/libel").status_code == 404
    assert "Libel" not in client.get("/topics").text
    assert "A private matter." in newsroom.signed_in(member).get("/topics/libel").text

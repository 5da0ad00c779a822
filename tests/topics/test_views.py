"""Proposing without JavaScript."""

from membership.extensions import db
from membership.topics import life, proposals
from membership.topics.models import Topic, TopicState


def test_a_member_proposes_and_only_they_and_staff_see_it_before_an_editor_has(newsroom, client):
    member = newsroom.signed_in(newsroom.member())
    sent = member.post(
        "/topics/new", data={"title": "Хто рубає  старі липи?", "why": "Forty trees\nsince spring."}
    )
    assert (sent.status_code, sent.location) == (303, "/topics/khto-rubaie-stari-lypy")
    page = member.get(sent.location).text
    assert "An editor reads your topic before others see it." in page
    assert "Хто рубає старі липи?" in page
    assert "Forty trees since spring." in page
    editor = newsroom.signed_in(newsroom.person(role="editor"))
    other = newsroom.signed_in(newsroom.member())
    assert editor.get(sent.location).status_code == 200
    for stranger in (client, other):
        assert stranger.get(sent.location).status_code == 404
        assert "липи" not in stranger.get("/topics").text


def test_a_proposal_needs_a_title_and_a_reason_and_keeps_what_was_typed(newsroom):
    member = newsroom.signed_in(newsroom.member())
    answer = member.post("/topics/new", data={"title": "Roads", "why": " "})
    assert answer.status_code == 422
    assert "Say in one line why it matters." in answer.text
    assert 'value="Roads"' in answer.text
    assert newsroom.count(Topic) == 0


def test_only_members_propose(newsroom, client):
    assert "/sign-in" in client.get("/topics/new").location
    stranger = newsroom.signed_in(newsroom.person())
    assert "you are not a member" in stranger.get("/topics/new").text
    answer = stranger.post("/topics/new", data={"title": "Roads", "why": "Holes."})
    assert answer.status_code == 403
    assert newsroom.count(Topic) == 0


def test_two_topics_of_one_title_and_one_called_new_have_addresses(newsroom, client):
    with newsroom.at_work():
        slugs = [
            proposals.suggest(t, "Why?", minutes=60).slug for t in ("Roads", "Roads", "New", "?")
        ]
        db.session.commit()
    assert len(set(slugs)) == 4
    assert all(client.get(f"/topics/{slug}").status_code == 200 for slug in slugs)


def test_a_declined_topic_shows_the_reason_and_a_published_one_the_link(newsroom, client):
    with newsroom.at_work():
        declined = proposals.suggest("Dog", "It barks.", minutes=60)
        life.move(declined, TopicState.declined, reason="A matter of two households.")
        published = proposals.suggest("Limes", "Cut down.", minutes=60)
        published.state = TopicState.reporting
        life.move(published, TopicState.published, link="https://hromada.example/limes")
        db.session.commit()
    assert "<p>A matter of two households.</p>" in client.get("/topics/dog").text
    assert 'href="https://hromada.example/limes"' in client.get("/topics/limes").text

"""The demo's newspaper has corrections: some decided, some that wait."""

import random

from flask import Flask

from membership.articles.corrections import demo, figures, published
from membership.articles.corrections.models import State
from membership.mail.models import OutgoingMail
from newspaper.texts import read
from tests.factories import Newsroom

PAPER = "http://127.0.0.1:8080"


def test_some_are_decided_and_some_wait_and_nobody_is_written_to(
    app: Flask, newsroom: Newsroom, cases
):
    with app.app_context():
        for _again in range(2):
            demo.furnish(PAPER, random.Random(1))
        assert figures.waiting().count == 2
        assert figures.lately().stood == 3
        assert [row.title for row in published.of_article(f"{PAPER}/road-money")] == [demo.ROADS]
    found = cases()
    assert len(found) == len(demo.HINTS)
    assert {case.state for case in found} == set(State) - {State.asked}
    assert all(case.paragraph and case.ends_at for case in found)
    assert newsroom.count(OutgoingMail) == 0


def test_nothing_is_reported_before_its_article_is_out():
    days_ago = {article.slug: article.days_ago for article in read("en").articles}
    for hint in demo.HINTS:
        assert hint.days_ago < days_ago[hint.slug], hint.slug

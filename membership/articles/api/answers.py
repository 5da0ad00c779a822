"""What is answered: rows as `bodies.py` has them, in the language at hand."""

from datetime import UTC, datetime
from html import unescape

from flask import render_template

from membership import days
from membership.articles.api import bodies
from membership.articles.api.asking import after
from membership.articles.corrections import published
from membership.articles.feeds import public
from membership.articles.feeds.entries import correction_address
from membership.articles.feeds.public import Place, address
from membership.clock import clock
from membership.extensions import settings
from membership.figures import carried, supporters
from membership.rounds import results, roll, rounds
from membership.rounds.models import Round
from membership.rounds.results import TopicOutcome
from membership.topics.models import Topic
from membership.topics.words import state_name

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def topics(limit: int, place: Place | None) -> tuple[list[bodies.Topic], str | None]:
    """So many after `place`, and what the next ones come after."""
    found = public.topics(limit + 1, after=place)
    last = found[limit - 1] if len(found) > limit else None
    shown = [bodies.Topic(**_topic(its)) for its in found[:limit]]
    return shown, after(last.created_at, last.id) if last else None


def topic(slug: str) -> bodies.TopicWithLife | None:
    its = public.topic(slug)
    if its is None:
        return None
    by_id = {round.id: round for round in rounds.with_topic(its)}
    life = [
        bodies.Step(
            state=step.state,
            state_in_words=state_name(step.state),
            at=step.at,
            reason=step.reason,
            story=_page(step.link),
            round=_round_link(by_id[step.round_id]) if step.round_id in by_id else None,
        )
        for step in its.steps
    ]
    return bodies.TopicWithLife(**_topic(its), life=life)


def opened(limit: int, place: Place | None) -> tuple[list[bodies.Round], str | None]:
    found = public.opened(limit + 1, after=place)
    last = found[limit - 1] if len(found) > limit else None
    shown = [_round(its) for its in found[:limit]]
    return shown, after(last.opened_at or NEVER, last.id) if last else None


def round(slug: str) -> bodies.Round | None:
    its = rounds.by_slug(slug)
    return _round(its) if its else None


def outcomes(limit: int, place: Place | None) -> tuple[list[bodies.Outcome], str | None]:
    found = public.outcomes(limit + 1, after=place)
    last = found[limit - 1] if len(found) > limit else None
    turnouts = roll.turnouts(found)
    shown = [_outcome(its, turnouts[its.id]) for its in found[:limit]]
    return shown, after(last.closed_at or NEVER, last.id) if last else None


def outcome(slug: str) -> bodies.Outcome | None:
    its = public.outcome(slug)
    return _outcome(its, roll.turnout(its)) if its else None


def corrections(
    limit: int, offset: int, article: str | None
) -> tuple[list[bodies.Correction], int | None]:
    """So many after `offset` others, and how many come before the next ones."""
    found = published.latest(limit + 1, offset, article=article)
    shown = [
        bodies.Correction(
            code=its.code,
            page=correction_address(its),
            article=its.article,
            article_title=its.title,
            corrected_at=its.at,
            was=its.was,
            now=its.now,
        )
        for its in found[:limit]
    ]
    return shown, offset + limit if len(found) > limit else None


def patrons() -> bodies.Patrons:
    return bodies.Patrons(
        patrons=max(carried.patrons(), 0),
        members=max(supporters.active(settings.mode), 0),
        day=days.today(),
    )


def _topic(its: Topic) -> dict[str, object]:
    into = public.merged_into(its)
    return {
        "slug": its.slug,
        "title": its.title,
        "why": its.why,
        "description": its.description,
        "links": public.links(its.links),
        "page": address("agenda.topic_page", slug=its.slug),
        "state": its.state,
        "state_in_words": state_name(its.state),
        "reason": its.reason,
        "reporting_minutes": its.minutes,
        "story": _page(its.link),
        "merged_into": _link(into, into.title) if into else None,
        "proposed_at": its.created_at,
        "changed_at": max(step.at for step in its.steps),
    }


def _round(its: Round) -> bodies.Round:
    return bodies.Round(
        slug=its.slug,
        title=its.title,
        page=address("rounds.round_page", slug=its.slug),
        state="closed" if its.closed_at else "open" if its.closes_at > clock.now() else "counting",
        unit=its.unit,
        budget=its.budget,
        carried=its.carried,
        quorum_percent=its.quorum,
        rule=its.rule,
        share_step=its.share_step,
        terms_digest=its.terms_digest,
        opened_at=its.opened_at or NEVER,
        join_by=its.join_by,
        closes_at=its.closes_at,
        closed_at=its.closed_at,
        ballot=[
            bodies.OnBallot(
                topic=_link(entry.topic, entry.title),
                why=entry.topic.why,
                cost=entry.cost,
                withdrawn_at=entry.withdrawn_at,
                withdrawn_reason=entry.withdrawn_reason,
            )
            for entry in its.entries
        ],
        outcome=address("api.outcome", slug=its.slug) if its.closed_at else None,
    )


def _outcome(its: Round, turnout: roll.Turnout) -> bodies.Outcome:
    found = results.of(its)
    assert found is not None
    stands = found.quorum_met
    return bodies.Outcome(
        round=_round_link(its),
        page=address("rounds.results_page", slug=its.slug),
        recount=address("rounds.results_file", slug=its.slug),
        closed_at=its.closed_at or NEVER,
        closed_early_because=its.close_reason,
        unit=its.unit,
        budget=found.budget,
        spent=found.spent if stands else 0,
        roll=turnout.roll,
        voters=found.voters,
        ballots_needed=found.needed,
        quorum_met=stands,
        voters_served=found.served,
        topics=[
            bodies.OutcomeOfTopic(
                topic=_link(row.topic, row.title),
                cost=row.cost,
                approvals=row.approvals,
                chosen=row.won and stands,
                why=_why(its, row) if stands else None,
            )
            for row in (*found.chosen, *found.others)
        ],
    )


def _why(round: Round, row: TopicOutcome) -> str:
    """As the page of the outcome says it, in plain text."""
    html = render_template("rounds/_why.html", round=round, row=row)
    return " ".join(unescape(html).split())


def _link(topic: Topic, title: str) -> bodies.Link:
    page = address("agenda.topic_page", slug=topic.slug)
    return bodies.Link(slug=topic.slug, title=title, page=page)


def _round_link(its: Round) -> bodies.Link:
    page = address("rounds.round_page", slug=its.slug)
    return bodies.Link(slug=its.slug, title=its.title, page=page)


def _page(link: str | None) -> str | None:
    return next(iter(public.links([link or ""])), None)

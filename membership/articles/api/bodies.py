"""What answers have in them. A field stays what it is as long as the API is v1."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from membership.rounds.models import Unit
from membership.topics.models import TopicState


class Body(BaseModel):
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class Link(Body):
    """A topic or a vote, by the last part of its address."""

    slug: str
    title: str
    page: str


class Topic(Body):
    """Something the newsroom could cover. Texts are plain, as their author wrote them."""

    slug: str
    title: str
    why: str
    description: str
    links: list[str] = Field(description="Pages to read more at, as its author gave them.")
    page: str
    state: TopicState
    state_in_words: str = Field(description="In the language of the answer.")
    reason: str | None = Field(description="Why it was merged, declined or dropped.")
    reporting_minutes: int | None
    story: str | None = Field(description="The article that came of it.")
    merged_into: Link | None
    proposed_at: datetime
    changed_at: datetime = Field(description="When its state was reached.")


class Step(Body):
    state: TopicState
    state_in_words: str
    at: datetime
    reason: str | None
    story: str | None
    round: Link | None = Field(description="The vote that put it there.")


class TopicWithLife(Topic):
    life: list[Step] = Field(description="From its proposal on.")


class OnBallot(Body):
    topic: Link
    why: str
    cost: int = Field(description="In the unit of the round.")
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


class Round(Body):
    """A vote. Of how one stands nothing is known before it is closed."""

    slug: str
    title: str
    page: str
    state: Literal["open", "counting", "closed"]
    unit: Unit
    budget: int = Field(description="In the unit, with what was carried over.")
    carried: int
    quorum_percent: int
    rule: str
    share_step: str
    terms_digest: str | None
    opened_at: datetime
    join_by: datetime | None
    closes_at: datetime
    closed_at: datetime | None
    ballot: list[OnBallot]
    outcome: str | None = Field(description="Where its outcome is, once it is counted.")


class OutcomeOfTopic(Body):
    topic: Link
    cost: int
    approvals: int
    chosen: bool
    why: str | None = Field(
        description="In the language of the answer; null where no quorum was met."
    )


class Outcome(Body):
    """What a closed vote decided; amounts in the unit of the round."""

    round: Link
    page: str
    recount: str = Field(description="The file with which anybody counts again.")
    closed_at: datetime
    closed_early_because: str | None
    unit: Unit
    budget: int
    spent: int = Field(description="On what is chosen.")
    roll: int
    voters: int
    ballots_needed: int = Field(description="The quorum, in ballots.")
    quorum_met: bool
    voters_served: int = Field(description="Who ticked at least one topic that the count chose.")
    topics: list[OutcomeOfTopic] = Field(
        description="Those that are chosen first, in the order in which they were."
    )


class Correction(Body):
    """What was wrong in an article, and what is right now."""

    code: str
    page: str
    article: str
    article_title: str
    corrected_at: datetime
    was: str
    now: str


class Patrons(Body):
    """How many carry the newsroom today."""

    patrons: int = Field(description="Who give regularly.")
    members: int = Field(description="With those by gift, by invitation or by a payment elsewhere.")
    day: date = Field(description="In the newsroom's time zone.")


class Some(Body):
    next: str | None = Field(description="Where the list goes on; null where it ends.")


class Topics(Some):
    items: list[Topic]


class Rounds(Some):
    items: list[Round]


class Outcomes(Some):
    items: list[Outcome]


class Corrections(Some):
    items: list[Correction]


class Wrong(Body):
    parameter: str
    detail: str


class Problem(Body):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Wrong] = Field(default_factory=list, description="Parameters that are wrong.")

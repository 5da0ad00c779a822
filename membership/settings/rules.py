"""What a newsroom decides at its desk and nowhere else; until it does, it is as it stands here."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

HowOften = Literal["month", "year", "once"]


class Aim(StrEnum):
    """What a goal counts: those who are patrons today, those who became so since it began, or what
    was received in its currency.
    """

    patrons = "patrons"
    joined = "joined"
    received = "received"


class Goal(BaseModel):
    """`number` is of people, or of minor units of `currency`; both days are in the newsroom's time
    zone and count.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    aim: Aim
    number: PositiveInt
    currency: str = ""
    first: date
    last: date


class Rules(BaseModel):
    """Amounts are in minor units, by the code of their currency. `client` is an address of the
    network, `visitor` a browser.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intervals: Annotated[tuple[HowOften, ...], Field(min_length=1)] = ("month", "year", "once")
    """How often readers may choose to give."""
    first_interval: HowOften = "month"
    """The one that is chosen when the page opens."""
    first_tier: str = ""
    """The slug of the tier that is; without one it is that of the second smallest amount."""
    least_amounts: dict[str, int] = {}
    """Where there is none it is the smallest that Stripe charges."""
    most_amounts: dict[str, int] = {}
    """Where there is none it is MAX_AMOUNT."""
    goal: Goal | None = None
    asks_consent: bool = False
    """Whether who gives is asked if they may be written to."""

    round_days: int = 14
    """For how long a round is open, unless its plan says otherwise."""
    round_hours: int = 40
    """How many hours of reporting it shares out, unless its plan says otherwise."""
    round_quorum: int = 0
    """In per cent of the members."""
    round_remind: int = 2
    """How many days before the close who has not voted is reminded; 0 is not at all."""

    most_unpaid_by_email: int = 6
    """Gifts that were begun and not paid within an hour, from one address; more are held back."""
    most_unpaid_by_visitor: int = 10
    most_unpaid_by_client: int = 20
    most_small_by_client: int = 6
    """The same of the least sums, with which stolen cards are tried."""
    most_reports_by_client: int = 12
    """Mistakes that are pointed out within an hour from there; more are held back."""

    logo: str = ""
    """The digest of the picture; without one it is that of the environment, or the name."""

    article_domains: tuple[str, ...] = ()
    """Whose pages may show our box; without one, any."""
    appeals: tuple[str, ...] = ()
    """Names of appeals beside the first, for a section or a campaign."""
    most_quoted: int = 500
    """Letters that may be quoted of an article with a link to it."""

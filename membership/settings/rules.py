"""What a newsroom decides at its desk and nowhere else; until it does, it is as it stands here."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

HowOften = Literal["month", "year", "once"]


class Rules(BaseModel):
    """Amounts are in minor units, by the code of their currency."""

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

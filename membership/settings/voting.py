"""Who votes, what topics may take, and how a round is planned unless somebody says otherwise."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

MOST_BANDS, MOST_HOURS = 12, 2000


def _rising(hours: tuple[int, ...]) -> tuple[int, ...]:
    rising = tuple(sorted(set(hours)))
    if not rising or rising[0] <= 0 or rising[-1] > MOST_HOURS:
        raise PydanticCustomError("no_hours", "{most}", {"most": MOST_HOURS})
    if len(rising) > MOST_BANDS:
        raise PydanticCustomError("too_many_hours", "{most}", {"most": MOST_BANDS})
    return rising


class Voting(BaseModel):
    """Named as in config.Settings and in Rules, which it lies over."""

    model_config = ConfigDict(extra="forbid")

    voting_kinds: tuple[Literal["gift", "comped", "offline"], ...]
    proposals_per_month: Annotated[int, Field(ge=1, le=100)]
    reporting_bands: Annotated[tuple[int, ...], AfterValidator(_rising)]
    round_days: Annotated[int, Field(ge=1, le=90)]
    round_hours: Annotated[int, Field(ge=1, le=10_000)]
    round_quorum: Annotated[int, Field(ge=0, le=100)]
    round_remind: Annotated[int, Field(ge=0, le=3)]

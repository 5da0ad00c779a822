"""How much is let through of what only scripts do, and who tries stolen cards."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Tries = Annotated[int, Field(ge=1, le=1000)]


class Abuse(BaseModel):
    """Named as in config.Settings and in Rules, which it lies over."""

    model_config = ConfigDict(extra="forbid")

    checkout_delay: Annotated[int, Field(ge=0, le=60)]
    most_unpaid_by_email: Tries
    most_unpaid_by_visitor: Tries
    most_unpaid_by_client: Tries
    most_small_by_client: Tries
    most_reports_by_client: Tries

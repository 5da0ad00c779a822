"""What a Stripe account sold before we came, and which tier each of it stands for."""

from pydantic import BaseModel, ConfigDict


class Matched(BaseModel):
    """`tiers` are slugs, by the id of a product or a price at Stripe; a price goes before its
    product. Nothing is taken as ours by it until `is_on`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tiers: dict[str, str] = {}
    is_on: bool = False

"""Programs whose exports are known by their columns; docs/importing.md says who describes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from membership.staff.imports.heads import plain

NOBODY = ""
"""A word for a kind of membership that is none."""


@dataclass(frozen=True)
class Exporter:
    """`known_by` are columns that only its exports have together; all heads as `plain` has them.

    `columns` says by our field which of its columns it is read from, `kinds` by its words which
    kind of membership they mean.
    """

    name: str
    title: str
    known_by: frozenset[str]
    columns: Mapping[str, str]
    kinds: Mapping[str, str] = field(default_factory=dict)


EXPORTERS = (
    Exporter(
        "ghost",
        "Ghost",
        frozenset({"email", "subscribed_to_emails", "complimentary_plan", "stripe_customer_id"}),
        {
            "email": "email",
            "name": "name",
            "note": "note",
            "kind": "complimentary_plan",
            "start": "created_at",
            "consent": "subscribed_to_emails",
            "consented_at": "created_at",
            "gone": "deleted_at",
        },
        {"true": "comped", "false": NOBODY, "1": "comped", "0": NOBODY},
    ),
    Exporter(
        "patreon",
        "Patreon",
        frozenset({"name", "email", "patron status", "pledge amount", "patronage since date"}),
        {
            "email": "email",
            "name": "name",
            "note": "additional details",
            "kind": "patron status",
            "start": "patronage since date",
            "end": "access expiration",
            "end_else": "next charge date",
        },
        {"active patron": "offline", "declined patron": "ended", "former patron": "ended"},
    ),
    Exporter(
        "steady",
        "Steady",
        frozenset({"email", "plan_name", "subscription_state", "subscription_period"}),
        {
            "email": "email",
            "first_name": "first_name",
            "last_name": "last_name",
            "kind": "subscription_state",
            "is_gift": "gifted",
            "start": "subscribed_at",
            "end": "expires_at",
            "end_else": "trial_ends_at",
        },
        {
            "active": "offline",
            "in_trial": "comped",
            "trial": "comped",
            "guest": "comped",
            "not_renewing": "offline",
            "cancelled": "ended",
        },
    ),
    Exporter(
        "buymeacoffee_members",
        "Buy Me a Coffee",
        frozenset({"payer_email", "subscription_current_period_end", "subscription_is_cancelled"}),
        {
            "email": "payer_email",
            "name": "payer_name",
            "note": "subscription_message",
            "kind": "subscription_is_cancelled",
            "start": "subscription_created_on",
            "end": "subscription_current_period_end",
        },
        {"": "offline", "0": "offline", "false": "offline", "1": "ended", "true": "ended"},
    ),
    Exporter(
        "buymeacoffee",
        "Buy Me a Coffee",
        frozenset({"payer_email", "support_coffee_price", "support_created_on"}),
        {
            "email": "payer_email",
            "name": "supporter_name",
            "note": "support_note",
            "amount": "support_coffee_price",
            "times": "support_coffees",
            "currency": "support_currency",
            "given_on": "support_created_on",
            "reference": "transaction_id",
            "refunded": "is_refunded",
            "through": "payment_platform",
        },
    ),
    Exporter(
        "givewp_donations",
        "GiveWP",
        frozenset({"donation id", "email address", "donation total", "donation date"}),
        {
            "email": "email address",
            "first_name": "first name",
            "last_name": "last name",
            "amount": "donation total",
            "currency": "currency code",
            "given_on": "donation date",
            "reference": "donation id",
            "status": "donation status",
            "through": "payment gateway",
        },
    ),
    Exporter(
        "givewp_donors",
        "GiveWP",
        frozenset({"name", "email", "number of donations", "total donated"}),
        {"email": "email", "name": "name"},
    ),
    Exporter(
        "donorbox",
        "Donorbox",
        frozenset({"donor email", "donor's first name", "amount", "donated at"}),
        {
            "email": "donor email",
            "first_name": "donor's first name",
            "last_name": "donor's last name",
            "name": "name",
            "note": "donor comment",
            "amount": "amount",
            "currency": "currency",
            "given_on": "donated at",
            "reference": "receipt id",
            "status": "status",
            "through": "donation type",
            "consent": "join mailing list",
            "consented_at": "donated at",
        },
    ),
)
NAMED = {one.name: one for one in EXPORTERS}


def of(heads: Sequence[str]) -> Exporter | None:
    """The one whose export has these columns."""
    found = {plain(head) for head in heads}
    return next((one for one in EXPORTERS if one.known_by <= found), None)


def matched(exporter: Exporter, heads: Sequence[str]) -> dict[str, int]:
    """By our field the number of the column; what an older export lacks is left out."""
    places: dict[str, int] = {}
    for number, head in enumerate(heads):
        places.setdefault(plain(head), number)
    return {name: places[head] for name, head in exporter.columns.items() if head in places}

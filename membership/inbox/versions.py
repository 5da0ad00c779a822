"""Events that were written in another version of Stripe's API than the one we speak.

Their shapes differ (a period on the subscription instead of its items, `invoice.subscription`,
`invoice.payment_intent`), so nothing is read from them but their id and type: the object is
fetched as it is now, in our version.
"""

from collections.abc import Callable

from membership.gateway import API_VERSION, Gateway, Json, gateway


class UnknownVersion(ValueError):
    """An event of another version about an object that cannot be fetched."""


FETCH: dict[str, Callable[[Gateway, str], Json]] = {
    "checkout.session": Gateway.session,
    "dispute": lambda door, stripe_id: door.dispute(stripe_id).said,
    "invoice": Gateway.invoice,
    "payout": lambda door, stripe_id: door.payout(stripe_id).said,
    "refund": Gateway.refund,
    "subscription": lambda door, stripe_id: door.subscription(stripe_id).said,
}
SAME_IN_ALL = ("customer", "payment_method", "test_helpers.test_clock", "invoice_payment")


def current(event: Json) -> Json:
    """The event in the pinned version. Raises UnknownVersion."""
    thing = event["data"]["object"]
    if event.get("api_version", API_VERSION) == API_VERSION or thing["object"] in SAME_IN_ALL:
        return event
    fetch = FETCH.get(thing["object"])
    if fetch is None:
        raise UnknownVersion(
            f"{event['type']} in version {event['api_version']}; register the endpoint again: "
            "flask --app app stripe connect"
        )
    return event | {"data": {"object": fetch(gateway(), thing["id"])}}

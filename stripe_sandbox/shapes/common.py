"""Pieces that several of Stripe's objects share."""

from typing import Any

from stripe_sandbox.books import Row

ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def head(row: Row) -> Row:
    """The fields that every object begins with."""
    return {"id": row["id"], "object": row["object"], "created": row["created"], "livemode": False}


def taken(row: Row, *names: str) -> Row:
    """Facts that are shown as they are; one that is not there is null."""
    return {name: row.get(name) for name in names}


def nulls(*names: str) -> Row:
    """Fields that this sandbox never fills."""
    return dict.fromkeys(names)


def listing(data: list[Any], url: str) -> Row:
    """A whole list inside an object."""
    return {"object": "list", "data": data, "has_more": False, "url": url}


def billing_details(details: Row) -> Row:
    """Who the card belongs to. The sandbox asks for no address."""
    return {
        "address": nulls(*ADDRESS),
        "email": details.get("email"),
        "name": details.get("name"),
        "phone": None,
        "tax_id": None,
    }


def checks(card: Row) -> Row:
    """What the issuer is said to have compared."""
    return {
        "address_line1_check": None,
        "address_postal_code_check": None,
        "cvc_check": card["cvc_check"],
    }

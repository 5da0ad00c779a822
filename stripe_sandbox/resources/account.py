"""The one account that the sandbox plays."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.errors import missing
from stripe_sandbox.http.lists import CREATED, list_params
from stripe_sandbox.http.params import Hash
from stripe_sandbox.http.routes import Route
from stripe_sandbox.ids import ACCOUNT
from stripe_sandbox.shapes.billing import COUNTRY, NAME


def retrieve(books: Books, params: Row) -> Row:
    """GET /v1/account"""
    return {
        "id": ACCOUNT,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": None,
            "minority_owned_business_designation": None,
            "name": NAME,
            "product_description": None,
            "support_address": None,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": "non_profit",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": COUNTRY,
        "default_currency": "eur",
        "details_submitted": True,
        "email": "sandbox@example.org",
        "payouts_enabled": True,
        "type": "standard",
    }


def retrieve_by_id(books: Books, params: Row, *, id: str) -> Row:
    """GET /v1/accounts/{id}"""
    if id != ACCOUNT:
        raise missing("account", id)
    return retrieve(books, params)


def connected(books: Books, params: Row) -> Row:
    """GET /v1/accounts: the connected ones, of which there are none."""
    return {"object": "list", "data": [], "has_more": False, "url": "/v1/accounts"}


ROUTES = (
    Route("GET", "/v1/account", retrieve, Hash()),
    Route("GET", "/v1/accounts", connected, list_params(**CREATED)),
    Route("GET", "/v1/accounts/<id>", retrieve_by_id, Hash()),
)

"""The one account that the sandbox plays."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.http.params import Hash
from stripe_sandbox.http.routes import Route
from stripe_sandbox.shapes.billing import COUNTRY, NAME

ACCOUNT = "acct_sandbox"


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


ROUTES = (Route("GET", "/v1/account", retrieve, Hash()),)

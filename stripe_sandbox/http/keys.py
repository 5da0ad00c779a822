"""Who asks, and in which version of the API."""

from flask import current_app, request

from stripe_sandbox.errors import ApiError, invalid, not_played
from stripe_sandbox.events import API_VERSION
from stripe_sandbox.ids import ACCOUNT


def check_key() -> None:
    """A secret test key, as bearer or as the user of basic authentication."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if request.authorization and request.authorization.type == "basic":
        scheme, key = "Bearer", request.authorization.username or ""
    kind = "invalid_request_error"
    if scheme != "Bearer" or not key:
        raise ApiError(
            401,
            kind,
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
            "YOUR_SECRET_KEY').",
        )
    if key.startswith("pk_"):
        message = "This API call cannot be made with a publishable API key."
        raise ApiError(401, kind, message, code="secret_key_required")
    if not key.startswith(("sk_test_", "rk_test_")):
        raise ApiError(401, kind, f"Invalid API Key provided: {key[:8]}***")


def is_taken(version: str) -> bool:
    """Whether a request may name that version. It is answered in the one there is, at any rate."""
    return version == API_VERSION or bool(current_app.extensions["stripe_any_version"])


def check_version() -> None:
    """The one version, and no other account than the key's own."""
    version = request.headers.get("Stripe-Version", API_VERSION)
    if not is_taken(version):
        raise invalid(
            f"Invalid Stripe API version: {version}. The sandbox speaks {API_VERSION} alone."
        )
    if request.headers.get("Stripe-Account", ACCOUNT) != ACCOUNT:
        raise not_played("another account in the Stripe-Account header (Connect)")

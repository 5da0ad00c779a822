"""Customer portal sessions."""

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.http.params import Hash, one_of, text, url
from stripe_sandbox.http.routes import Route
from stripe_sandbox.resources.checkout_params import LOCALES
from stripe_sandbox.resources.customers import existing

MORE_LOCALES = ("en-AU", "en-CA", "en-IE", "en-IN", "en-NZ", "en-SG")


def create(books: Books, params: Row) -> Row:
    """POST /v1/billing_portal/sessions: an address that is valid for an hour."""
    customer = existing(books, params["customer"], "customer")
    session = books.add(
        "billing_portal.session",
        created=books.sandbox_now,
        customer=customer["id"],
        locale=params.get("locale"),
        return_url=params.get("return_url"),
        url=f"{books.origin}/p/session/{books.ids.secret(40)}",
    )
    return shapes.render(books, session)


ROUTES = (
    Route(
        "POST",
        "/v1/billing_portal/sessions",
        create,
        Hash(
            {"customer": text, "locale": one_of(*LOCALES, *MORE_LOCALES), "return_url": url},
            needs=("customer",),
        ),
    ),
)

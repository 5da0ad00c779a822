"""Checkout Sessions: what is sold, to whom, and where the payer goes afterwards."""

from stripe_sandbox import money, shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine.checkout import expire as expire_session
from stripe_sandbox.errors import ApiError, invalid
from stripe_sandbox.http.lists import Filters, fact, page
from stripe_sandbox.http.params import Hash, merged, metadata
from stripe_sandbox.http.routes import Route
from stripe_sandbox.money import cost
from stripe_sandbox.resources.checkout_params import CREATE, LIST
from stripe_sandbox.resources.customers import existing
from stripe_sandbox.resources.prices import new_price
from stripe_sandbox.shapes.checkout import line_item

HOUR = 3600
LONGEST_HOURS = 24
SHORTEST_SECONDS = 30 * 60


def create(books: Books, params: Row) -> Row:
    """POST /v1/checkout/sessions"""
    customer = existing(books, params["customer"], "customer") if "customer" in params else None
    _check_combination(params)
    now = books.now(customer)
    lines = [_line(books, params["mode"], line, n) for n, line in enumerate(params["line_items"])]
    currency, total = _total(books, params, lines)
    if "sepa_debit" in params.get("allowed_payment_method_types", ()) and currency != "eur":
        raise invalid(
            "The payment method `sepa_debit` only supports the following currencies: eur.",
            "allowed_payment_method_types",
        )
    id = books.ids.new("checkout.session")
    session = books.add(
        "checkout.session",
        id=id,
        created=now,
        amount_total=total,
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        currency=currency,
        customer=customer and customer["id"],
        customer_creation=_creation(params),
        customer_email=params.get("customer_email"),
        expires_at=_expiry(params, now),
        line_items=lines,
        locale=params.get("locale"),
        metadata=merged({}, params.get("metadata")),
        mode=params["mode"],
        origin_context=params.get("origin_context"),
        payment_intent_data=_data(params.get("payment_intent_data", {})),
        payment_method_collection="always" if params["mode"] == "subscription" else "if_required",
        allowed_payment_method_types=params.get("allowed_payment_method_types"),
        payment_method_types=params.get("allowed_payment_method_types")
        or methods_for(books, currency),
        payment_status="unpaid",
        status="open",
        submit_type=params.get("submit_type"),
        subscription_data=_data(params.get("subscription_data", {})),
        success_url=params["success_url"],
        url=f"{books.origin}/c/pay/{id}",
    )
    books.plan(id, "expire", session["expires_at"], books.clock_of(customer))
    return shapes.render(books, session)


def methods_for(books: Books, currency: str) -> list[str]:
    """What the account has switched on in its dashboard, as far as the currency allows it."""
    chosen = (books.setting("payment_methods") or "card").split(",")
    return [method for method in chosen if method != "sepa_debit" or currency == "eur"]


def _check_combination(params: Row) -> None:
    mode = params["mode"]
    if "customer" in params and "customer_email" in params:
        raise invalid("You may only specify one of these parameters: customer, customer_email.")
    only_for = {
        "subscription": ("subscription_data",),
        "payment": ("payment_intent_data", "customer_creation"),
    }
    for needed, names in only_for.items():
        for name in names:
            if name in params and mode != needed:
                raise invalid(f"You can not pass `{name}` in `{mode}` mode.", name)
    if not params["line_items"]:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    fits = {"payment": ("auto", "book", "donate", "pay"), "subscription": ("auto", "subscribe")}
    if params.get("submit_type", "auto") not in fits[mode]:
        raise invalid(f"You can not pass this `submit_type` in `{mode}` mode.", "submit_type")


def _line(books: Books, mode: str, line: Row, number: int) -> Row:
    where = f"line_items[{number}]"
    if ("price" in line) == ("price_data" in line):
        raise invalid(f"You must specify either price or price_data in {where}.", where)
    if "price" in line:
        price = books.get("price", line["price"], f"{where}[price]")
        if not price["active"]:
            raise invalid("The price specified is inactive.", f"{where}[price]", "price_inactive")
    else:
        price = new_price(books, line["price_data"], inline=f"{where}[price_data]")
    if mode == "payment" and price["recurring"]:
        raise invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to "
            "`subscription` mode or use only one-time prices.",
            f"{where}[price]",
        )
    if mode == "subscription" and not price["recurring"]:
        raise invalid(
            "You must provide at least one recurring price in `subscription` mode when using "
            "prices. One-time lines in a subscription are not played by the sandbox.",
            f"{where}[price]",
        )
    return {
        "id": books.ids.new("item"),
        "description": books.get("product", price["product"])["name"],
        "price": price["id"],
        "quantity": line.get("quantity", 1),
    }


def _total(books: Books, params: Row, lines: list[Row]) -> tuple[str, int]:
    prices = [books.get("price", line["price"]) for line in lines]
    currencies = {price["currency"] for price in prices}
    if len(currencies) > 1 or params.get("currency", prices[0]["currency"]) not in currencies:
        raise invalid("All line items must have the same currency.", "line_items")
    if len({str(price["recurring"]) for price in prices}) > 1:
        raise invalid("All recurring prices must have the same interval.", "line_items")
    currency: str = prices[0]["currency"]
    total = sum(cost(p, line["quantity"]) for p, line in zip(prices, lines, strict=True))
    least = money.MINIMUM.get(currency, 1)
    if total < least:
        raise invalid(
            "The Checkout Session's total amount due must add up to at least "
            f"{money.in_words(least, currency)} {currency}",
            "line_items",
            "amount_too_small",
        )
    if total > money.MAXIMUM:
        message = "The Checkout Session's total amount must be no more than "
        most = money.in_words(money.MAXIMUM, currency)
        raise invalid(f"{message}{most}", "line_items", "amount_too_large")
    return currency, total


def _creation(params: Row) -> str | None:
    if "customer" in params:
        return None
    if params["mode"] == "subscription":
        return "always"
    return str(params.get("customer_creation", "if_required"))


def _expiry(params: Row, now: int) -> int:
    at: int = params.get("expires_at", now + LONGEST_HOURS * HOUR)
    if not now + SHORTEST_SECONDS - 60 <= at <= now + LONGEST_HOURS * HOUR + 60:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout "
            "Session creation.",
            "expires_at",
        )
    return at


def _data(given: Row) -> Row:
    return {**given, "metadata": merged({}, given.get("metadata"))}


def retrieve(books: Books, params: Row, id: str) -> Row:
    """GET /v1/checkout/sessions/:id"""
    return shapes.render(books, books.get("checkout.session", id))


def update(books: Books, params: Row, id: str) -> Row:
    """POST /v1/checkout/sessions/:id: metadata alone."""
    session = books.get("checkout.session", id)
    session["metadata"] = merged(session["metadata"], params.get("metadata"))
    return shapes.render(books, books.save(session))


def list_all(books: Books, params: Row) -> Row:
    """GET /v1/checkout/sessions"""
    filters = Filters().equal(
        params,
        customer="customer",
        payment_intent=fact("payment_intent"),
        status=fact("status"),
        subscription="parent",
    )
    if "customer_details" in params:
        address = f"COALESCE({fact('payer.email')}, {fact('customer_email')})"
        filters.where(f"{address} = ?", params["customer_details"]["email"])
    return page(books, "checkout.session", "/v1/checkout/sessions", params, filters)


def list_line_items(books: Books, params: Row, id: str) -> Row:
    """GET /v1/checkout/sessions/:id/line_items, all on one page."""
    session = books.get("checkout.session", id)
    lines = [line_item(books, session, line) for line in session["line_items"]]
    url = f"/v1/checkout/sessions/{id}/line_items"
    return {"object": "list", "data": lines, "has_more": False, "url": url}


def expire(books: Books, params: Row, id: str) -> Row:
    """POST /v1/checkout/sessions/:id/expire"""
    session = books.get("checkout.session", id)
    if session["status"] != "open":
        raise ApiError(
            400,
            "invalid_request_error",
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{session['status']}`.",
        )
    expire_session(books, id, books.now())
    return shapes.render(books, session)


ROUTES = (
    Route("POST", "/v1/checkout/sessions", create, CREATE),
    Route("GET", "/v1/checkout/sessions/<id>", retrieve, Hash()),
    Route("POST", "/v1/checkout/sessions/<id>", update, Hash({"metadata": metadata})),
    Route("GET", "/v1/checkout/sessions", list_all, LIST),
    Route("GET", "/v1/checkout/sessions/<id>/line_items", list_line_items, Hash()),
    Route("POST", "/v1/checkout/sessions/<id>/expire", expire, Hash()),
)

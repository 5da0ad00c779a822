"""Events: a snapshot of an object at the moment something happened to it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row

API_VERSION = "2026-10-28.endive"
KEPT_SECONDS = 30 * 24 * 3600


def emit(books: Books, type: str, row: Row, previous: Row | None = None) -> None:
    """Announce `type` about the object as it now is."""
    if _silent(books):
        return
    data: Row = {"object": shapes.render(books, row)}
    if previous is not None:
        data["previous_attributes"] = previous
    books.events.append({"type": type, "data": data, "created": _time_of(books, row)})


@contextmanager
def change(books: Books, row: Row, type: str) -> Iterator[Row]:
    """Change a row and announce it with `previous_attributes`, if anything did change."""
    if _silent(books):
        yield books.save(row)
        return
    before = shapes.render(books, row)
    yield books.save(row)
    previous = previous_attributes(before, shapes.render(books, row))
    if previous:
        emit(books, type, row, previous)


def previous_attributes(before: Row, after: Row) -> Row:
    """What the changed fields were before: hashes by their changed keys, lists whole."""
    previous: Row = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict) and old.get("object") != "list":
            previous[key] = previous_attributes(old, new)
        elif isinstance(old, dict) and old.get("object") == "list":
            previous[key] = {"data": old["data"]}
        else:
            previous[key] = old
    return previous


def put_in_order(books: Books, first: int, order: Sequence[str]) -> None:
    """Sort the events since the `first`th by the place of their type in `order`, stably."""
    rank = {type: place for place, type in enumerate(order)}
    tail = books.events[first:]
    books.events[first:] = sorted(tail, key=lambda event: rank[event["type"]])


def write(books: Books) -> int:
    """Write the events kept aside and a delivery for each endpoint that asked for them."""
    asked = books.events and not books.unsent
    endpoints = books.select("webhook_endpoint", "1") if asked else []
    deliveries: list[tuple[str, str]] = []
    request, key = books.request
    for event in books.events:
        wanted = [one["id"] for one in endpoints if _wants(one, event["type"])]
        row = books.add(
            "event",
            **event,
            api_version=API_VERSION,
            pending_webhooks=len(wanted),
            recorded=books.sandbox_now,
            request={"id": request, "idempotency_key": key},
        )
        deliveries += [(row["id"], endpoint) for endpoint in wanted]
    books.db.executemany("INSERT INTO deliveries (event, endpoint) VALUES (?, ?)", deliveries)
    books.events.clear()
    return len(deliveries)


def forget_old(books: Books) -> None:
    """Drop events that are older than Stripe keeps them and wait for no delivery."""
    books.db.execute(
        "DELETE FROM objects WHERE kind = 'event' AND created < ?1"
        " AND json_extract(facts, '$.recorded') < ?1 AND NOT EXISTS"
        " (SELECT 1 FROM deliveries WHERE event = objects.id AND delivered = 0)",
        (books.sandbox_now - KEPT_SECONDS,),
    )


def payload(event: Row) -> bytes:
    """The raw body that is sent and signed."""
    return json.dumps(shapes.event(event), ensure_ascii=False).encode()


def _wants(endpoint: Row, type: str) -> bool:
    enabled: list[str] = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in enabled or type in enabled)


def _silent(books: Books) -> bool:
    return books.silent_before is not None and books.now() < books.silent_before


def _time_of(books: Books, row: Row) -> int:
    if row["object"] == "customer":
        return books.now(row)
    if row["object"] == "invoice_payment":
        row = books.get("invoice", row["invoice"])
    customer = row.get("customer")
    return books.now(books.find("customer", customer) if isinstance(customer, str) else None)

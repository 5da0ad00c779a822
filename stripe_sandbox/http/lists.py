"""Lists with cursors: newest first, `limit`, `starting_after`, `ending_before`, filters."""

from typing import Any

from stripe_sandbox import shapes
from stripe_sandbox.books import Books, Row
from stripe_sandbox.errors import invalid
from stripe_sandbox.http.params import Hash, Parser, integer, moment, text

OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _limit(raw: Any, path: str) -> int:
    value = integer(raw, path)
    if not 1 <= value <= 100:
        raise invalid("Invalid integer: limit must be between 1 and 100", path)
    return value


def list_params(**filters: Parser) -> Hash:
    """The parameters of a list: Stripe's cursors and its own filters."""
    cursors: dict[str, Parser] = {"limit": _limit, "starting_after": text, "ending_before": text}
    return Hash({**cursors, **filters})


class Filters:
    """SQL conditions gathered from the parameters that were given."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[Any] = []

    def where(self, condition: str, *values: Any) -> "Filters":
        """Rows must meet this as well."""
        self.conditions.append(condition)
        self.values += values
        return self

    def equal(self, params: Row, **columns: str) -> "Filters":
        """For each parameter given, an SQL expression that must equal it."""
        for name, expression in columns.items():
            if name in params:
                self.where(f"{expression} = ?", params[name])
        return self

    def within(self, params: Row, **columns: str) -> "Filters":
        """For each range given, an SQL expression that must lie in it."""
        for name, expression in columns.items():
            for operator, bound in params.get(name, {}).items():
                self.where(f"{expression} {OPERATORS[operator]} ?", bound)
        return self


def fact(name: str) -> str:
    """The SQL expression of a fact."""
    return f"json_extract(facts, '$.{name}')"


def page(books: Books, kind: str, url: str, params: Row, filters: Filters | None = None) -> Row:
    """One page of the objects of a kind, in Stripe's list shape."""
    filters = filters or Filters()
    filters.within(params, created="created")
    limit = params.get("limit", 10)
    backwards = "ending_before" in params
    _from_cursor(books, kind, params, filters)
    way = "ASC" if backwards else "DESC"
    rows = books.select(
        kind,
        " AND ".join(filters.conditions) or "1",
        filters.values,
        f"ORDER BY created {way}, seq {way} LIMIT {limit + 1}",
    )
    shown = rows[:limit]
    if backwards:
        shown.reverse()
    return {
        "object": "list",
        "data": [shapes.render(books, row) for row in shown],
        "has_more": len(rows) > limit,
        "url": url,
    }


def part(data: list[Row], url: str, params: Row) -> Row:
    """One page of objects that are at hand, in the order that they have."""
    limit, places = params.get("limit", 10), {one["id"]: at for at, one in enumerate(data)}
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in places:
            raise invalid(f"No such object: '{params[name]}'", name, "resource_missing")
    if "ending_before" in params:
        before = data[: places[params["ending_before"]]]
        shown, more = before[-limit:], len(before) > limit
    else:
        after = data[places[params["starting_after"]] + 1 :] if "starting_after" in params else data
        shown, more = after[:limit], len(after) > limit
    return {"object": "list", "data": shown, "has_more": more, "url": url}


def _from_cursor(books: Books, kind: str, params: Row, filters: Filters) -> None:
    if "starting_after" in params and "ending_before" in params:
        raise invalid("You cannot use both starting_after and ending_before.", "ending_before")
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            row = books.get(kind, params[name], name)
            filters.where(
                f"(created, seq) {sign} (?, (SELECT seq FROM objects WHERE id = ?))",  # noqa: S608
                row["created"],
                row["id"],
            )


CREATED: dict[str, Parser] = {"created": moment}

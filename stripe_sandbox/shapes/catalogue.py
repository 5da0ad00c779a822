"""Products, prices, and the plan that Stripe still shows beside each recurring price."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.money import per_unit
from stripe_sandbox.shapes.common import head, nulls, taken


def product(books: Books, row: Row) -> Row:
    """A Product."""
    return {
        **head(row),
        **taken(row, "active", "name", "description", "default_price", "metadata"),
        **taken(row, "images", "statement_descriptor", "unit_label", "url", "updated"),
        **nulls("package_dimensions", "shippable", "tax_code"),
        "marketing_features": [],
        "type": "service",
    }


def price(books: Books, row: Row) -> Row:
    """A Price, per unit."""
    recurring = row.get("recurring")
    return {
        **head(row),
        **taken(row, "active", "currency", "product", "unit_amount", "nickname", "lookup_key"),
        **taken(row, "metadata"),
        **nulls("custom_unit_amount", "tiers_mode", "transform_quantity"),
        "billing_scheme": "per_unit",
        "recurring": recurring
        and {**recurring, "meter": None, "trial_period_days": None, "usage_type": "licensed"},
        "tax_behavior": "unspecified",
        "type": "recurring" if recurring else "one_time",
        "unit_amount_decimal": per_unit(row),
    }


def currency_options_of(books: Books, row: Row) -> Row:
    """What a price costs in each of its currencies: here always one."""
    return {
        row["currency"]: {
            "custom_unit_amount": None,
            "tax_behavior": "unspecified",
            "unit_amount": row["unit_amount"],
            "unit_amount_decimal": per_unit(row),
        }
    }


def plan(row: Row) -> Row:
    """The Plan of a recurring price."""
    return {
        **head(row),
        "object": "plan",
        **taken(row, "active", "currency", "product", "nickname", "metadata"),
        **nulls("meter", "tiers_mode", "transform_usage", "trial_period_days"),
        "amount": row["unit_amount"],
        "amount_decimal": per_unit(row),
        "billing_scheme": "per_unit",
        "interval": row["recurring"]["interval"],
        "interval_count": row["recurring"]["interval_count"],
        "usage_type": "licensed",
    }


def coupon(books: Books, row: Row) -> Row:
    """A Coupon."""
    return {
        **head(row),
        **taken(row, "amount_off", "currency", "duration", "duration_in_months", "metadata"),
        **taken(row, "name", "times_redeemed"),
        **nulls("max_redemptions", "redeem_by"),
        "percent_off": float(row["percent_off"]) if row["percent_off"] else None,
        "valid": True,
    }


def discount(books: Books, row: Row) -> Row:
    """A Discount: a coupon, redeemed for a subscription."""
    return {
        "id": row["id"],
        "object": "discount",
        **taken(row, "customer", "end", "start", "subscription"),
        **nulls("checkout_session", "customer_account", "invoice", "invoice_item"),
        **nulls("promotion_code", "subscription_item"),
        "source": {"coupon": row["coupon"], "type": "coupon"},
    }

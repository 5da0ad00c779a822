"""Keep what each invoice billed by the term, the movements it comes to, and their sums.

What was booked before is brought in by the next comparison with Stripe, which reads it whole.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KINDS = (
    "new",
    "reactivation",
    "resumption",
    "expansion",
    "contraction",
    "pause",
    "churn",
    "lapse",
)


def upgrade() -> None:
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mode", _mode(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("stripe_invoice", sa.String(255), nullable=False),
        sa.Column("stripe_item", sa.String(255), nullable=False),
        sa.Column("settled", _enum("settled", "paid", "waived", "given_up"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("interval", _interval(), nullable=False),
        sa.Column("interval_count", sa.Integer(), nullable=False),
        sa.Column("tier_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint(
            "stripe_invoice",
            "stripe_item",
            "settled",
            name=op.f("uq_term_stripe_invoice_stripe_item_settled"),
        ),
        *_belongs_to("term", "person", "subscription", "tier"),
    )
    op.create_index("ix_term_person_id", "term", ["person_id"])
    op.create_index("ix_term_subscription_id", "term", ["subscription_id"])
    op.create_table(
        "movement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mode", _mode(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", _enum("movementkind", *KINDS), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("began", sa.Date(), nullable=False),
        sa.Column("tenure", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("tier_id", sa.Integer(), nullable=False),
        sa.Column("interval", _interval(), nullable=False),
        sa.Column("source", sa.String(200), nullable=True),
        sa.Column("campaign", sa.String(200), nullable=True),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
        sa.UniqueConstraint(
            "person_id",
            "mode",
            "currency",
            "at",
            "kind",
            name=op.f("uq_movement_person_id_mode_currency_at_kind"),
        ),
        *_belongs_to("movement", "person", "subscription", "tier"),
    )
    op.create_index("ix_movement_day", "movement", ["mode", "currency", "kind", "day"])
    op.create_index("ix_movement_began", "movement", ["mode", "currency", "began"])
    op.create_index("ix_movement_subscription_id", "movement", ["subscription_id"])
    op.create_table(
        "sum_change",
        sa.Column("id", sa.Integer(), nullable=False),
        *_summed(),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sum_change")),
    )
    op.create_table(
        "daily_sum",
        *_summed(),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "mode", "figure", "currency", "by", "day", "value", name=op.f("pk_daily_sum")
        ),
    )
    with op.batch_alter_table("subscription") as table:
        table.add_column(sa.Column("end_reason", sa.String(64), nullable=True))
        table.add_column(sa.Column("prices", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("subscription") as table:
        table.drop_column("prices")
        table.drop_column("end_reason")
    for name in ("daily_sum", "sum_change", "movement", "term"):
        op.drop_table(name)


def _summed() -> list[sa.Column]:
    return [
        sa.Column("mode", _mode(), nullable=False),
        sa.Column("figure", sa.String(32), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by", sa.String(16), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
    ]


def _belongs_to(table: str, *others: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [f"{other}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{other}_id_{other}")
        )
        for other in others
    ]


def _mode() -> sa.Enum:
    return _enum("mode", "sandbox", "test", "live")


def _interval() -> sa.Enum:
    return _enum("interval", "day", "week", "month", "year", "once")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)

"""Keep what follows from memberships, refused renewals, first gifts and what is due; which charges
renew a subscription, why a renewal was refused, and which page led to a gift.

`flask metrics rebuild` fills the new tables from what is there.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "supporter_change",
        *_of_a_person(),
        sa.Column(
            "move", _enum("supportermove", "new", "returned", "lost", "changed"), nullable=False
        ),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column(
            "kind", _enum("membershipkind", "patron", "gift", "comped", "offline"), nullable=False
        ),
        sa.Column("tier_id", sa.Integer(), nullable=True),
        sa.Column(
            "interval", _enum("interval", "day", "week", "month", "year", "once"), nullable=True
        ),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("language", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supporter_change")),
        _unique("supporter_change", "person_id", "mode", "at", "people"),
        *_belongs_to("supporter_change", "person", "tier"),
    )
    op.create_index("ix_supporter_change_day", "supporter_change", ["mode", "day"])
    op.create_table(
        "recovery",
        *_of_a_person(),
        sa.Column("stripe_invoice", sa.String(255), nullable=False),
        sa.Column("outcome", _enum("outcome", "failed", "recovered", "lost"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.Column("took", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        _unique("recovery", "stripe_invoice", "outcome"),
        *_belongs_to("recovery", "person"),
    )
    op.create_index("ix_recovery_person_id", "recovery", ["person_id"])
    op.create_index("ix_recovery_day", "recovery", ["mode", "currency", "outcome", "day"])
    op.create_table(
        "due",
        *_of_a_person(),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("kind", _enum("duekind", "renewal", "end", "card", "second"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("monthly", sa.Integer(), nullable=False),
        sa.Column("every", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due")),
        _unique("due", "subscription_id", "kind"),
        *_belongs_to("due", "person", "subscription"),
    )
    op.create_index("ix_due_person_id", "due", ["person_id"])
    op.create_index("ix_due_day", "due", ["mode", "currency", "kind", "day"])
    op.create_index("ix_due_kind", "due", ["mode", "kind", "day"])
    op.create_table(
        "origin",
        *_of_a_person(),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("stays", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(200), nullable=True),
        sa.Column("referrer", sa.String(200), nullable=True),
        sa.Column("campaign", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_origin")),
        _unique("origin", "person_id", "mode", "currency"),
        *_belongs_to("origin", "person"),
    )
    op.create_index("ix_origin_day", "origin", ["mode", "currency", "day"])
    op.create_table(
        "card",
        sa.Column("stripe_customer", sa.String(255), nullable=False),
        sa.Column("mode", _enum("mode", "sandbox", "test", "live"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("stripe_id", sa.String(255), nullable=False),
        sa.Column("brand", sa.String(32), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stripe_customer", name=op.f("pk_card")),
        *_belongs_to("card", "person"),
    )
    op.create_index("ix_card_person_id", "card", ["person_id"])
    op.add_column("donation", sa.Column("referrer", sa.String(200), nullable=True))
    op.add_column("failed_payment", sa.Column("refusal", sa.String(64), nullable=True))
    op.execute("update failed_payment set refusal = reason")
    op.add_column(
        "ledger_entry",
        sa.Column("is_renewal", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    _say_which_charges_renew()


def downgrade() -> None:
    op.drop_column("ledger_entry", "is_renewal")
    op.drop_column("failed_payment", "refusal")
    op.drop_column("donation", "referrer")
    for name in ("card", "origin", "due", "recovery", "supporter_change"):
        op.drop_table(name)


def _say_which_charges_renew() -> None:
    """All but the first of a subscription: that an interval changed is not told apart any more.

    Rows that are booked are never changed, so the watch over them looks away this once.
    """
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute("alter table ledger_entry disable trigger ledger_entry_append_only")
    else:
        op.execute("drop trigger ledger_entry_no_update")
    op.execute(
        """
        update ledger_entry set is_renewal = true
        where kind = 'charge' and subscription_id is not null and exists (
            select 1 from ledger_entry as earlier
            where earlier.subscription_id = ledger_entry.subscription_id
            and earlier.kind = 'charge' and earlier.occurred_at < ledger_entry.occurred_at
        )
        """
    )
    if is_postgresql:
        op.execute("alter table ledger_entry enable trigger ledger_entry_append_only")
    else:
        op.execute(
            "create trigger ledger_entry_no_update before update on ledger_entry begin select "
            "raise(abort, 'ledger_entry is append-only: a correction is another row'); end"
        )


def _of_a_person() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mode", _enum("mode", "sandbox", "test", "live"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
    ]


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _belongs_to(table: str, *others: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [f"{other}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{other}_id_{other}")
        )
        for other in others
    ]


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)

"""Find payments by kind and amount, keep payouts and who agreed to be named in public.

Older payouts are brought in by a comparison with Stripe of the whole account.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_ledger_entry_kind": ["mode", "kind", "occurred_at"],
    "ix_ledger_entry_amount": ["mode", "currency", "amount"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "ledger_entry", columns)
    op.create_table(
        "payout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stripe_id", sa.String(255), nullable=False),
        sa.Column("mode", _mode(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("is_reconciled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_payout_stripe_id")),
    )
    op.create_index("ix_payout_arrival", "payout", ["mode", "arrives_on"])
    op.create_index("ix_payout_when", "payout", ["mode", "created_at"])
    op.create_table(
        "payout_entry",
        sa.Column("stripe_id", sa.String(255), nullable=False),
        sa.Column("payout_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stripe_id", name=op.f("pk_payout_entry")),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payout.id"], name=op.f("fk_payout_entry_payout_id_payout")
        ),
    )
    op.create_index("ix_payout_entry_payout_id", "payout_entry", ["payout_id"])
    op.create_index("ix_payout_entry_when", "payout_entry", ["created_at"])
    op.create_table(
        "naming_consent",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=True),
        sa.Column("text_version", sa.String(16), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_naming_consent")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_naming_consent_person_id_person")
        ),
    )


def downgrade() -> None:
    op.drop_table("naming_consent")
    op.drop_table("payout_entry")
    op.drop_table("payout")
    for name in INDEXES:
        op.drop_index(name, table_name="ledger_entry")


def _mode() -> sa.Enum:
    return sa.Enum("sandbox", "test", "live", name="mode", native_enum=False, length=32)

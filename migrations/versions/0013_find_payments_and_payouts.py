"""Find payments by kind and amount without reading the whole ledger.

Revision: 0013, after 0010
"""

from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_ledger_entry_kind": ["mode", "kind", "occurred_at"],
    "ix_ledger_entry_amount": ["mode", "currency", "amount"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "ledger_entry", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="ledger_entry")

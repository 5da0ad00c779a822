"""Let rows of money leave the books with a subscription that was never ours, and no others.

Revision: 0029, after 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

OF_ENTRY = "select 1 from let_go where let_go.subscription_id = old.subscription_id"
OF_SETTLEMENT = (
    "select 1 from let_go join ledger_entry on ledger_entry.subscription_id = "
    "let_go.subscription_id where ledger_entry.id = old.entry_id"
)
LEAVES = {"ledger_entry": OF_ENTRY, "settlement": OF_SETTLEMENT}
UPDATES = {
    "ledger_entry": "id, kind, stripe_source, mode, parent_id, subscription_id, donation_id, "
    "amount, currency, covers_from, covers_until, is_renewal, occurred_at, note",
    "settlement": None,
}
"""Columns that are guarded; whose an entry is may change, as in 0012."""


def upgrade() -> None:
    op.create_table(
        "let_go",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_let_go")),
    )
    for table, leaves in LEAVES.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"create function refuse_to_delete_{table}() returns trigger language plpgsql as $$"
                f" begin if exists ({leaves}) then return old; end if;"
                f" raise exception '{table} is append-only: a correction is another row';"
                " end $$"
            )
            op.execute(f"drop trigger {table}_append_only on {table}")
            _guard_updates(table)
            op.execute(
                f"create trigger {table}_no_delete before delete on {table} "
                f"for each row execute function refuse_to_delete_{table}()"
            )
        else:
            op.execute(f"drop trigger {table}_no_delete")
            op.execute(_sqlite_guard(table, f"when not exists ({leaves})"))


def downgrade() -> None:
    for table in LEAVES:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"drop trigger {table}_no_delete on {table}")
            op.execute(f"drop function refuse_to_delete_{table}()")
            op.execute(f"drop trigger {table}_append_only on {table}")
            _guard_updates(table, "delete or ")
        else:
            op.execute(f"drop trigger {table}_no_delete")
            op.execute(_sqlite_guard(table, ""))
    op.drop_table("let_go")


def _guard_updates(table: str, beside: str = "") -> None:
    columns = f" of {UPDATES[table]}" if UPDATES[table] else ""
    op.execute(
        f"create trigger {table}_append_only before {beside}update{columns} on {table} "
        "for each row execute function refuse_to_change_money()"
    )


def _sqlite_guard(table: str, when: str) -> str:
    return (
        f"create trigger {table}_no_delete before delete on {table} {when} begin "
        f"select raise(abort, '{table} is append-only: a correction is another row'); end"
    )

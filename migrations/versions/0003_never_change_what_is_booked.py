"""Never change what is booked: the database refuses to update or delete rows of money.

Revision: 0003, after 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BOOKED = ("ledger_entry", "settlement")
ACTS = ("update", "delete")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            create function refuse_to_change_money() returns trigger language plpgsql as $$
            begin
                raise exception '% is append-only: a correction is another row', tg_table_name;
            end $$
            """
        )
        for table in BOOKED:
            op.execute(
                f"create trigger {table}_append_only before update or delete on {table} "
                "for each row execute function refuse_to_change_money()"
            )
        return
    for table in BOOKED:
        for act in ACTS:
            op.execute(
                f"create trigger {table}_no_{act} before {act} on {table} begin "
                f"select raise(abort, '{table} is append-only: a correction is another row'); end"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in BOOKED:
            op.execute(f"drop trigger {table}_append_only on {table}")
        op.execute("drop function refuse_to_change_money()")
        return
    for table in BOOKED:
        for act in ACTS:
            op.execute(f"drop trigger {table}_no_{act}")

"""Part topics, rounds and their news by Stripe's modes, and know in which somebody was met.

What is there is of the mode that there is money in, else of the one the upgrade is run in.

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MODE = sa.Enum("sandbox", "test", "live", name="mode", native_enum=False, length=32)


def upgrade() -> None:
    now = _mode()
    for table in ("topic", "round", "news"):
        op.add_column(table, sa.Column("mode", MODE, nullable=False, server_default=now))
        if op.get_bind().dialect.name == "postgresql":
            op.alter_column(table, "mode", server_default=None)
    with op.batch_alter_table("ever_voted") as table:
        table.add_column(sa.Column("mode", MODE, nullable=False, server_default=now))
        table.drop_constraint("pk_ever_voted", type_="primary")
        table.create_primary_key("pk_ever_voted", ["day", "mode"])
    with op.batch_alter_table("ever_voted") as table:
        table.alter_column("mode", existing_type=MODE, server_default=None)
    op.add_column("person", sa.Column("met_in", MODE, nullable=True))


def downgrade() -> None:
    op.drop_column("person", "met_in")
    op.execute(sa.text("delete from ever_voted where mode <> :mode").bindparams(mode=_mode()))
    with op.batch_alter_table("ever_voted") as table:
        table.drop_constraint("pk_ever_voted", type_="primary")
        table.drop_column("mode")
        table.create_primary_key("pk_ever_voted", ["day"])
    for table in ("news", "round", "topic"):
        op.drop_column(table, "mode")


def _mode() -> str:
    """Whoever upgrades a live newsroom may do it where no key of Stripe's is set."""
    for mode in ("live", "test"):
        found = sa.text("select 1 from ledger_entry where mode = :mode limit 1")
        if op.get_bind().scalar(found, {"mode": mode}):
            return mode
    now: str = current_app.extensions["settings"].mode.value
    return now

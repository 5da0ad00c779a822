"""Count by Stripe's modes how many members ever voted.

What is there is of the mode that the upgrade is run in.

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MODE = sa.Enum("sandbox", "test", "live", name="mode", native_enum=False, length=32)


def upgrade() -> None:
    now = current_app.extensions["settings"].mode.value
    with op.batch_alter_table("ever_voted") as table:
        table.add_column(sa.Column("mode", MODE, nullable=False, server_default=now))
        table.drop_constraint("pk_ever_voted", type_="primary")
        table.create_primary_key("pk_ever_voted", ["day", "mode"])
    with op.batch_alter_table("ever_voted") as table:
        table.alter_column("mode", existing_type=MODE, server_default=None)


def downgrade() -> None:
    op.execute("delete from ever_voted where mode <> 'live'")
    with op.batch_alter_table("ever_voted") as table:
        table.drop_constraint("pk_ever_voted", type_="primary")
        table.drop_column("mode")
        table.create_primary_key("pk_ever_voted", ["day"])

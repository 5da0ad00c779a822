"""Part topics and rounds by Stripe's modes, and know in which somebody was met first.

What is there is of the mode that the upgrade is run in.

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
    now = current_app.extensions["settings"].mode.value
    for table in ("topic", "round"):
        op.add_column(table, sa.Column("mode", MODE, nullable=False, server_default=now))
        if op.get_bind().dialect.name == "postgresql":
            op.alter_column(table, "mode", server_default=None)
    op.add_column("person", sa.Column("met_in", MODE, nullable=True))


def downgrade() -> None:
    op.drop_column("person", "met_in")
    for table in ("round", "topic"):
        op.drop_column(table, "mode")

"""Retire tiers: offered no more, and kept by who has them.

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tier") as table:
        table.add_column(
            sa.Column("is_retired", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("tier") as table:
        table.alter_column("is_retired", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("tier") as table:
        table.drop_column("is_retired")

"""Say what comes with a tier.

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tier") as table:
        table.add_column(sa.Column("benefits", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("tier") as table:
        table.alter_column("benefits", existing_type=sa.JSON(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("tier") as table:
        table.drop_column("benefits")

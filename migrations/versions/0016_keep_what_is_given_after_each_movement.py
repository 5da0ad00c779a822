"""Keep with each movement what its person gives from then on, so that who gives is found at once.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("movement", sa.Column("mrr", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        """
        update movement set mrr = (
            select sum(earlier.amount) from movement as earlier
            where earlier.person_id = movement.person_id and earlier.mode = movement.mode
                and earlier.currency = movement.currency and earlier.at <= movement.at
        )
        """
    )
    op.create_index("ix_movement_mrr", "movement", ["mode", "currency", "mrr"])


def downgrade() -> None:
    op.drop_index("ix_movement_mrr", "movement")
    op.drop_column("movement", "mrr")

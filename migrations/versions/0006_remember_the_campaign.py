"""Remember which campaign a donation came from.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("donation") as donation:
        donation.add_column(sa.Column("campaign", sa.String(200)))


def downgrade() -> None:
    with op.batch_alter_table("donation") as donation:
        donation.drop_column("campaign")

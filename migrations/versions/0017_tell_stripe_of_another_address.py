"""Keep whether Stripe was told of another address: it writes its receipts to the one it knows.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("address_change", sa.Column("told_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("address_change", "told_at")

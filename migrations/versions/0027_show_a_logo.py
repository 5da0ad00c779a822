"""Keep the pictures that are or were the newsroom's logo.

Revision: 0027, after 0026
"""

import sqlalchemy as sa
from alembic import op

from membership.extensions import UTCDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "logo",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_logo")),
    )


def downgrade() -> None:
    op.drop_table("logo")

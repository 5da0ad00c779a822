"""Know by the days of which time zone sums are kept, so that another one is noticed.

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counted_by",
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("timezone", name=op.f("pk_counted_by")),
    )


def downgrade() -> None:
    op.drop_table("counted_by")

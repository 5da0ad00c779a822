"""Ask who of staff wants the week's figures by e-mail each Monday.

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without making the table anew: people are found by triggers that hang on it.
    op.add_column(
        "person",
        sa.Column("wants_monday_letter", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("person", "wants_monday_letter")

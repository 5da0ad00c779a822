"""Send letters to one person before letters to many: nobody waits for a sign-in link.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outgoing_mail") as mail:
        mail.add_column(sa.Column("bulk", sa.Boolean(), nullable=False, server_default=sa.false()))
        mail.drop_index("ix_outgoing_mail_due")
        mail.create_index("ix_outgoing_mail_due", ["state", "bulk", "next_try_at"])


def downgrade() -> None:
    with op.batch_alter_table("outgoing_mail") as mail:
        mail.drop_index("ix_outgoing_mail_due")
        mail.create_index("ix_outgoing_mail_due", ["state", "next_try_at"])
        mail.drop_column("bulk")

"""Make room for the name of any language, such as zh_Hant_TW.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("person", "donation")


def upgrade() -> None:
    _widen(8, 16)


def downgrade() -> None:
    _widen(16, 8)


def _widen(old: int, new: int) -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.alter_column("language", existing_type=sa.String(old), type_=sa.String(new))

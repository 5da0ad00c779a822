"""Find people without helpers: to start them takes PostgreSQL longer than to look.

Revision: 0019, after 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _declare("unsafe")


def downgrade() -> None:
    _declare("safe")


def _declare(kind: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"alter function trigrams(text) parallel {kind}")

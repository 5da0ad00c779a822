"""Keep the whole address of the article that a gift came from, however long its words are.

Revision: 0032, after 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

COLUMNS = {
    "donation": ("source", "first_source"),
    "movement": ("source",),
    "origin": ("source", "first_source"),
    "sum_change": ("value",),
    "daily_sum": ("value",),
}
SHORT, LONG = sa.String(200), sa.String(1000)
NOT_KNOWN = (
    "update donation set source = null where length(source) > 200",
    "update donation set first_source = null where length(first_source) > 200",
    "update movement set source = null where length(source) > 200",
    "update origin set source = null where length(source) > 200",
    "update origin set first_source = null where length(first_source) > 200",
    "update sum_change set value = '' where length(value) > 200",
    "insert into sum_change (mode, figure, currency, by, day, value, amount, people, times)"
    " select mode, figure, currency, by, day, '', amount, people, times"
    " from daily_sum where length(value) > 200",
    "delete from daily_sum where length(value) > 200",
)
"""What has no room is no longer known, and counts among what is not."""


def upgrade() -> None:
    _alter(SHORT, LONG)


def downgrade() -> None:
    for statement in NOT_KNOWN:
        op.execute(statement)
    _alter(LONG, SHORT)


def _alter(was: sa.String, becomes: sa.String) -> None:
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.alter_column(
                    name, existing_type=was, type_=becomes, existing_nullable=name != "value"
                )

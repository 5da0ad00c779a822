"""Count what articles show, by the day, and keep the first article of who gives.

Revision: 0030, after 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KNOWN = (
    "update donation set first_source = source where source is not null",
    "update origin set first_source = source where source is not null",
    "insert into daily_sum (mode, figure, currency, by, day, value, amount, people, times)"
    " select mode, figure, currency, 'first_source', day, value, amount, people, times"
    " from daily_sum where figure = 'came' and by = 'source'",
    "insert into sum_change (mode, figure, currency, by, day, value, amount, people, times)"
    " select mode, figure, currency, 'first_source', day, value, amount, people, times"
    " from sum_change where figure = 'came' and by = 'source'",
)
"""Of who gave before, the article before the gift is the first that is known."""


def upgrade() -> None:
    op.create_table(
        "article_day",
        sa.Column(
            "mode",
            sa.Enum("sandbox", "test", "live", name="mode", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("article", sa.String(length=500), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("pressed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mode", "day", "article", name=op.f("pk_article_day")),
    )
    with op.batch_alter_table("article_day") as batch:
        batch.create_index("ix_article_day_article", ["article", "day"])
    with op.batch_alter_table("topic") as batch:
        batch.create_index(batch.f("ix_topic_link"), ["link"])
    for table in ("donation", "origin"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("first_source", sa.String(length=200), nullable=True))
    for statement in KNOWN:
        op.execute(statement)


def downgrade() -> None:
    op.execute("delete from daily_sum where figure = 'came' and by = 'first_source'")
    op.execute("delete from sum_change where figure = 'came' and by = 'first_source'")
    for table in ("origin", "donation"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("first_source")
    with op.batch_alter_table("topic") as batch:
        batch.drop_index(batch.f("ix_topic_link"))
    op.drop_table("article_day")

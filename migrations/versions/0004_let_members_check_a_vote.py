"""Let members check a vote: receipts, digests, a topic's life, followers, slots, quorum.

Revision: 0004, after 0003
"""

import base64
import re
import secrets
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = (
    "proposed",
    "in_review",
    "merged",
    "declined",
    "on_ballot",
    "chosen",
    "carried_over",
    "assigned",
    "reporting",
    "published",
    "dropped",
)
STATE = sa.Enum(*STATES, name="topicstate", native_enum=False, length=32)
NEWS = sa.Enum(
    "step", "opened", "reminder", "outcome", name="newskind", native_enum=False, length=32
)
UNIT = sa.Enum("minutes", "topics", name="unit", native_enum=False, length=32)

topic = sa.table(
    "topic",
    sa.column("id", sa.Integer()),
    sa.column("title", sa.String()),
    sa.column("why", sa.String()),
    sa.column("state", sa.String()),
    sa.column("reason", sa.String()),
    sa.column("link", sa.String()),
    sa.column("created_at", MOMENT),
    sa.column("links", sa.JSON()),
    sa.column("words", sa.Text()),
    sa.column("hidden", sa.Boolean()),
)
step = sa.table(
    "topic_step",
    sa.column("topic_id", sa.Integer()),
    sa.column("state", sa.String()),
    sa.column("at", MOMENT),
    sa.column("reason", sa.String()),
    sa.column("link", sa.String()),
)
round_ = sa.table(
    "round",
    sa.column("id", sa.Integer()),
    sa.column("unit", sa.String()),
    sa.column("carried", sa.Integer()),
    sa.column("quorum", sa.Integer()),
    sa.column("created_at", MOMENT),
    sa.column("opened_at", MOMENT),
    sa.column("closes_at", MOMENT),
    sa.column("roll_salt", sa.String()),
)
round_topic = sa.table(
    "round_topic", sa.column("topic_id", sa.Integer()), sa.column("title", sa.String())
)
roll_entry = sa.table("roll_entry", sa.column("let_in", sa.Boolean()))
ballot = sa.table(
    "ballot",
    sa.column("key", sa.String()),
    sa.column("salt", sa.String()),
    sa.column("receipt", sa.String()),
)
person = sa.table("person", sa.column("wants_vote_mail", sa.Boolean()))
period = sa.table("membership_period", sa.column("contested", sa.Boolean()))


def upgrade() -> None:
    _new_tables()
    _new_columns()
    _fill()
    _settle()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("create index ix_topic_words on topic using gin (to_tsvector('simple', words))")


def _new_tables() -> None:
    op.create_table(
        "topic_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("why", sa.String(length=240), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_topic_edit_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["topic.id"],
            name=op.f("fk_topic_edit_topic_id_topic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_edit")),
    )
    op.create_index(op.f("ix_topic_edit_topic_id"), "topic_edit", ["topic_id"])
    op.create_table(
        "topic_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("state_before", STATE, nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("already", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["topic.id"], name=op.f("fk_topic_merge_source_id_topic")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["topic.id"], name=op.f("fk_topic_merge_target_id_topic")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_merge")),
    )
    op.create_index(op.f("ix_topic_merge_source_id"), "topic_merge", ["source_id"])
    op.create_index(op.f("ix_topic_merge_target_id"), "topic_merge", ["target_id"])
    op.create_table(
        "topic_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("link", sa.String(length=500), nullable=True),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_topic_step_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["topic.id"],
            name=op.f("fk_topic_step_topic_id_topic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_step")),
    )
    op.create_index(op.f("ix_topic_step_topic_id"), "topic_step", ["topic_id"])
    op.create_table(
        "follow",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["topic_merge.id"], name=op.f("fk_follow_merge_id_topic_merge")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_follow_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_follow_topic_id_topic"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic_id", "person_id", name=op.f("pk_follow")),
    )
    op.create_index(op.f("ix_follow_merge_id"), "follow", ["merge_id"])
    op.create_index(op.f("ix_follow_person_id"), "follow", ["person_id"])
    op.create_table(
        "news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", NEWS, nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=True),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_news_round_id_round"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["step_id"],
            ["topic_step.id"],
            name=op.f("fk_news_step_id_topic_step"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
        sa.UniqueConstraint("step_id", name=op.f("uq_news_step_id")),
    )
    op.create_index(op.f("ix_news_done_at"), "news", ["done_at"])


def _new_columns() -> None:
    """Empty at first: rows that are there are filled before the columns must not be."""
    for table, columns in {
        "ballot": [sa.Column("salt", sa.String(length=32)), sa.Column("receipt", sa.String(32))],
        "membership_period": [sa.Column("contested", sa.Boolean())],
        "person": [sa.Column("wants_vote_mail", sa.Boolean())],
        "roll_entry": [sa.Column("let_in", sa.Boolean())],
        "round": [
            sa.Column("unit", UNIT),
            sa.Column("carried", sa.Integer()),
            sa.Column("carried_from_id", sa.Integer()),
            sa.Column("quorum", sa.Integer()),
            sa.Column("created_at", MOMENT),
            sa.Column("opens_at", MOMENT),
            sa.Column("remind_at", MOMENT),
            sa.Column("close_reason", sa.String(length=500)),
            sa.Column("trouble", sa.String(length=500)),
            sa.Column("roll_salt", sa.String(length=32)),
            sa.Column("roll_size", sa.Integer()),
            sa.Column("roll_digest", sa.String(length=64)),
            sa.Column("terms_digest", sa.String(length=64)),
            sa.Column("ballots_digest", sa.String(length=64)),
        ],
        "round_topic": [
            sa.Column("title", sa.String(length=120)),
            sa.Column("withdrawn_at", MOMENT),
            sa.Column("withdrawn_reason", sa.String(length=500)),
        ],
        "topic": [
            sa.Column("links", sa.JSON()),
            sa.Column("words", sa.Text()),
            sa.Column("hidden", sa.Boolean()),
            sa.Column("merged_into_id", sa.Integer()),
        ],
    }.items():
        for column in columns:
            op.add_column(table, column)


def _fill() -> None:
    """What waited for an editor was called in_review, and what an editor had read proposed."""
    connection = op.get_bind()
    connection.execute(sa.update(person).values(wants_vote_mail=True))
    connection.execute(sa.update(period).values(contested=False))
    connection.execute(sa.update(roll_entry).values(let_in=False))
    swapped = sa.case(
        (topic.c.state == "proposed", "in_review"),
        (topic.c.state == "in_review", "proposed"),
        else_=topic.c.state,
    )
    connection.execute(sa.update(topic).values(state=swapped, links=[], hidden=False))
    connection.execute(
        sa.insert(step).from_select(
            ["topic_id", "state", "at", "reason", "link"],
            sa.select(topic.c.id, topic.c.state, topic.c.created_at, topic.c.reason, topic.c.link),
        )
    )
    for row in connection.execute(sa.select(topic.c.id, topic.c.title, topic.c.why)).all():
        connection.execute(
            sa.update(topic).where(topic.c.id == row.id).values(words=_words(row.title, row.why))
        )
    connection.execute(
        sa.update(round_).values(
            unit="minutes",
            carried=0,
            quorum=0,
            created_at=sa.func.coalesce(round_.c.opened_at, round_.c.closes_at),
        )
    )
    for id_ in connection.scalars(sa.select(round_.c.id)).all():
        salt = secrets.token_hex(16)
        connection.execute(sa.update(round_).where(round_.c.id == id_).values(roll_salt=salt))
    title = sa.select(topic.c.title).where(topic.c.id == round_topic.c.topic_id)
    connection.execute(sa.update(round_topic).values(title=title.scalar_subquery()))
    for key in connection.scalars(sa.select(ballot.c.key)).all():
        connection.execute(
            sa.update(ballot)
            .where(ballot.c.key == key)
            .values(salt=secrets.token_hex(16), receipt=_receipt())
        )


def _words(*texts: str) -> str:
    text = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    words = re.findall(r"\w+", re.sub("[ʼ’']", "", text))
    return f" {' '.join(words)} "


def _receipt() -> str:
    """A name for a ballot from before there were receipts; nobody was given it."""
    letters = base64.b32encode(secrets.token_bytes(15)).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _settle() -> None:
    with op.batch_alter_table("ballot", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.alter_column("salt", existing_type=sa.String(length=32), nullable=False)
        batch.alter_column("receipt", existing_type=sa.String(length=32), nullable=False)
        batch.create_unique_constraint(batch.f("uq_ballot_receipt"), ["receipt"])
    with op.batch_alter_table("membership_period") as batch:
        batch.alter_column("contested", existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("person") as batch:
        batch.alter_column("wants_vote_mail", existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("roll_entry") as batch:
        batch.alter_column("let_in", existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("round") as batch:
        batch.drop_constraint(batch.f("ck_round_budget_positive"), type_="check")
        batch.alter_column("budget_minutes", new_column_name="budget", existing_type=sa.Integer())
        batch.alter_column("unit", existing_type=UNIT, nullable=False)
        for name in ("carried", "quorum"):
            batch.alter_column(name, existing_type=sa.Integer(), nullable=False)
        batch.alter_column("created_at", existing_type=MOMENT, nullable=False)
        batch.alter_column("roll_salt", existing_type=sa.String(length=32), nullable=False)
        batch.create_unique_constraint(batch.f("uq_round_carried_from_id"), ["carried_from_id"])
        batch.create_foreign_key(
            batch.f("fk_round_carried_from_id_round"), "round", ["carried_from_id"], ["id"]
        )
    with op.batch_alter_table("round") as batch:
        batch.create_check_constraint(batch.f("ck_round_budget_positive"), "budget > 0")
        batch.create_check_constraint(
            batch.f("ck_round_carried_within_budget"), "carried >= 0 AND carried < budget"
        )
        batch.create_check_constraint(
            batch.f("ck_round_quorum_percent"), "quorum BETWEEN 0 AND 100"
        )
    with op.batch_alter_table("round_topic") as batch:
        batch.drop_constraint(batch.f("ck_round_topic_minutes_positive"), type_="check")
        batch.alter_column("minutes", new_column_name="cost", existing_type=sa.Integer())
        batch.alter_column("title", existing_type=sa.String(length=120), nullable=False)
    with op.batch_alter_table("round_topic") as batch:
        batch.create_check_constraint(batch.f("ck_round_topic_cost_positive"), "cost > 0")
    with op.batch_alter_table("topic") as batch:
        batch.alter_column("links", existing_type=sa.JSON(), nullable=False)
        batch.alter_column("words", existing_type=sa.Text(), nullable=False)
        batch.alter_column("hidden", existing_type=sa.Boolean(), nullable=False)
        batch.drop_index(batch.f("ix_topic_proposed_by_id"))
        batch.create_index("ix_topic_proposed", ["proposed_by_id", "created_at"])
        batch.create_index(batch.f("ix_topic_merged_into_id"), ["merged_into_id"])
        batch.create_foreign_key(
            batch.f("fk_topic_merged_into_id_topic"), "topic", ["merged_into_id"], ["id"]
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop index ix_topic_words")
    with op.batch_alter_table("topic") as batch:
        batch.drop_constraint(batch.f("fk_topic_merged_into_id_topic"), type_="foreignkey")
        batch.drop_index(batch.f("ix_topic_merged_into_id"))
        batch.drop_index("ix_topic_proposed")
        batch.create_index(batch.f("ix_topic_proposed_by_id"), ["proposed_by_id"])
        for name in ("merged_into_id", "hidden", "words", "links"):
            batch.drop_column(name)
    swapped = sa.case(
        (topic.c.state == "proposed", "in_review"),
        (topic.c.state == "in_review", "proposed"),
        else_=topic.c.state,
    )
    op.execute(sa.update(topic).values(state=swapped))
    with op.batch_alter_table("round_topic") as batch:
        batch.drop_constraint(batch.f("ck_round_topic_cost_positive"), type_="check")
        batch.alter_column("cost", new_column_name="minutes", existing_type=sa.Integer())
        for name in ("withdrawn_reason", "withdrawn_at", "title"):
            batch.drop_column(name)
    with op.batch_alter_table("round_topic") as batch:
        batch.create_check_constraint(batch.f("ck_round_topic_minutes_positive"), "minutes > 0")
    with op.batch_alter_table("round") as batch:
        for name in ("quorum_percent", "carried_within_budget", "budget_positive"):
            batch.drop_constraint(batch.f(f"ck_round_{name}"), type_="check")
        batch.drop_constraint(batch.f("fk_round_carried_from_id_round"), type_="foreignkey")
        batch.drop_constraint(batch.f("uq_round_carried_from_id"), type_="unique")
        batch.alter_column("budget", new_column_name="budget_minutes", existing_type=sa.Integer())
        for name in (
            "ballots_digest",
            "terms_digest",
            "roll_digest",
            "roll_size",
            "roll_salt",
            "trouble",
            "close_reason",
            "remind_at",
            "opens_at",
            "created_at",
            "quorum",
            "carried_from_id",
            "carried",
            "unit",
        ):
            batch.drop_column(name)
    with op.batch_alter_table("round") as batch:
        batch.create_check_constraint(batch.f("ck_round_budget_positive"), "budget_minutes > 0")
    with op.batch_alter_table("roll_entry") as batch:
        batch.drop_column("let_in")
    with op.batch_alter_table("person") as batch:
        batch.drop_column("wants_vote_mail")
    with op.batch_alter_table("membership_period") as batch:
        batch.drop_column("contested")
    with op.batch_alter_table("ballot", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.drop_constraint(batch.f("uq_ballot_receipt"), type_="unique")
        batch.drop_column("receipt")
        batch.drop_column("salt")
    for table in ("news", "follow", "topic_step", "topic_merge", "topic_edit"):
        op.drop_table(table)

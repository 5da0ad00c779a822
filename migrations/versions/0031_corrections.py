"""Keep what readers say is wrong in an article, and what editors made of it.

Revision: 0031, after 0030
"""

import sqlalchemy as sa
from alembic import op

from membership.extensions import UTCDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


KINDS = ("slip", "fact", "other")
STATES = ("open", "asked", "mended", "noted", "declined")


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("article", sa.String(length=500), nullable=False),
        sa.Column("article_title", sa.String(length=200), nullable=False),
        sa.Column("exact", sa.String(length=1000), nullable=False),
        sa.Column("prefix", sa.String(length=64), nullable=False),
        sa.Column("suffix", sa.String(length=64), nullable=False),
        sa.Column("paragraph", sa.String(length=2000), nullable=False),
        sa.Column("passage_key", sa.String(length=32), nullable=False),
        sa.Column("paragraph_key", sa.String(length=32), nullable=True),
        sa.Column("starts_at", sa.Integer(), nullable=True),
        sa.Column("ends_at", sa.Integer(), nullable=True),
        sa.Column("kind", _enum("kind", *KINDS), nullable=False),
        sa.Column("state", _enum("state", *STATES), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("reporters", sa.Integer(), nullable=False),
        sa.Column("said_key", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("listed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("took", sa.Integer(), nullable=True),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("now", sa.Text(), nullable=False),
        sa.Column("mode", _enum("mode", "sandbox", "test", "live"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("code", name=op.f("uq_correction_code")),
    )
    op.create_index(op.f("ix_correction_article"), "correction", ["article"])
    op.create_index("ix_correction_listed", "correction", ["listed_at", "said_key"])
    op.create_index(op.f("ix_correction_paragraph_key"), "correction", ["paragraph_key"])
    op.create_index(op.f("ix_correction_passage_key"), "correction", ["passage_key"])
    op.create_index("ix_correction_state", "correction", ["state", "decided_at"])
    op.create_table(
        "correction_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", _enum("state", *STATES), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("now", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["person.id"],
            name=op.f("fk_correction_decision_by_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["correction.id"],
            name=op.f("fk_correction_decision_correction_id_correction"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_decision")),
    )
    op.create_index(
        op.f("ix_correction_decision_correction_id"), "correction_decision", ["correction_id"]
    )
    op.create_table(
        "correction_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("exact", sa.String(length=1000), nullable=False),
        sa.Column("kind", _enum("kind", *KINDS), nullable=False),
        sa.Column("said", sa.String(length=1000), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("client", sa.String(length=32), nullable=True),
        sa.Column("answers_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answers_id"],
            ["correction_decision.id"],
            name=op.f("fk_correction_report_answers_id_correction_decision"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["correction.id"],
            name=op.f("fk_correction_report_correction_id_correction"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_report")),
    )
    op.create_index(op.f("ix_correction_report_at"), "correction_report", ["at"])
    op.create_index("ix_correction_report_client", "correction_report", ["client", "at"])
    op.create_index(
        op.f("ix_correction_report_correction_id"), "correction_report", ["correction_id"]
    )
    op.create_index("ix_correction_report_email", "correction_report", ["email", "at"])


def downgrade() -> None:
    op.drop_table("correction_report")
    op.drop_table("correction_decision")
    op.drop_table("correction")

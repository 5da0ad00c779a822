"""Ask who gives whether they may be written to, and keep what they agreed to.

Revision: 0024, after 0023
"""

import sqlalchemy as sa
from alembic import op

from membership.extensions import UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("where", sa.String(length=200), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_letter_consent_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_consent")),
    )
    op.create_index(op.f("ix_letter_consent_person_id"), "letter_consent", ["person_id"])
    op.add_column("donation", sa.Column("consent", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("donation", "consent")
    op.drop_table("letter_consent")

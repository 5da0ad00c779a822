"""Keep what the desk knows of people: notes, and letters found by whom they went to.

Revision: 0012, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_note")),
        *_people("person_note", "person_id", "by_id"),
    )
    op.create_index("ix_person_note_person_id", "person_note", ["person_id"])
    op.create_index("ix_outgoing_mail_recipient", "outgoing_mail", ["recipient"])


def downgrade() -> None:
    op.drop_index("ix_outgoing_mail_recipient", "outgoing_mail")
    op.drop_table("person_note")


def _people(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}_person"))
        for column in columns
    ]

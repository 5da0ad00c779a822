"""Keep files that are brought along, row by row, with what becomes of each.

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

from membership.extensions import UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


STATES = ("reading", "matching", "looking", "ready", "taking", "taken", "undoing", "undone")


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _enum("importkind", "members", "bank"), nullable=False),
        sa.Column("state", _enum("importstate", *STATES), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("encoding", sa.String(length=16), nullable=False),
        sa.Column("exporter", sa.String(length=32), nullable=True),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("matched", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("mode", _enum("mode", "sandbox", "test", "live"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_import_file_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    op.create_index(op.f("ix_import_file_digest"), "import_file", ["digest"])
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("fate", _enum("fate", "new", "more", "nothing", "aside", "asked"), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("about", sa.String(length=200), nullable=True),
        sa.Column("does", sa.JSON(), nullable=False),
        sa.Column("gift", sa.String(length=64), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.Column("is_taken", sa.Boolean(), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["import_file.id"],
            name=op.f("fk_import_row_import_id_import_file"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_import_row_person_id_person")
        ),
        sa.PrimaryKeyConstraint("import_id", "position", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_email", "import_row", ["email", "import_id", "position"])
    op.create_index("ix_import_row_fate", "import_row", ["import_id", "fate", "position"])
    op.create_index("ix_import_row_gift", "import_row", ["gift", "import_id", "position"])
    op.create_index(op.f("ix_import_row_person_id"), "import_row", ["person_id"])


def downgrade() -> None:
    op.drop_table("import_row")
    op.drop_table("import_file")

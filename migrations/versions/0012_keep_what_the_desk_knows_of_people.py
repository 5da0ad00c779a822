"""Keep what the desk knows of people: notes, changes of address, who is one with whom, segments.

People are found by any part of their name or address. Of what is booked, whose it is may change
from now on, and nothing else.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


LEDGER = (
    "id",
    "kind",
    "stripe_source",
    "mode",
    "parent_id",
    "subscription_id",
    "donation_id",
    "amount",
    "currency",
    "covers_from",
    "covers_until",
    "is_renewal",
    "occurred_at",
    "note",
)
"""Of a row of the ledger all but whose it is."""

SOUGHT_BY = (
    ("ix_person_language", "person", ["language"]),
    ("ix_person_wants_vote_mail", "person", ["wants_vote_mail"]),
    ("ix_subscription_amount", "subscription", ["currency", "amount", "person_id"]),
    ("ix_subscription_tier", "subscription", ["tier_id", "interval", "person_id"]),
    ("ix_subscription_ending", "subscription", ["cancel_at", "person_id"]),
    ("ix_donation_source", "donation", ["source", "person_id"]),
    ("ix_failed_payment_open", "failed_payment", ["recovered_at", "person_id"]),
    ("ix_membership_period_kind", "membership_period", ["kind", "ends_at", "person_id"]),
)
"""What the list of people is narrowed by.

Without the mode, which nearly all rows share: SQLite would take it for what narrows most."""

FOUND_BY = "lower(coalesce(name, '') || ' ' || email)"


def upgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("joined_into_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_person_joined_into_id_person"), "person", ["joined_into_id"], ["id"]
        )
    op.create_index("ix_person_joined_into_id", "person", ["joined_into_id"])
    _guard_ledger(LEDGER)
    op.create_table(
        "joining",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joining")),
        *_people("joining", "by_id", "kept_id", "gone_id"),
    )
    op.create_index("ix_joining_kept_id", "joining", ["kept_id"])
    op.create_index("ix_joining_gone_id", "joining", ["gone_id"])
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
    op.create_table(
        "address_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("old", sa.String(320), nullable=False),
        sa.Column("new", sa.String(320), nullable=False),
        sa.Column("old_hash", sa.String(64), nullable=False),
        sa.Column("new_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_change")),
        sa.UniqueConstraint("old_hash", name=op.f("uq_address_change_old_hash")),
        sa.UniqueConstraint("new_hash", name=op.f("uq_address_change_new_hash")),
        *_people("address_change", "person_id"),
    )
    op.create_index("ix_address_change_person_id", "address_change", ["person_id"])
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("name", name=op.f("uq_segment_name")),
        *_people("segment", "made_by_id"),
    )
    for name, table, columns in SOUGHT_BY:
        op.create_index(name, table, columns)
    _make_people_found()
    op.create_index("ix_outgoing_mail_recipient", "outgoing_mail", ["recipient"])


def downgrade() -> None:
    op.drop_index("ix_outgoing_mail_recipient", "outgoing_mail")
    _make_people_lost()
    for name, table, _columns in reversed(SOUGHT_BY):
        op.drop_index(name, table)
    op.drop_table("segment")
    op.drop_table("address_change")
    op.drop_table("person_note")
    op.drop_table("joining")
    _guard_ledger(())
    op.drop_index("ix_person_joined_into_id", "person")
    with op.batch_alter_table("person") as table:
        table.drop_constraint(op.f("fk_person_joined_into_id_person"), type_="foreignkey")
        table.drop_column("joined_into_id")


def _guard_ledger(columns: tuple[str, ...]) -> None:
    """Let the database refuse to change these columns of what is booked; all, if none is named."""
    its = f" of {', '.join(columns)}" if columns else ""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger ledger_entry_append_only on ledger_entry")
        op.execute(
            "create trigger ledger_entry_append_only "
            f"before delete or update{its} on ledger_entry "
            "for each row execute function refuse_to_change_money()"
        )
        return
    op.execute("drop trigger ledger_entry_no_update")
    op.execute(
        f"create trigger ledger_entry_no_update before update{its} on ledger_entry begin "
        "select raise(abort, 'ledger_entry is append-only: a correction is another row'); end"
    )


def _people(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}_person"))
        for column in columns
    ]


def _make_people_found() -> None:
    """By any part of a name or an address, with what each database brings along.

    On SQLite whoever makes the table `person` anew must make these triggers anew.
    """
    if op.get_bind().dialect.name == "postgresql":
        # Its cost is as it is, so that the index is asked rather than a million people walked.
        op.execute(
            """
            create function trigrams(words text) returns text[]
            language sql immutable strict parallel safe cost 1000 as $$
                select array_agg(substr(words, place, 3))
                from generate_series(1, length(words) - 2) as place
            $$
            """
        )
        op.execute(
            f"create index person_search_trigrams on person using gin (trigrams({FOUND_BY}))"
        )
        op.execute("create index person_search_name on person (lower(name) text_pattern_ops)")
        op.execute("create index person_search_address on person (email text_pattern_ops)")
        return
    op.execute("create index person_search_name on person (name)")
    op.execute(
        "create virtual table person_search using fts5"
        "(name, email, content='person', content_rowid='id', tokenize='trigram')"
    )
    op.execute("insert into person_search (person_search) values ('rebuild')")
    forget = (
        "insert into person_search (person_search, rowid, name, email) "
        "values ('delete', old.id, old.name, old.email);"
    )
    learn = "insert into person_search (rowid, name, email) values (new.id, new.name, new.email);"
    for when, what in (
        ("insert", learn),
        ("delete", forget),
        ("update of name, email", forget + learn),
    ):
        name = f"person_search_{when.split()[0]}"
        op.execute(f"create trigger {name} after {when} on person begin {what} end")


def _make_people_lost() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for index in ("person_search_address", "person_search_name", "person_search_trigrams"):
            op.execute(f"drop index {index}")
        op.execute("drop function trigrams")
        return
    for act in ("update", "delete", "insert"):
        op.execute(f"drop trigger person_search_{act}")
    op.execute("drop table person_search")
    op.execute("drop index person_search_name")

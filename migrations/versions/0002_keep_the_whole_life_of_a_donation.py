"""Keep the whole life of a donation: what payments cover, fees, disputes, settlements.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
donation = sa.table("donation", sa.column("tries", sa.Integer()))
period = sa.table(
    "membership_period",
    sa.column("source", sa.String()),
    sa.column("number", sa.Integer()),
    sa.column("paid_until", MOMENT),
)
subscription = sa.table(
    "subscription",
    sa.column("id", sa.Integer()),
    sa.column("stripe_id", sa.String()),
    sa.column("stripe_customer", sa.String()),
    sa.column("is_paused", sa.Boolean()),
    sa.column("paid_until", MOMENT),
)
failed = sa.table(
    "failed_payment",
    sa.column("subscription_id", sa.Integer()),
    sa.column("stripe_customer", sa.String()),
)
entry = sa.table(
    "ledger_entry",
    sa.column("id", sa.Integer()),
    sa.column("kind", sa.String()),
    sa.column("subscription_id", sa.Integer()),
    sa.column("occurred_at", MOMENT),
    sa.column("covers_from", MOMENT),
    sa.column("covers_until", MOMENT),
)


def upgrade() -> None:
    op.create_table(
        "invoice_payment",
        sa.Column("stripe_payment_intent", sa.String(length=255), nullable=False),
        sa.Column("stripe_invoice", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("stripe_payment_intent", name=op.f("pk_invoice_payment")),
    )
    with op.batch_alter_table("invoice_payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_payment_stripe_invoice"), ["stripe_invoice"], unique=False
        )

    op.create_table(
        "reconcile_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("sandbox", "test", "live", name="mode", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("is_dry", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconcile_run")),
    )
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stripe_id", sa.String(length=255), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("sandbox", "test", "live", name="mode", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entry.id"], name=op.f("fk_dispute_entry_id_ledger_entry")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_dispute_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_dispute_stripe_id")),
    )
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispute_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispute_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispute_status"), ["status"], unique=False)

    op.create_table(
        "settlement",
        sa.Column("stripe_id", sa.String(length=255), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("sandbox", "test", "live", name="mode", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("gross", sa.Integer(), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("net", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("exchange_rate", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_on", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entry.id"], name=op.f("fk_settlement_entry_id_ledger_entry")
        ),
        sa.PrimaryKeyConstraint("stripe_id", name=op.f("pk_settlement")),
    )
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlement_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_settlement_when", ["mode", "created_at"], unique=False)

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("donation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("processing_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("client", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("visitor", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=True))
        batch_op.create_index("ix_donation_client", ["client", "created_at"], unique=False)
        batch_op.create_index("ix_donation_visitor", ["visitor", "created_at"], unique=False)

    with op.batch_alter_table("failed_payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stripe_customer", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("pay_at", sa.Text(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_failed_payment_stripe_customer"), ["stripe_customer"], unique=False
        )

    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("covers_from", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("covers_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(length=300), nullable=True))
        batch_op.create_index(batch_op.f("ix_ledger_entry_parent_id"), ["parent_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_ledger_entry_parent_id_ledger_entry"),
            "ledger_entry",
            ["parent_id"],
            ["id"],
        )

    with op.batch_alter_table("membership_period", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_membership_period_source"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_membership_period_source_number"), ["source", "number"]
        )

    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cancel_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("cancel_feedback", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("is_paused", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("resumes_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("paid_until", sa.DateTime(timezone=True), nullable=True))

    _fill()
    with op.batch_alter_table("donation") as batch_op:
        batch_op.alter_column("tries", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("failed_payment") as batch_op:
        batch_op.alter_column("stripe_customer", existing_type=sa.String(255), nullable=False)
    with op.batch_alter_table("membership_period") as batch_op:
        batch_op.alter_column("number", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("subscription") as batch_op:
        batch_op.alter_column("is_paused", existing_type=sa.Boolean(), nullable=False)


def _fill() -> None:
    """Give what is there already what it would have been given."""
    op.execute(sa.update(donation).values(tries=0))
    op.execute(sa.update(period).values(number=1))
    op.execute(
        sa.update(subscription).values(
            is_paused=False,
            paid_until=sa.select(period.c.paid_until)
            .where(period.c.source == subscription.c.stripe_id)
            .scalar_subquery(),
        )
    )
    op.execute(
        sa.update(failed).values(
            stripe_customer=sa.select(subscription.c.stripe_customer)
            .where(subscription.c.id == failed.c.subscription_id)
            .scalar_subquery()
        )
    )
    _fill_what_charges_cover()


def _fill_what_charges_cover() -> None:
    """Each charge up to the next one of its subscription, the last up to what is paid."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(entry.c.id, entry.c.subscription_id, entry.c.occurred_at)
        .where(entry.c.kind == "charge", entry.c.subscription_id.is_not(None))
        .order_by(entry.c.subscription_id, entry.c.occurred_at.desc(), entry.c.id.desc())
    ).all()
    paid = dict(connection.execute(sa.select(subscription.c.id, subscription.c.paid_until)).all())
    for entry_id, subscription_id, occurred_at in rows:
        until = paid[subscription_id] or occurred_at
        connection.execute(
            sa.update(entry)
            .where(entry.c.id == entry_id)
            .values(covers_from=occurred_at, covers_until=until)
        )
        paid[subscription_id] = occurred_at


def downgrade() -> None:
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_column("paid_until")
        batch_op.drop_column("resumes_at")
        batch_op.drop_column("is_paused")
        batch_op.drop_column("cancel_feedback")
        batch_op.drop_column("cancel_at")

    op.execute(sa.delete(period).where(period.c.number > 1))
    with op.batch_alter_table("membership_period", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_membership_period_source_number"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_membership_period_source"), ["source"])
        batch_op.drop_column("number")

    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_ledger_entry_parent_id_ledger_entry"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_ledger_entry_parent_id"))
        batch_op.drop_column("note")
        batch_op.drop_column("covers_until")
        batch_op.drop_column("covers_from")
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("failed_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_failed_payment_stripe_customer"))
        batch_op.drop_column("pay_at")
        batch_op.drop_column("reason")
        batch_op.drop_column("stripe_customer")

    with op.batch_alter_table("donation", schema=None) as batch_op:
        batch_op.drop_index("ix_donation_visitor")
        batch_op.drop_index("ix_donation_client")
        batch_op.drop_column("tries")
        batch_op.drop_column("visitor")
        batch_op.drop_column("client")
        batch_op.drop_column("failed_at")
        batch_op.drop_column("processing_at")

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("deleted_at")

    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.drop_index("ix_settlement_when")
        batch_op.drop_index(batch_op.f("ix_settlement_entry_id"))

    op.drop_table("settlement")
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispute_status"))
        batch_op.drop_index(batch_op.f("ix_dispute_person_id"))
        batch_op.drop_index(batch_op.f("ix_dispute_entry_id"))

    op.drop_table("dispute")
    op.drop_table("reconcile_run")
    with op.batch_alter_table("invoice_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_payment_stripe_invoice"))

    op.drop_table("invoice_payment")

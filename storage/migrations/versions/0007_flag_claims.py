"""Which flags name which claim, so that those on one claim are found by index, however many there are."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "flag_claims",
        sa.Column("claim", _TEXT, nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flags.id"], name=op.f("fk_flag_claims_flag_id")),
        sa.PrimaryKeyConstraint("claim", "flag_id", name=op.f("pk_flag_claims")),
    )
    _fill()
    op.create_index(op.f("ix_flag_claims_flag_id"), "flag_claims", ["flag_id"])
    op.create_index("ix_flag_claims_state", "flag_claims", ["claim", "state", "flag_id"])
    op.create_index("ix_flag_claims_state_rank", "flag_claims", ["claim", "state", "rank", "flag_id"])


def _fill() -> None:
    """The claims of the flags that are there, a batch at a time."""
    connection = op.get_bind()
    flags = sa.table("flags", sa.column("id"), sa.column("claims"))
    states = sa.table("flag_states", *(sa.column(name) for name in ("flag_id", "state", "rank")))
    named = sa.table("flag_claims", *(sa.column(name) for name in ("claim", "flag_id", "state", "rank")))
    some = (
        sa.select(flags.c.id, flags.c.claims, states.c.state, states.c.rank)
        .join(states, states.c.flag_id == flags.c.id)
        .order_by(flags.c.id)
        .limit(_BATCH)
    )
    last = 0
    while rows := connection.execute(some.where(flags.c.id > last)).all():
        found = [
            {"claim": claim, "flag_id": row.id, "state": row.state, "rank": row.rank}
            for row in rows
            for claim in sorted({_plain(name) for name in json.loads(row.claims)})
        ]
        if found:
            connection.execute(sa.insert(named), found)
        last = rows[-1].id


def _plain(name: str) -> str:
    """The name with what cannot be stored everywhere made visible."""
    return "".join(f"\\u{ord(sign):04x}" if sign == "\0" or "\ud800" <= sign <= "\udfff" else sign for sign in name)


def downgrade() -> None:
    op.drop_table("flag_claims")

"""When each flag is due, and what a search looks at in it, beside where it stands.

What is searched is folded as this version folds it: a later one that folds otherwise has to fold all of it anew.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

from domain.folding import words_in
from domain.values import value_from_json, value_words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DAYS = {0: 1, 1: 3, 2: 14, 3: 30}
"""How long a flag may stay open, by its rank."""

_BATCH = 1_000


def upgrade() -> None:
    op.add_column("flag_states", sa.Column("due", _TEXT, nullable=False, server_default=""))
    op.add_column("flag_states", sa.Column("words", _TEXT, nullable=False, server_default=""))
    _fill()
    op.create_index("ix_flag_states_due", "flag_states", ["state", "due", "case"])
    op.create_index("ix_flag_states_state_flag", "flag_states", ["state", "flag_id"])


def _fill() -> None:
    connection = op.get_bind()
    texts = ("claims", "fact", "source", "before", "after", "quote_before", "quote_after", "detail")
    flags = sa.table("flags", *map(sa.column, ("id", "opened_at", *texts)))
    states = sa.table("flag_states", *map(sa.column, ("flag_id", "rank", "due", "words")))
    desk = sa.table("flag_desk", *map(sa.column, ("flag_id", "due_at")))
    some = (
        sa.select(flags, states.c.rank, desk.c.due_at)
        .join(states, states.c.flag_id == flags.c.id)
        .join(desk, desk.c.flag_id == flags.c.id, isouter=True)
        .order_by(flags.c.id)
        .limit(_BATCH)
    )
    change = (
        sa.update(states)
        .where(states.c.flag_id == sa.bindparam("number"))
        .values(due=sa.bindparam("day"), words=sa.bindparam("said"))
    )
    last = 0
    while rows := connection.execute(some.where(flags.c.id > last)).all():
        connection.execute(change, [{"number": row.id, "day": _due(row), "said": _words(row)} for row in rows])
        last = rows[-1].id


def _due(row: sa.Row[tuple[object, ...]]) -> str:
    """The day set for the flag, else what its harm allows."""
    if row.due_at is not None:
        return str(row.due_at)
    moment = datetime.fromisoformat(row.opened_at) + timedelta(days=_DAYS[row.rank])
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _words(row: sa.Row[tuple[object, ...]]) -> str:
    values = [value_words(value_from_json(json.loads(text))) for text in (row.before, row.after) if text is not None]
    texts = (row.fact or "", row.source, *json.loads(row.claims), row.quote_before, row.quote_after, row.detail)
    return words_in((str(row.id), *texts, *values))


def downgrade() -> None:
    op.drop_index("ix_flag_states_state_flag", "flag_states")
    op.drop_index("ix_flag_states_due", "flag_states")
    op.drop_column("flag_states", "words")
    op.drop_column("flag_states", "due")

"""All that hangs on a person, whichever room has it: so that undoing what was brought along takes
nobody away of whom there is anything else.
"""

from collections.abc import Set

import sqlalchemy as sa

from membership.extensions import Model
from membership.history import upkeep

FOLLOWS = {derived.table.__tablename__ for derived in upkeep.DERIVED}
"""Tables of what is worked out from facts: it goes with them."""


def hanging(*, but: Set[str] = frozenset()) -> list[tuple[sa.Table, sa.Column[int]]]:
    """Every column there is that names a person, but in the tables `but` and what follows from
    facts.
    """
    return [
        (table, column)
        for table in Model.metadata.sorted_tables
        if table.name not in FOLLOWS | but
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    ]

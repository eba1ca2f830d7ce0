"""Who was told of by name: a name counts for the one sender who bore it from the first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from resources.base.database.tables import names_borne, told_names


@dataclass(frozen=True)
class NameBorne:
    """A name that a sender has borne, as digests. Never shown.

    Attributes:
        sender: by the marker's digest of the sender.
        name: by the marker's digest of the name; `""` for none, or one that is not known.
        first_day: of the sender's first entry under that name.
        from_first: whether nothing was known of the sender before the export with that name.
    """

    sender: str = field(repr=False)
    name: str = field(repr=False)
    first_day: date
    from_first: bool


def senders_told(told_on: Mapping[str, date], borne: Iterable[NameBorne]) -> Mapping[str, date]:
    """The day by which a sender was told, of those to whom a name that was told of belongs.

    A name is nobody's for good once two senders have borne it, whenever they did: nobody knows
    which was meant. Whoever came under another name, or under two at once, has not become somebody
    else by taking the name on.

    Args:
        told_on: day of the notice, by name.
        borne: every name that anybody of the group has borne, in any order.
    """
    by_name: dict[str, list[NameBorne]] = defaultdict(list)
    by_sender: dict[str, list[NameBorne]] = defaultdict(list)
    for one in borne:
        by_name[one.name].append(one)
        by_sender[one.sender].append(one)
    return {
        bearers[0].sender: day
        for name, day in told_on.items()
        if len(bearers := by_name[name]) == 1
        and bearers[0].from_first
        and not any(
            other.from_first or other.first_day <= bearers[0].first_day
            for other in by_sender[bearers[0].sender]
            if other is not bearers[0]
        )
    }


def note_names(
    connection: sa.Connection,
    group_ref: str,
    borne: Mapping[tuple[str, str], date],
    key_check: str,
) -> None:
    """Note who bears which name; what is known stays, with its earliest day.

    Args:
        connection: of a transaction that holds the group.
        group_ref: the group.
        borne: first day in one export, by digests of sender and name.
        key_check: of the member key.
    """
    if not borne:
        return
    known = set(
        connection.execute(
            sa.select(names_borne.c.sender).where(names_borne.c.group_ref == group_ref)
        ).scalars()
    )
    statement = insert(names_borne).values(
        [
            {
                "group_ref": group_ref,
                "sender": sender,
                "name": name,
                "first_day": day,
                "from_first": sender not in known,
                "key_check": key_check,
            }
            # In one order, so that two runs never wait for each other.
            for (sender, name), day in sorted(borne.items())
        ]
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["group_ref", "sender", "name"],
            set_={"first_day": statement.excluded.first_day},
            where=statement.excluded.first_day < names_borne.c.first_day,
        )
    )


def names_noted(connection: sa.Connection, group_ref: str) -> list[NameBorne]:
    """Every name that anybody of the group has borne."""
    rows = connection.execute(sa.select(names_borne).where(names_borne.c.group_ref == group_ref))
    return [NameBorne(one.sender, one.name, one.first_day, one.from_first) for one in rows]


def note_told(
    connection: sa.Connection,
    group_ref: str,
    names: Collection[str],
    day: date,
    key_check: str,
) -> None:
    """Note by digests of names who was told; what is known of an earlier notice stays."""
    row = {"group_ref": group_ref, "told_on": day, "key_check": key_check}
    statement = insert(told_names).values([row | {"name": one} for one in sorted(names)])
    earlier = sa.func.least(told_names.c.told_on, statement.excluded.told_on)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["group_ref", "name"], set_={"told_on": earlier}
        )
    )


def forget_told(connection: sa.Connection, group_ref: str, names: Collection[str]) -> int:
    """Take back what `note_told` noted: of these names, or of all where none is given."""
    where = told_names.c.group_ref == group_ref
    if names:
        where &= told_names.c.name.in_(names)
    return connection.execute(told_names.delete().where(where)).rowcount


def delete_names(connection: sa.Connection, group_ref: str) -> None:
    """Delete both, of a group that has left."""
    for table in (told_names, names_borne):
        connection.execute(table.delete().where(table.c.group_ref == group_ref))

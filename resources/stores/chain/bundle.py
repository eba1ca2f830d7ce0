# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""An audit bundle: what was recorded in a time, and the proof of it, for an auditor who is offline.

Of rows outside the time it has the commitments alone, which tell nothing. Of what members said it
has the batches, and nothing that opens them.
"""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage
import sqlalchemy as sa

from assets.core.errors import SetupError, refuse_as
from resources.base.database.as_recorded import AS_RECORDED, rows_as_recorded
from resources.base.database.connection import Database
from resources.base.database.tables import (
    CHAINED,
    chain_entries,
    chain_heads,
    chain_links,
    chain_openings,
    chain_waiting,
    ledger,
    member_batches,
    release_people,
    settings_events,
)
from resources.stores.chain.proof import SUMS, Opening, between
from resources.stores.ledger import Kind

VERIFIER = "verify_bundle.py"
_CRATE = "ro-crate-metadata.json"


def bundle_files(
    database: Database,
    first: date,
    last: date,
    published: Iterable[tuple[str, str]],
    program: Mapping[str, Any],
) -> dict[str, bytes]:
    """The files of a bundle by their paths, as of one moment.

    Args:
        database: in the auditor's role.
        first: rows that were chained after the last head before this day are in it.
        last: and up to the first head after this day.
        published: heads in the manifests of releases, pairs of ISO date and head.
        program: what the program says of itself: version and digests of models.
    """
    files: dict[str, bytes] = {"program.json": _json(program)}
    with database.transaction() as connection:
        connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(AS_RECORDED)
        openings = [
            Opening(row.day.isoformat(), row.number, row.batch, bytes(row.nonce))
            for row in connection.execute(sa.select(chain_openings))
        ]
        of_time = between(openings, first.isoformat(), last.isoformat())
        opened: dict[int, dict[str, str]] = {}
        for table in CHAINED:
            shown = []
            for row in _rows(connection, table, *of_time):
                of_row = {"table": table.fullname}
                if not _is_closed(table, row.content):
                    shown.append({"key": row.row_key, "content": row.content})
                    of_row |= {"key": row.row_key, "salt": bytes(row.salt).hex()}
                opened[row.entry] = of_row
            files[f"rows/{table.fullname}.jsonl"] = _lines(shown)
        tables = {
            "entries": (chain_entries, ("entry", "commitment")),
            "links": (chain_links, ("number", "entry", "before", "link")),
            "batches": (member_batches, ("number", "commitments", "before", "link")),
            "openings": (chain_openings, ("day", "number", "batch", "nonce")),
            "heads": (chain_heads, ("day", "head")),
            "waiting": (chain_waiting, ("entry",)),
        }
        for name, (table, columns) in tables.items():
            query = sa.select(*(table.c[one] for one in columns)).order_by(table.c[columns[0]])
            files[f"chain/{name}.jsonl"] = _lines(
                {**_plain(row), **opened.get(row.entry if name == "entries" else -1, {})}
                for row in connection.execute(query)
            )
    files["chain/published_heads.jsonl"] = _lines(
        {"day": day, "head": head} for day, head in published
    )
    files["time.json"] = _json({"first": first.isoformat(), "last": last.isoformat()})
    files[VERIFIER] = Path(__file__).with_name("proof.py").read_bytes()
    files[_CRATE] = _crate(files, first, last)
    files[SUMS] = "".join(
        f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files, key=Path)
    ).encode()
    return files


def sealed_bundle(files: Mapping[str, bytes], recipient: str) -> bytes:
    """The files as a tar, sealed to an auditor's public key of age; never open on a disk.

    Raises:
        SetupError: `RECIPIENT_INVALID`.
    """
    with refuse_as(SetupError("RECIPIENT_INVALID"), pyrage.RecipientError):
        known = pyrage.x25519.Recipient.from_str(recipient)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"audit-bundle/{name}")
            member.size, member.mode = len(content), 0o600
            tar.addfile(member, io.BytesIO(content))
    return pyrage.encrypt(packed.getvalue(), [known])


def _is_closed(table: sa.Table, content: str) -> bool:
    """Whether a row is in a bundle by its commitment alone.

    What people's pass phrases are checked against is, and how many of a group said something.
    """
    member = Kind.MEMBER_EVENTS_DELETED.value
    return table is release_people or (table is ledger and json.loads(content)["kind"] == member)


def _rows(connection: sa.Connection, table: sa.Table, after: int, up_to: int) -> Iterator[sa.Row]:
    """A table's rows that were linked within these numbers; of settings, all."""
    query = sa.text(
        "SELECT there.row_key, there.content, made.entry, made.salt"  # noqa: S608  (names of ours)
        f" FROM {rows_as_recorded(table)} AS there JOIN restricted.chain_entries AS made"
        " ON made.of_table = :name AND made.of_row = there.of_row"
        " JOIN restricted.chain_links AS linked ON linked.entry = made.entry"
        " WHERE :all OR (linked.number > :after AND linked.number <= :up_to)"
        " ORDER BY made.entry"
    )
    every = table is settings_events
    values = {"after": after, "up_to": up_to, "name": table.fullname, "all": every}
    yield from connection.execute(query, values)


def _plain(row: sa.Row) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return value.hex() if isinstance(value, bytes) else value

    read = {
        name: bytes(one) if isinstance(one, memoryview) else one
        for name, one in row._mapping.items()
    }
    return {name: plain(one) for name, one in read.items()}


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row, sort_keys=True)}\n" for row in rows).encode()


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()


def _crate(files: Mapping[str, bytes], first: date, last: date) -> bytes:
    """What the bundle is, as an RO-Crate says it (researchobject.org, RO-Crate 1.1)."""
    parts = [{"@id": name} for name in files]
    described = [
        {
            "@id": name,
            "@type": "File",
            "contentSize": str(len(content)),
            "sha256": sha256(content).hexdigest(),
            "encodingFormat": "text/x-python" if name == VERIFIER else "application/json",
        }
        for name, content in files.items()
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": "Tideline audit bundle",
        "description": (
            "What was recorded of consents, releases, settings and deletions, with the hash chain"
            f" that proves it. Run python3 {VERIFIER} in this folder. Restricted: for the auditor"
            " that it was sealed to, and nobody else."
        ),
        "temporalCoverage": f"{first.isoformat()}/{last.isoformat()}",
        "datePublished": last.isoformat(),
        "license": "Not to be passed on.",
        "conditionsOfAccess": "The auditor that it was sealed to.",
        "hasPart": parts,
    }
    about = {
        "@id": _CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    context = "https://w3id.org/ro/crate/1.1/context"
    return _json({"@context": context, "@graph": [about, root, *described]})

"""The tables of Tideline: schema `restricted` left of the wall, schema `release` right of it.

No column can hold text of a message, an author, a group title or a file name.
"""

from sqlalchemy import Connection, text

from resources.base.database.tables.chain import (
    chain_entries,
    chain_heads,
    chain_links,
    chain_openings,
    chain_waiting,
    member_batches,
    member_salts,
    member_waiting,
    row_digests,
    settings_events,
)
from resources.base.database.tables.collection import (
    counted_exports,
    export_reports,
    faults,
    gate_verdicts,
    group_days,
    layer_failures,
    notices,
    refused_removals,
    removed_words,
    scrubbed_messages,
)
from resources.base.database.tables.columns import metadata
from resources.base.database.tables.corrections import (
    release_approvals,
    release_people,
    release_requests,
)
from resources.base.database.tables.evidence import evidence, evidence_cards
from resources.base.database.tables.incidents import incident_events
from resources.base.database.tables.leaving import exports_going, leaving_requests
from resources.base.database.tables.portal import portal_consents, portal_taken
from resources.base.database.tables.pulse import pulse_answers, pulse_values
from resources.base.database.tables.register import (
    consent_chats,
    consent_events,
    consent_renewals,
    consent_terms,
    earlier_consents,
    home,
    member_events,
    names_borne,
    seen_senders,
    told_names,
)
from resources.base.database.tables.release import (
    ledger,
    method_breaks,
    method_shadows,
    noisy_draws,
    regional_values,
    release_reasons,
    release_steps,
    retractions,
)
from resources.base.database.tables.requests import (
    member_answers,
    member_requests,
    requests_done,
)
from resources.base.database.tables.reviewed import reviewed_facts
from resources.base.database.tables.scores import group_scores, rescorings, score_revisions, vectors

APPEND_ONLY = (
    consent_chats,
    consent_events,
    consent_renewals,
    consent_terms,
    earlier_consents,
    counted_exports,
    evidence,
    evidence_cards,
    incident_events,
    leaving_requests,
    portal_consents,
    portal_taken,
    faults,
    notices,
    ledger,
    rescorings,
    group_days,
    release_steps,
    noisy_draws,
    release_reasons,
    regional_values,
    retractions,
    method_breaks,
    method_shadows,
    release_people,
    release_requests,
    release_approvals,
    pulse_values,
    reviewed_facts,
    settings_events,
    chain_entries,
    chain_links,
    chain_openings,
    chain_heads,
    member_batches,
    row_digests,
)
"""Rows of these are never changed or deleted: a trigger refuses it."""

DELETED_WHEN_DUE = (member_events,)
"""Rows of these are never changed, and deleted only by who says that they are due (`when_due`)."""

CHAINED = (
    consent_events,
    consent_terms,
    consent_renewals,
    earlier_consents,
    consent_chats,
    leaving_requests,
    portal_consents,
    portal_taken,
    incident_events,
    settings_events,
    ledger,
    rescorings,
    release_steps,
    noisy_draws,
    release_reasons,
    method_shadows,
    release_people,
    release_requests,
    release_approvals,
    pulse_values,
    regional_values,
    retractions,
    method_breaks,
    reviewed_facts,
    evidence,
    evidence_cards,
)
"""The hash chain commits to each row of these. Columns are only ever added, empty for old rows."""

WRITTEN_BY_TRIGGERS = (
    chain_entries,
    chain_links,
    chain_waiting,
    chain_openings,
    chain_heads,
    member_salts,
    member_waiting,
    member_batches,
    row_digests,
)
"""The hash chain itself: no role may write it."""

DIGESTED = (regional_values, retractions, method_breaks, reviewed_facts, evidence_cards)
"""What public code reads: a digest of each row shows whether it is as it was."""

KEPT_FOR_A_TIME = (
    gate_verdicts,
    refused_removals,
    layer_failures,
    removed_words,
    scrubbed_messages,
)
"""Counts of scrubbing: their rows go at the end of the scores' lifetime."""

__all__ = [
    "APPEND_ONLY",
    "CHAINED",
    "DELETED_WHEN_DUE",
    "DIGESTED",
    "KEPT_FOR_A_TIME",
    "WRITTEN_BY_TRIGGERS",
    "chain_entries",
    "chain_heads",
    "chain_links",
    "chain_openings",
    "chain_waiting",
    "consent_chats",
    "consent_events",
    "consent_renewals",
    "consent_terms",
    "counted_exports",
    "earlier_consents",
    "evidence",
    "evidence_cards",
    "export_reports",
    "exports_going",
    "faults",
    "gate_verdicts",
    "group_days",
    "group_scores",
    "home",
    "incident_events",
    "layer_failures",
    "leaving_requests",
    "ledger",
    "member_answers",
    "member_batches",
    "member_events",
    "member_requests",
    "member_salts",
    "member_waiting",
    "metadata",
    "method_breaks",
    "method_shadows",
    "names_borne",
    "noisy_draws",
    "notices",
    "portal_consents",
    "portal_taken",
    "pulse_answers",
    "pulse_values",
    "refused_removals",
    "regional_values",
    "release_approvals",
    "release_people",
    "release_reasons",
    "release_requests",
    "release_steps",
    "removed_words",
    "requests_done",
    "rescorings",
    "retractions",
    "reviewed_facts",
    "row_digests",
    "score_revisions",
    "scrubbed_messages",
    "seen_senders",
    "settings_events",
    "told_names",
    "vectors",
    "when_due",
]


def when_due(connection: Connection) -> None:
    """Allow the transaction to delete rows of `DELETED_WHEN_DUE`."""
    connection.execute(text("SET LOCAL tideline.due = 'on'"))

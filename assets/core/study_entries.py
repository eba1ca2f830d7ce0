"""The entries of a study register, and what each stops while it does not stand: the one table."""

from collections.abc import Mapping
from enum import StrEnum


class Action(StrEnum):
    """What the register can stop."""

    COLLECT = "collect"
    PUBLISH = "publish"


_COLLECT = frozenset({Action.COLLECT})
_PUBLISH = frozenset({Action.PUBLISH})
_BOTH = _COLLECT | _PUBLISH

STOPS: Mapping[str, frozenset[Action]] = {
    "need_and_benefit": _COLLECT,
    "alternatives": _COLLECT,
    "quality_plan": _PUBLISH,
    "peer_review": _PUBLISH,
    "controller_and_sponsor": _COLLECT,
    "contact": _PUBLISH,
    "lawful_basis": _COLLECT,
    "article_9_condition": _COLLECT,
    "article_84_safeguards": _COLLECT,
    "dpia": _COLLECT,
    "ethics": _COLLECT,
    "platform_permission": _COLLECT,
    "notice": _COLLECT,
    "scopes": _COLLECT,
    "retention": _COLLECT,
    "recipients": _COLLECT,
    "minors": _COLLECT,
    # Harm can come of reading and of a line that is shown.
    "risks_and_harms": _BOTH,
    "safeguarding": _COLLECT,
    "engagement": _PUBLISH,
    "communications": _PUBLISH,
    "development_plan": _PUBLISH,
    # Without people who may approve, nothing is approved.
    "roles": _BOTH,
}
"""By entry, in the order in which they are filled in."""

PULSE = "pulse"
PULSE_SURVEYS = "pulse_surveys"
"""The use that it is for, among the `uses` of `scopes`."""

DISTRIBUTED_PROCESSING = "distributed_processing"

GROUP_SHARDS = "group_shards"

OPTIONAL = (PULSE, DISTRIBUTED_PROCESSING, GROUP_SHARDS)
"""Entries that a register may do without: what each is for is off until it stands, and no more."""

ENTRIES = (*STOPS, *OPTIONAL)

REGISTER = "register"
"""Stands for the register as a whole, where no entry is to blame."""

CLAIMS = (
    "stores_nothing",
    "deleted_at_once",
    "anonymous",
    "read_once_a_day",
    "figure_for_each_day",
    "no_place_names_kept",
    "somebody_watches_over",
    "figures_withdrawn",
    "no_ai",
    "no_record_of_people",
    "exact_figures",
    "only_new_messages",
    "stays_on_our_machine",
    "never_linked",
    "only_who_agreed",
)
"""What a notice may say to members that may not be so."""

PROMISES = (
    "exports_deleted_within_days",
    "scores_deleted_within_days",
    "sender_digests_deleted_within_days",
    "surveys_deleted_within_days",
    "days_to_object",
)
"""Numbers of days that a notice may promise."""

TOLD = (
    "controller_and_contact",
    "purpose",
    "what_is_read",
    "lawful_basis",
    "retention",
    "recipients",
    "how_to_object",
    "how_to_complain",
    "nobody_reads_this",
)
"""What a notice has to say."""

DETAILS = frozenset({*CLAIMS, *PROMISES, *TOLD})
"""What may stand behind an entry's name."""

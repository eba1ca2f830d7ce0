"""What a notice may not claim: each claim beside what `home.yaml` and the program make of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from assets.released.method import METHODS
from resources.base.home import HomeConfig
from resources.stores.study.entry_forms import Notice, Scopes

OPENED_ON_ARRIVAL = True
"""`orchestration.sensors` asks for a run whenever a file has come, beside the one each morning."""

EXPORTS_HOLD_HISTORY = True
"""An export is the whole chat; all of it is parsed in memory, and days without consent dropped
(`assets.restricted.collection`)."""

SOMEBODY_READS = False
"""No command, page or log shows a message (docs/threat-model.md)."""

PUBLISHED_FOR_EVER = True
"""A group that leaves takes nothing out of what was drawn (`resources.stores.leaving`)."""


@dataclass(frozen=True)
class Facts:
    """What claims are held against."""

    config: HomeConfig
    models: Mapping[str, str]
    scopes: Scopes | None
    read_on: str = "one_machine"

    @property
    def keeps_something(self) -> bool:
        """Whether anything of a group waits on disk, for however short a time."""
        kept = self.config
        return any((kept.inbox_lifetime_days, kept.score_lifetime_days, kept.survey_lifetime_days))

    @property
    def inbox_is_elsewhere(self) -> bool:
        """Whether exports lie on another machine until they are read."""
        scheme, found, _ = self.config.inbox.partition("://")
        return bool(found) and scheme not in {"file", "local"}

    @property
    def stays_here(self) -> bool:
        """Whether exports lie, and are opened, on this machine alone."""
        return not self.inbox_is_elsewhere and self.read_on == "one_machine"


@dataclass(frozen=True)
class Claim:
    """One thing that a notice may say.

    Attributes:
        says: what the text says, in words.
        is_so: whether that is so in a home.
        truth: what is so where it is not.
    """

    says: str
    is_so: Callable[[Facts], bool]
    truth: str


CLAIMS: Mapping[str, Claim] = {
    "stores_nothing": Claim(
        "nothing is stored",
        lambda facts: not facts.keeps_something,
        "sealed exports, encrypted vectors and scores are kept for a time (`retention`)",
    ),
    "deleted_at_once": Claim(
        "messages are deleted at once",
        lambda facts: not facts.config.inbox_lifetime_days,
        "an export lies sealed until its days have settled, `inbox_lifetime_days` at most",
    ),
    "anonymous": Claim(
        "what is held is anonymous",
        lambda facts: not (facts.keeps_something or facts.config.member_record_lifetime_days),
        "vectors, group scores and digests of senders are personal data until they are deleted",
    ),
    "read_once_a_day": Claim(
        "chats are read once a day",
        lambda _: not OPENED_ON_ARRIVAL,
        "they are read when a file comes, and every morning",
    ),
    "figure_for_each_day": Claim(
        "there is a figure for each day",
        lambda facts: facts.config.daily_dots,
        "the line is of 7 or 28 days (`headline`); `daily_dots` would show single days",
    ),
    "no_place_names_kept": Claim(
        "no names of places are kept",
        lambda facts: not facts.config.regions,
        "each group's region is kept",
    ),
    "somebody_watches_over": Claim(
        "somebody at the study reads along, and helps where somebody is in need",
        lambda _: SOMEBODY_READS,
        "nobody reads anything, so nobody comes (`safeguarding`)",
    ),
    "figures_withdrawn": Claim(
        "who leaves is taken out of figures that are published",
        lambda _: not PUBLISHED_FOR_EVER,
        "published figures stay",
    ),
    "no_ai": Claim(
        "no artificial intelligence is used",
        lambda facts: not facts.models,
        "a language model tags names, another makes vectors, a third scores them",
    ),
    "no_record_of_people": Claim(
        "no record is kept of who wrote",
        lambda facts: not facts.config.member_record_lifetime_days,
        "keyed digests of senders are kept until `member_record_lifetime_days` after the consent",
    ),
    "exact_figures": Claim(
        "the figures are exact",
        lambda _: not any(one.micro_rho for one in METHODS.values()),
        "noise is added to every figure, so that nobody shows in it",
    ),
    "only_new_messages": Claim(
        "only new messages are opened",
        lambda _: not EXPORTS_HOLD_HISTORY,
        "an export holds the whole chat; what the consent does not cover is dropped in memory",
    ),
    "stays_on_our_machine": Claim(
        "files never leave the study's machine",
        lambda facts: facts.stays_here,
        "the inbox lies on another machine (`inbox` in home.yaml), or others open it, too"
        " (`distributed_processing`, `group_shards`)",
    ),
    "never_linked": Claim(
        "nothing is linked with other data",
        lambda facts: facts.scopes is not None and not facts.scopes.linkage,
        "the scopes allow linkage",
    ),
    "only_who_agreed": Claim(
        "only those who have agreed are read",
        lambda facts: facts.scopes is not None and facts.scopes.member_bases == ["opt_in"],
        "the scopes allow groups in which members may object, and need not agree",
    ),
}
"""Each claim; the notice may make it only where it is so."""

PROMISED: Mapping[str, str] = {
    "exports_deleted_within_days": "inbox_lifetime_days",
    "scores_deleted_within_days": "score_lifetime_days",
    "sender_digests_deleted_within_days": "member_record_lifetime_days",
    "surveys_deleted_within_days": "survey_lifetime_days",
}
"""Each promise of deletion, and the setting that may not be longer."""


def false_claims(notice: Notice, facts: Facts) -> Iterator[str]:
    """Names of the claims and promises of a notice that are not so."""
    for name, claim in CLAIMS.items():
        if getattr(notice.claims, name) and not claim.is_so(facts):
            yield name
    for name, setting in PROMISED.items():
        promised = getattr(notice.promises, name)
        if promised is not None and promised < getattr(facts.config, setting):
            yield name
    days = notice.promises.days_to_object
    if days is not None and days > facts.config.cooling_off_days:
        yield "days_to_object"


def untold(notice: Notice) -> list[str]:
    """Names of what the notice does not tell, and has to."""
    return [name for name in type(notice.tells).model_fields if not getattr(notice.tells, name)]

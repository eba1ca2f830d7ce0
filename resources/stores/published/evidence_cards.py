"""What is public of how a region-day came about: a card, whose fields are these and no other."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class EvidenceCard:
    """The card of a region-day, method and revision; what it does not know is None.

    Attributes:
        region: region id.
        day: the day.
        revision: from 0.
        method_version: what it was drawn by.
        closed_on: the day in London on which it closed.
        recorded: `at_release`, or `afterwards` where the program kept no evidence yet.
        published: whether a value was published then.
        gate_passed: whether all that was drawn from had passed the gate; None if not published.
        micro_rho: budget of the draw; None if not published.
        groups_commitment: commitment to the groups that counted, of the same size for any number.
        chain_head: head of the hash chain.
        program_version: of the program; the rest are SHA-256, but for the commit.
    """

    region: str
    day: date
    revision: int
    method_version: str
    closed_on: date
    recorded: str
    published: bool
    gate_passed: bool | None
    micro_rho: int | None
    groups_commitment: str | None
    chain_head: str | None
    program_version: str | None
    code_digest: str | None
    commit_id: str | None
    encoder_digest: str | None
    tagger_digest: str | None
    vocabulary_digest: str | None
    construct_model_digest: str | None
    register_digest: str | None

    @property
    def key(self) -> tuple[str, date, str, int]:
        """Region, day, method and revision."""
        return self.region, self.day, self.method_version, self.revision

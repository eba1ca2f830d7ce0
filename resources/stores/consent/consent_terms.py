"""What an admin agrees to, and everything that keeps terms from being recorded."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from assets.core.delivery_rhythm import Rhythm
from assets.core.platforms import PLATFORMS

GROUP_REF = re.compile(r"^g-[0-9a-f]{8}$")
EMPLOYER_REF = re.compile(r"^e-[0-9a-f]{8}$")
LONGEST_REVIEW = timedelta(days=366)
"""No consent goes longer without somebody looking at it again."""


class MemberBasis(StrEnum):
    """How members come to be read."""

    NOTICE_WITH_OBJECTION = "notice_with_objection"
    OPT_IN = "opt_in"


class Sector(StrEnum):
    """Where the members work: adult social care, and nothing else."""

    CARE_HOME = "care_home"
    NURSING_HOME = "nursing_home"
    HOME_CARE = "home_care"
    SUPPORTED_LIVING = "supported_living"
    DAY_CARE = "day_care"
    COMMUNITY_CARE = "community_care"
    SEVERAL = "several"


class Scope(StrEnum):
    """What a group is used for. Nothing that is not named is done with it."""

    TREND_LINES = "trend_lines"
    """Scores of the three constructs, in its region's lines and their forecasts."""
    SURVEYS = "surveys"
    """Its answers to pulse surveys are kept and compared with its scores."""
    PULSE = "pulse"
    """Its members may answer the pulse; answers are combined by region, and none is kept."""


BEFORE_SCOPES = frozenset({Scope.TREND_LINES, Scope.SURVEYS})
"""What a consent of an earlier version, which named none, covers; never what came later."""


@dataclass(frozen=True)
class ConsentTerms:
    """What an admin agreed to.

    Attributes:
        region: a configured region.
        platform: where the chat is, one of `PLATFORMS`.
        member_basis: on what basis members are read.
        ethics_reference: reference of the ethics approval, which `notice_with_objection` needs;
            only its digest is kept.
        departure_approved: whether that decision names the departure from "consent of the
            moderator and its members", which `notice_with_objection` is.
        informed_on: when members were told.
        notice_version: which notice they were given.
        notice: bytes of the text that they were given; only their digest is kept.
        adult_workplace: the attestation that this is a group of adults about their work.
        evidence: bytes of the signed form or message; only their digest is kept.
        sector: where the members work.
        scopes: what the group is used for.
        rhythm: how often its export is delivered.
        review_by: last day on which it is read without being looked at again.
        valid_from: first day that may be read.
        valid_until: last day that may be read.
        employer_ref: random reference of the employer, shared by groups of one employer; None for
            one that no recorded group has.
    """

    region: str
    platform: str
    member_basis: MemberBasis
    ethics_reference: str
    departure_approved: bool
    informed_on: date
    notice_version: str
    notice: bytes = field(repr=False)
    adult_workplace: bool
    evidence: bytes = field(repr=False)
    sector: Sector | None
    scopes: frozenset[Scope]
    rhythm: Rhythm | None
    review_by: date
    valid_from: date
    valid_until: date
    employer_ref: str | None = None


@dataclass(frozen=True)
class AgreedNotice:
    """The notice that a study answers for.

    Attributes:
        version: as consents name it.
        digests: SHA-256 of its text in each language.
    """

    version: str
    digests: frozenset[str]

    def is_of(self, version: str, text: bytes) -> bool:
        """Whether this is the text that was agreed, under its name."""
        return version == self.version and hashlib.sha256(text).hexdigest() in self.digests


def _none_agreed() -> AgreedNotice | None:
    return None


def _all_permitted() -> frozenset[str]:
    return frozenset(PLATFORMS)


@dataclass(frozen=True)
class ConsentRules:
    """What a home asks of every consent (`home.yaml`).

    Attributes:
        cooling_off: whole days between telling the members and the first day that is read.
        close_after_days: days after which a region-day closes.
        member_bases: the bases that the public page states; empty where none is stated yet.
        basis_must_be_stated: whether a consent is refused while the page states none.
        agreed_notice: asked whenever members were told; None where no notice stands agreed. Then
            nothing is read either, by the study register's own rule.
        permitted_platforms: those of which a study has a permission; asked when a consent is
            recorded and whenever its files are read.
    """

    cooling_off: timedelta = timedelta(days=7)
    close_after_days: int = 3
    member_bases: tuple[MemberBasis, ...] = ()
    basis_must_be_stated: bool = False
    agreed_notice: Callable[[], AgreedNotice | None] = field(default=_none_agreed, repr=False)
    permitted_platforms: Callable[[], frozenset[str]] = field(default=_all_permitted, repr=False)

    def is_agreed(self, version: str, text: bytes) -> bool:
        """Whether members may be told by this text."""
        agreed = self.agreed_notice()
        return agreed is None or agreed.is_of(version, text)

    def permits(self, platform: str | None) -> bool:
        """Whether groups of a platform may be read; None where an earlier version named none."""
        return platform is None or platform in self.permitted_platforms()


def faults_of_terms(
    terms: ConsentTerms,
    rules: ConsentRules,
    regions: frozenset[str],
    today: date,
    *,
    runs_since: date | None = None,
) -> list[str]:
    """Codes of all that keeps terms from being recorded.

    Args:
        terms: of a new or a renewed consent.
        rules: of the home.
        regions: the configured ones.
        today: the day now.
        runs_since: first day of a consent that runs on; who was told before it need not be told
            again.
    """
    told_before = runs_since is not None and terms.valid_from >= runs_since
    informed = terms.informed_on <= terms.valid_from or told_before
    # Told by the first moment of a day far off, nobody was told at all.
    cooled = told_before or terms.valid_from - terms.informed_on >= rules.cooling_off
    by_notice = terms.member_basis is MemberBasis.NOTICE_WITH_OBJECTION
    found = {
        "REGION_UNKNOWN": terms.region not in regions,
        "ETHICS_REFERENCE_MISSING": by_notice and not terms.ethics_reference.strip(),
        "ETHICS_DEPARTURE_MISSING": by_notice and not terms.departure_approved,
        "MEMBER_BASIS_NOT_STATED": not rules.member_bases and rules.basis_must_be_stated,
        "MEMBER_BASIS_OTHER": bool(rules.member_bases)
        and terms.member_basis not in rules.member_bases,
        "ATTESTATION_MISSING": not terms.adult_workplace,
        "MEMBERS_NOT_INFORMED": not terms.notice_version.strip() or not informed,
        "NOTICE_FILE_MISSING": not terms.notice.strip(),
        "NOTICE_NOT_AGREED": bool(terms.notice.strip())
        and not rules.is_agreed(terms.notice_version, terms.notice),
        "COOLING_OFF_TOO_SHORT": informed and not cooled,
        "CONSENT_DATES_REVERSED": terms.valid_until < terms.valid_from,
        "PLATFORM_UNKNOWN": terms.platform not in PLATFORMS,
        "PLATFORM_NOT_PERMITTED": terms.platform in PLATFORMS and not rules.permits(terms.platform),
        "EVIDENCE_MISSING": not terms.evidence.strip(),
        "SECTOR_MISSING": terms.sector is None,
        "SCOPE_MISSING": Scope.TREND_LINES not in terms.scopes,
        "RHYTHM_MISSING": terms.rhythm is None,
        "RHYTHM_TOO_SLOW": terms.rhythm is not None
        and rules.close_after_days < terms.rhythm.least_close_after,
        "REVIEW_DATE_INVALID": not today <= terms.review_by <= today + LONGEST_REVIEW,
        "EMPLOYER_UNKNOWN": bool(terms.employer_ref)
        and not EMPLOYER_REF.match(terms.employer_ref or ""),
    }
    return [code for code, wrong in found.items() if wrong]

"""Invitations and withdrawal links: signed by the coordinator's side, checked by anybody.

An invitation reserves a random group reference before anything is recorded. It carries the
signature of its withdrawal link, so that whoever consents can withdraw at once and for good, and
the portal needs no key that signs.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from resources.base.keys.signed_links import (
    LONGEST,
    Fields,
    SigningKeys,
    VerifyingKeys,
    is_signed,
    read,
    sign,
    signature_of,
)
from resources.stores.consent.consent_terms import EMPLOYER_REF, GROUP_REF

_CONSENT, _WITHDRAW = "consent", "withdraw"


@dataclass(frozen=True)
class Invitation:
    """What an invitation says.

    Attributes:
        invitation: random, 32 hex digits; it is answered once.
        group_ref: reserved for the group, or its own where it renews.
        renews: whether the group is known already.
        region: a configured region.
        platform: where the chat is.
        employer_ref: random reference of the employer.
        expires: until when it may be answered (aware, whole seconds).
    """

    invitation: str
    group_ref: str
    renews: bool
    region: str
    platform: str
    employer_ref: str
    expires: datetime

    def _fields(self) -> Fields:
        return {
            "id": self.invitation,
            "group": self.group_ref,
            "renews": self.renews,
            "region": self.region,
            "platform": self.platform,
            "employer": self.employer_ref,
            "expires": int(self.expires.timestamp()),
        }


@dataclass(frozen=True)
class Invited:
    """An invitation as it came in a link.

    Attributes:
        says: what it says.
        signature: by which the restricted side checks it again, 64 bytes; it withdraws nothing.
        withdrawal: the token of the withdrawal link.
    """

    says: Invitation
    signature: bytes
    withdrawal: str


def new_invitation(
    region: str,
    platform: str,
    employer_ref: str,
    expires: datetime,
    group_ref: str | None = None,
) -> Invitation:
    """An invitation of a new group, or one to renew for the group `group_ref`."""
    return Invitation(
        invitation=secrets.token_hex(16),
        group_ref=group_ref or f"g-{secrets.token_hex(4)}",
        renews=group_ref is not None,
        region=region,
        platform=platform,
        employer_ref=employer_ref,
        expires=expires.astimezone(UTC).replace(microsecond=0),
    )


def link_of(keys: SigningKeys, invitation: Invitation) -> str:
    """What follows the portal's address and `/i/` in an invitation."""
    signed = sign(keys.invitations, _CONSENT, invitation._fields())
    withdrawal = sign(keys.withdrawals, _WITHDRAW, {"group": invitation.group_ref})
    return f"{signed}.{withdrawal}"


def read_link(keys: VerifyingKeys, link: str) -> Invited | None:
    """The invitation in a link, whether or not it has expired; None for what nobody signed."""
    if len(link) > LONGEST or link.count(".") != 3:  # noqa: PLR2004  (two tokens of two parts)
        return None
    parts = link.split(".")
    signed, withdrawal = ".".join(parts[:2]), ".".join(parts[2:])
    says = _read_signed(keys.invitations, signed)
    if says is None or read_withdrawal(keys.withdrawals, withdrawal) != says.group_ref:
        return None
    return Invited(says, signature_of(signed), withdrawal)


def is_invitation(keys: Sequence[Ed25519PublicKey], says: Invitation, signature: bytes) -> bool:
    """Whether this is what was signed."""
    return is_signed(keys, _CONSENT, says._fields(), signature)


def _read_signed(keys: Sequence[Ed25519PublicKey], signed: str) -> Invitation | None:
    """What a signed invitation says; None for what nobody signed."""
    found = read(keys, _CONSENT, signed)
    if found is None:
        return None
    try:
        says = Invitation(
            invitation=str(found["id"]),
            group_ref=str(found["group"]),
            renews=found["renews"] is True,
            region=str(found["region"]),
            platform=str(found["platform"]),
            employer_ref=str(found["employer"]),
            expires=datetime.fromtimestamp(int(found["expires"]), UTC),
        )
    except (KeyError, ValueError, OverflowError, OSError):
        return None
    forms = GROUP_REF.match(says.group_ref) and EMPLOYER_REF.match(says.employer_ref)
    return says if forms else None


def read_withdrawal(keys: Sequence[Ed25519PublicKey], token: str) -> str | None:
    """The group of a withdrawal link, which never expires; None for what nobody signed."""
    found = read(keys, _WITHDRAW, token)
    group_ref = str(found.get("group")) if found else ""
    return group_ref if GROUP_REF.match(group_ref) else None

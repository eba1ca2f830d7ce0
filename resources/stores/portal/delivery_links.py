"""Delivery links: signed by the coordinator's side for a group whose consent stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from resources.base.keys.signed_links import read, sign
from resources.stores.consent.consent_terms import GROUP_REF

_DELIVER = "deliver"


@dataclass(frozen=True)
class DeliveryLink:
    """What a delivery link says.

    Attributes:
        group_ref: whose exports may come.
        first: first day of the consent.
        last: last day of the consent.
    """

    group_ref: str
    first: date
    last: date


def link_to_deliver(key: Ed25519PrivateKey, says: DeliveryLink) -> str:
    """What follows the portal's address and `/d/`."""
    fields = {
        "group": says.group_ref,
        "first": says.first.isoformat(),
        "last": says.last.isoformat(),
    }
    return sign(key, _DELIVER, fields)


def read_delivery_link(keys: Sequence[Ed25519PublicKey], token: str) -> DeliveryLink | None:
    """What a link says, whether or not its days are now; None for what nobody signed."""
    found = read(keys, _DELIVER, token)
    if found is None:
        return None
    try:
        says = DeliveryLink(
            str(found["group"]),
            date.fromisoformat(str(found["first"])),
            date.fromisoformat(str(found["last"])),
        )
    except (KeyError, ValueError):
        return None
    return says if GROUP_REF.match(says.group_ref) else None

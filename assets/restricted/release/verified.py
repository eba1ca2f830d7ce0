"""Nothing is released on top of what somebody changed."""

from assets.core.errors import AuditError
from resources.wiring.context import RestrictedContext


def verify_before_release(restricted: RestrictedContext) -> None:
    """Verify the hash chain.

    Raises:
        AuditError: the first code that was found; `tideline verify` says all of them.
    """
    for code in restricted.chain.verify().codes:
        raise AuditError(code)

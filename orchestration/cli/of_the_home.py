"""Who is given which logins and keys: a process that stands apart refuses to start with others'."""

from collections.abc import Mapping

VARIABLES = (
    "TIDELINE_PG_URL",
    "TIDELINE_OWNER_PG_URL",
    "TIDELINE_AUDITOR_PG_URL",
    "TIDELINE_PUBLIC_PG_URL",
    "TIDELINE_DAGSTER_PG_URL",
    "DAGSTER_PG_URL",
    "TIDELINE_INBOX_IDENTITY",
    "TIDELINE_MASTER_KEY",
    "TIDELINE_MEMBER_KEY",
    "TIDELINE_INVITATION_KEY",
    "TIDELINE_WITHDRAWAL_KEY",
)
"""Of the home: written out, for asking for a key's own name would load what handles keys."""

PORTAL = "TIDELINE_PORTAL_PG_URL"
"""Of the portal."""

TOKENS: Mapping[str, str] = {
    "matrix": "TIDELINE_MATRIX_TOKEN",
    "telegram": "TIDELINE_TELEGRAM_TOKEN",
    "teams": "TIDELINE_TEAMS_SECRET",
}
"""Of each platform's connector."""


def not_of_portal() -> tuple[str, ...]:
    """What the portal is never given: with a token it could read chats."""
    return (*VARIABLES, *TOKENS.values())


def not_of_connector(platform: str) -> tuple[str, ...]:
    """What a platform's connector is never given: it could withdraw groups, or read other chats.

    Args:
        platform: one of `TOKENS`.
    """
    others = (name for other, name in TOKENS.items() if other != platform)
    return (*VARIABLES, PORTAL, *others)

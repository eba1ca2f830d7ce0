"""What only processes of the home are given: one that stands apart refuses to start with it."""

VARIABLES = (
    "TIDELINE_PG_URL",
    "TIDELINE_OWNER_PG_URL",
    "TIDELINE_AUDITOR_PG_URL",
    "TIDELINE_PUBLIC_PG_URL",
    "TIDELINE_DAGSTER_PG_URL",
    "TIDELINE_INBOX_IDENTITY",
    "TIDELINE_MASTER_KEY",
    "TIDELINE_MEMBER_KEY",
    "TIDELINE_INVITATION_KEY",
    "TIDELINE_WITHDRAWAL_KEY",
)
"""Logins and keys. Written out, for asking for a key's own name would load what handles keys."""

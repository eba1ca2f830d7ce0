"""The inbox's `inbox_options` of `home.yaml`: what a file system needs, and where secrets are.

A value that must not lie in a file is written as `{env: NAME}` and read from the environment.
"""

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from assets.core.errors import SetupError, refuse_as

_OF_SECRETS = re.compile(
    r"secret|passw|passphrase|token|credential|connection_string|account_key|sas_|_sas|^key$|^pkey$"
)
_CHAIN = "::"
"""fsspec's mark of a location behind another, such as a cache, whose copies nothing deletes."""


def checked_url(url: str) -> str:
    """The inbox's URL as it is.

    Raises:
        SetupError: `INBOX_SECRET_IN_FILE` for a password in it, `HOME_CONFIG_INVALID` for a chain
            of locations.
    """
    if _CHAIN in url:
        raise SetupError("HOME_CONFIG_INVALID")
    with refuse_as(SetupError("HOME_CONFIG_INVALID"), ValueError):
        password = urlsplit(url).password
    if not url:
        raise SetupError("HOME_CONFIG_INVALID")
    if password:
        raise SetupError("INBOX_SECRET_IN_FILE")
    return url


def resolved(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with what the environment holds in place of its names, at any depth.

    Raises:
        SetupError: `INBOX_SECRET_IN_FILE` where an option that holds a secret is written out,
            `INBOX_OPTION_NOT_SET` where the environment lacks a name.
    """
    return {name: _value(name, value) for name, value in options.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"env"}:
            return _from_environment(value["env"])
        return resolved(value)
    # Switches such as `use_listings_cache: false` are no secrets whatever they are called.
    if isinstance(value, str) and _OF_SECRETS.search(str(name).lower()):
        raise SetupError("INBOX_SECRET_IN_FILE")
    return value


def _from_environment(name: object) -> str:
    value = os.environ.get(str(name))
    if not value:
        raise SetupError("INBOX_OPTION_NOT_SET")
    return value

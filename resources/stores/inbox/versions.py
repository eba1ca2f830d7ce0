# pyright: reportAttributeAccessIssue=false
# The file systems of S3, Google and Azure are extras, asked for by what they offer.
"""Whether a location keeps what is deleted from it: old versions, or files deleted softly.

In such a place a lifetime means nothing. Sources: S3 GetBucketVersioning; Google's bucket resource
(`versioning`, `softDeletePolicy`); Azure's blob service properties (`delete_retention_policy`).
"""

from collections.abc import Callable
from typing import Any

from fsspec.asyn import sync


def keeps_what_is_deleted(files: Any, root: str) -> bool | None:
    """Ask the location.

    Args:
        files: an fsspec file system.
        root: the inbox's folder on it; its first part is the bucket or container.

    Returns:
        None where there is no way to ask, or no answer.

    Raises:
        FileNotFoundError: there is no such bucket; without its name.
    """
    protocols = {files.protocol} if isinstance(files.protocol, str) else set(files.protocol)
    asking = next((ask for known, ask in _BY_PROTOCOL.items() if known in protocols), None)
    if asking is None:
        return None
    try:
        return asking(files, root.lstrip("/").split("/")[0])
    except FileNotFoundError:
        pass
    except Exception:  # noqa: BLE001  (each client has errors of its own; all mean no answer)
        return None
    raise FileNotFoundError


def _never(files: Any, bucket: str) -> bool:  # noqa: ARG001  (called as the others are)
    return False


def _s3(files: Any, bucket: str) -> bool:
    # A suspended bucket still has the versions from before.
    return bool(files.call_s3("get_bucket_versioning", Bucket=bucket).get("Status"))


def _google(files: Any, bucket: str) -> bool:
    about = files.call("GET", "b/{}", bucket, json_out=True)
    kept_for = about.get("softDeletePolicy", {}).get("retentionDurationSeconds", 0)
    return bool(about.get("versioning", {}).get("enabled")) or int(kept_for) > 0


def _azure(files: Any, container: str) -> bool | None:  # noqa: ARG001  (an account has one answer)
    properties: Any = sync(files.loop, files.service_client.get_service_properties)
    # Versioning itself can be asked of Azure's management only, which a storage key can't reach.
    return True if properties["delete_retention_policy"].enabled else None


_BY_PROTOCOL: dict[str, Callable[[Any, str], bool | None]] = {
    "file": _never,
    "memory": _never,
    "s3": _s3,
    "gs": _google,
    "abfs": _azure,
}

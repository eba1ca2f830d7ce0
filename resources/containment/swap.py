"""Whether memory that holds messages could be written to a disk in the clear."""

from pathlib import Path

SWAPS = Path("/proc/swaps")
BLOCK_DEVICES = Path("/sys/block")


def swap_may_keep_text(swaps: Path = SWAPS, devices: Path = BLOCK_DEVICES) -> bool:
    """Whether any active swap is neither compressed memory (zram) nor known to be encrypted.

    Args:
        swaps: Linux's list of active swap; without the file there is none, or no Linux (macOS
            encrypts its swap by itself).
        devices: Linux's block devices.

    Returns:
        True where the list can't be read too. A swap file counts, for what lies under its file
        system can't be told from here.
    """
    try:
        lines = swaps.read_text("utf-8", errors="replace").splitlines()[1:]
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return not all(_is_safe(Path(line.split()[0]), devices) for line in lines if line.strip())


def _is_safe(swap: Path, devices: Path) -> bool:
    if swap.parent != Path("/dev"):
        return False
    device = devices / swap.name
    if swap.name.startswith("zram"):
        # zram can be given a disk to write to when memory is short.
        return _line(device / "backing_dev") in {"", "none"}
    return _is_encrypted(device, devices)


def _is_encrypted(device: Path, devices: Path) -> bool:
    """Whether the device mapper encrypts it, or all that it is made of."""
    if _line(device / "dm" / "uuid").startswith("CRYPT-"):
        return True
    below = [devices / one.name for one in (device / "slaves").glob("*")]
    return bool(below) and all(_is_encrypted(one, devices) for one in below)


def _line(path: Path) -> str:
    try:
        return path.read_text("ascii", errors="replace").strip()
    except OSError:
        return ""

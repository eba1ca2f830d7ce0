"""Which active swap may keep text."""

from pathlib import Path

import pytest

from resources.containment.swap import swap_may_keep_text

HEAD = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def _machine(root: Path, lines: list[str]) -> tuple[Path, Path]:
    """A list of swap, and devices: two encrypted, one over each kind, zram with and without."""
    devices = root / "block"
    for name, uuid, below in (
        ("dm-0", "CRYPT-LUKS2-0123", ["sda"]),
        ("dm-1", "LVM-4567", ["dm-0"]),
        ("dm-2", "LVM-89ab", ["dm-0", "sdb"]),
        ("dm-3", "LVM-cdef", []),
    ):
        (devices / name / "dm").mkdir(parents=True)
        (devices / name / "dm" / "uuid").write_text(f"{uuid}\n")
        for one in below:
            (devices / name / "slaves" / one).mkdir(parents=True)
    for name, backing in (("zram0", "none"), ("zram1", "/dev/sda3")):
        (devices / name).mkdir(parents=True)
        (devices / name / "backing_dev").write_text(f"{backing}\n")
    (devices / "zram2").mkdir()
    swaps = root / "swaps"
    swaps.write_text(HEAD + "".join(f"{line}\tpartition\t100\t0\t-2\n" for line in lines))
    return swaps, devices


@pytest.mark.parametrize(
    ("swap", "may_keep"),
    [
        ([], False),
        (["/dev/sda2"], True),
        (["/swapfile"], True),
        (["/srv/dev/zram0"], True),
        (["/dev/dm-0"], False),
        (["/dev/dm-1"], False),
        (["/dev/dm-2"], True),
        (["/dev/dm-3"], True),
        (["/dev/zram0"], False),
        (["/dev/zram1"], True),
        (["/dev/zram2"], False),
        (["/dev/zram0", "/dev/sda2"], True),
        (["/dev/zram0", "/dev/dm-0"], False),
    ],
)
def test_swap(tmp_path, swap, may_keep):
    assert swap_may_keep_text(*_machine(tmp_path, swap)) is may_keep


def test_no_list_is_no_swap(tmp_path):
    assert swap_may_keep_text(tmp_path / "none", tmp_path) is False


def test_a_list_that_cannot_be_read_counts_as_swap(tmp_path):
    (tmp_path / "swaps").mkdir()
    assert swap_may_keep_text(tmp_path / "swaps", tmp_path) is True

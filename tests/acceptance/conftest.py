import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
BESIDE_PACKAGES = ("pyproject.toml", "README.md", "LICENSE", "NOTICE")


@dataclass(frozen=True)
class Installed:
    """The program as it is installed from a wheel, with nothing of the checkout beside it.

    Attributes:
        wheel: the file.
        packages: the checkout's folders that are in it.
        command: its `tideline`.
        environment: what to start it with.
    """

    wheel: Path
    packages: tuple[Path, ...]
    command: Path
    environment: dict[str, str]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A wheel in an environment of its own, which borrows the libraries of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    patterns = settings["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = tuple(PROJECT / one.removesuffix("*") for one in patterns)
    source = folder / "source"
    for one in packages:
        shutil.copytree(one, source / one.name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in BESIDE_PACKAGES:
        shutil.copyfile(PROJECT / name, source / name)
    # Neither the checkout on the path nor a home or server that was set.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TIDELINE_", "PYTHONPATH"))
    }
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, *build, str(source)], check=True, cwd=folder, env=environment)
    (wheel,) = folder.glob("*.whl")
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True
    )
    subprocess.run(
        [*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)],
        check=True,
        cwd=folder,
        env=environment,
    )
    (site_packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    # Read as a plain path: an editable install of the checkout that lies there stays unknown.
    (site_packages / "libraries.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return Installed(wheel, packages, python.with_name("tideline"), environment)

"""Make `.venv` and fetch dbt_utils: all that `make setup` does before dbt is parsed.

Runs on any Python 3.11 to 3.13 with nothing installed. Packages come from wherever pip
is told to get them (index, mirror, folder); no address is written into the project.

    python scripts/setup.py         install requirements.lock, this project, dbt_utils
    python scripts/setup.py lock    make requirements.lock again from pyproject.toml
"""

from __future__ import annotations

import ast
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
READY = VENV / ".ready"

# dbt_utils 1.1.1 as packages.yml names it. The dbt hub is out of reach behind many
# firewalls, and this sdist on the package index carries the same release.
DBT_PACKAGES = ROOT / "dbt_project" / "dbt_packages"
CARRIER = "checkup_dbt==0.5.0"
CARRIER_SHA256 = "cf57e0b95c1ffe22e9168ab35052d7636b342c26ec8ae1e5bcededec3d440f67"
CARRIED = "checkup_dbt-0.5.0/tests/fixtures/sample_dbt_project/dbt_packages/dbt_utils/"

# What pip is configured with, by the names uv knows; uv does not read pip's files.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "trusted-host": "UV_INSECURE_HOST",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}


Command = Sequence[str | Path]


class SetupError(Exception):
    """Set-up cannot go on; the message is one sentence that says what to do."""


def main(arguments: list[str]) -> None:
    """Run the set-up, or make the lock file."""
    begin = time.monotonic()
    make_venv()
    uv = find_uv()
    if arguments == ["lock"]:
        make_lock(uv)
        return
    with ThreadPoolExecutor() as pool:
        dbt_utils = pool.submit(fetch_dbt_utils)
        install_lock(uv)
        install_project(uv)
        if not dbt_utils.result():
            install_dbt_utils_from_hub()
    READY.touch()
    say(f"Set up in {time.monotonic() - begin:.0f} s.")


def make_venv() -> None:
    """Make the virtual environment, unless one of this Python, with pip, is there."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    ask = "import pip, sys; print('%d.%d' % sys.version_info[:2], sys.prefix)"
    if PYTHON.exists() and output([PYTHON, "-c", ask]) == f"{version} {VENV}":
        return
    say(f"Making .venv with Python {version}")
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    makers: list[Command] = [[sys.executable, "-m", "venv", VENV]]
    if uv:
        makers.append([uv, "venv", "--quiet", "--seed", "-p", sys.executable, VENV])
    for maker in makers:
        if run(maker, quiet=True):
            return
    raise SetupError(
        f"Python {version} ({sys.executable}) cannot make virtual environments: install"
        " its venv module (on Debian and Ubuntu the package python3-venv) or uv."
    )


def find_uv() -> Path | str | None:
    """Find uv on the path or in .venv, or install it there; None when that fails."""
    found = shutil.which("uv") or VENV / "bin" / "uv"
    if Path(found).exists() or run(pip("install", "--quiet", "uv")):
        return found
    return None


def install_lock(uv: Path | str | None) -> None:
    """Install exactly requirements.lock, every file checked by its hash."""
    say("Installing the packages of requirements.lock")
    if uv and run(
        [uv, "pip", "install", "--quiet", "--require-hashes", "-r", LOCK], uv_settings()
    ):
        return
    # Some mirrors want what only pip knows how to give (keyrings, client certificates).
    if not run(pip("install", "--quiet", "--require-hashes", "-r", str(LOCK))):
        raise SetupError(
            "The packages of requirements.lock could not be installed: read the error "
            "above and check that pip reaches a package index."
        )


def install_project(uv: Path | str | None) -> None:
    """Install this checkout itself, so that its code runs from where it is."""
    if uv and run(
        [uv, "pip", "install", "--quiet", "--no-deps", "-e", ROOT], uv_settings()
    ):
        return
    if not run(pip("install", "--quiet", "--no-deps", "-e", str(ROOT))):
        raise SetupError("The project itself could not be installed: see above.")


def make_lock(uv: Path | str | None) -> None:
    """Resolve pyproject.toml for every platform: names, versions, hashes only."""
    if uv is None:
        raise SetupError("The lock file is made with uv, which could not be installed.")
    options = "--universal --python-version 3.11 --generate-hashes --all-extras"
    hidden = "--no-emit-index-url --no-emit-find-links"
    command = [uv, "pip", "compile", *options.split(), *hidden.split(), "--quiet"]
    if not run([*command, "pyproject.toml", "-o", "requirements.lock"], uv_settings()):
        raise SetupError("requirements.lock could not be made: see above.")


def uv_settings() -> dict[str, str]:
    """Environment that makes uv install into .venv from where pip would."""
    settings = {"VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    if not any(name in os.environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        listed = output(pip("config", "list")) or ""
        for name, value in from_pip_to_uv(listed).items():
            if name not in os.environ:
                settings[name] = value
        # As pip: the best version of all indexes, not the first index that has any.
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return settings


def from_pip_to_uv(listed: str) -> dict[str, str]:
    """Settings for uv from what `pip config list` says; the environment wins there."""
    found: dict[str, str] = {}
    for scope in ("global", "install", ":env:"):
        for line in listed.splitlines():
            key, _, value = line.partition("=")
            section, _, option = key.rpartition(".")
            name = PIP_TO_UV.get(option)
            if section == scope and name:
                found[name] = str(ast.literal_eval(value))
    if "UV_FIND_LINKS" in found:
        found["UV_FIND_LINKS"] = ",".join(found["UV_FIND_LINKS"].split())
    return found


def fetch_dbt_utils() -> bool:
    """Unpack dbt_utils from its carrier; False if the package index lacks that."""
    target = DBT_PACKAGES / "dbt_utils"
    if (target / "dbt_project.yml").exists():
        return True
    with tempfile.TemporaryDirectory() as folder:
        # The carrier declares a newer Python than ours; none of its code is run.
        name = CARRIER.partition("=")[0]
        options = f"--quiet --no-deps --ignore-requires-python --no-binary {name}"
        run(pip("download", *options.split(), "-d", folder, CARRIER), quiet=True)
        archives = list(Path(folder).glob("*.tar.gz"))
        content = archives[0].read_bytes() if archives else b""
    if hashlib.sha256(content).hexdigest() != CARRIER_SHA256:
        return False
    partial = DBT_PACKAGES / "dbt_utils.new"
    shutil.rmtree(partial, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            inside = member.name.removeprefix(CARRIED)
            data = archive.extractfile(member) if inside != member.name else None
            if data is not None:
                (partial / inside).parent.mkdir(parents=True, exist_ok=True)
                (partial / inside).write_bytes(data.read())
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    return True


def install_dbt_utils_from_hub() -> None:
    """The way for networks without the carrier: `dbt deps`, not retried for long."""
    say("Fetching dbt_utils from the dbt hub")
    folder = DBT_PACKAGES.parent
    dbt: Command = [VENV / "bin" / "dbt", "deps", "--quiet"]
    if not run([*dbt, "--project-dir", folder, "--profiles-dir", folder], seconds=120):
        raise SetupError(
            f"dbt_utils could be had neither from the package index ({CARRIER}) nor "
            f"from the dbt hub: put release 1.1.1 into {DBT_PACKAGES / 'dbt_utils'}."
        )


def pip(*arguments: str) -> Command:
    """A pip command of .venv."""
    return [PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments]


def run(
    command: Command,
    settings: dict[str, str] | None = None,
    quiet: bool = False,
    seconds: float | None = None,
) -> bool:
    """Run a program in the project; whether it went well."""
    shown = subprocess.DEVNULL if quiet else None
    try:
        return (
            subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **(settings or {})},
                stdout=shown,
                stderr=shown,
                timeout=seconds,
                check=False,
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def output(command: Command) -> str | None:
    """What a program prints; None when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def say(sentence: str) -> None:
    """Tell the user what goes on."""
    print(sentence, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetupError as error:
        sys.exit(str(error))

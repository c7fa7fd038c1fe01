"""Segments of a git revision, asked of today's warehouse: nothing in it is changed.

dbt compiles the project of the revision in a folder of its own. A segment that reads
others is asked with their SQL of the same revision in front of it, so that what the
warehouse holds of them does not matter.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from audience.front_matter import ENTITY_KEYS, GROUP_SEPARATOR
from audience.history import last_day
from warehouse.connection import Connection
from warehouse.dbt import environment
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_manifest_path

# What dbt writes itself, and what it needs unpacked.
_NOT_SOURCE = ("target", "logs", "dbt_packages")
_LONGEST_FAULT = 200
# What as_of_date() is where no base_date is given. Giving one would have dbt parse all
# anew; put in afterwards, it is the day the warehouse was built for.
_AS_OF = "(select last_complete_day from landing.last_complete_day)"


@dataclass(frozen=True)
class Version:
    """A segment as a revision has it: its query needs no other segment."""

    code: str
    query: str
    key: str
    groups: tuple[str, ...]


def commit_of(root: Path, revision: str) -> str:
    """Return the commit that a revision names; QuanyuError when git knows none."""
    try:
        commit = _git(
            root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"
        )
    except QuanyuError as error:
        raise QuanyuError(
            f"{revision} is neither a day (2017-12-31) nor a revision git knows."
        ) from error
    return commit.decode().strip()


def versions(
    conn: Connection, root: Path, revision: str | None, folder: Path
) -> dict[str, Version]:
    """Return the segments of a revision by code; of the working tree for None.

    `folder` is empty and may be thrown away afterwards.
    Raises QuanyuError when git does not know the revision or dbt cannot read it.
    """
    project = folder / "dbt_project"
    if revision is None:
        ignore = shutil.ignore_patterns(*_NOT_SOURCE)
        shutil.copytree(root / "dbt_project", project, ignore=ignore)
    else:
        _unpack(root, revision, folder)
    packages = root / "dbt_project" / "dbt_packages"
    (project / "dbt_packages").symlink_to(packages, target_is_directory=True)
    return _versions(conn, _compiled(project, revision or "the working tree"))


def members_of(
    conn: Connection, asked: Mapping[str, Version]
) -> tuple[dict[str, set[Any]], dict[str, str]]:
    """Return the members of each segment and group, and the faults of those that fail.

    A segment fails whose SQL needs what the warehouse has not, such as a new tag.
    """
    found: dict[str, set[Any]] = {}
    faults: dict[str, str] = {}
    for one in asked.values():
        try:
            with conn.transaction():
                rows = conn.execute(sql.SQL(cast(LiteralString, one.query))).fetchall()
        except psycopg.Error as error:
            reason = " ".join(str(error).split(" LINE ")[0].split("\n")[0].split())
            faults[one.code] = f"cannot be asked of this warehouse: {reason}."
            continue
        found[one.code] = {row[0] for row in rows}
        for group in one.groups:
            code = f"{one.code}{GROUP_SEPARATOR}{group}"
            found[code] = {row[0] for row in rows if row[1] == group}
    return found, faults


def other_changes(root: Path, before: str, after: str | None) -> list[str]:
    """Return models and seeds besides segments that differ: tags are asked as built."""
    range_ = [before, *([after] if after else [])]
    names = _git(
        root, "diff", "--name-only", "--end-of-options", *range_, "--", "dbt_project"
    )
    return [
        name
        for name in names.decode().splitlines()
        if re.search(r"/(models|seeds)/", name)
        and "/models/segments/" not in name
        and name.endswith((".sql", ".csv"))
    ]


def _git(root: Path, *arguments: str) -> bytes:
    git = shutil.which("git")
    if not git:
        raise QuanyuError("git is not installed: days can be compared, revisions not.")
    done = subprocess.run(
        [git, "-C", str(root), *arguments], capture_output=True, check=False
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise QuanyuError(f"git: {reason[0] if reason else 'failed'}.")
    return done.stdout


def _unpack(root: Path, revision: str, folder: Path) -> None:
    # A zip: the first versions of Python 3.11 cannot unpack a tar without trusting it.
    commit = commit_of(root, revision)
    archive = _git(root, "archive", "--format=zip", commit, "dbt_project")
    with zipfile.ZipFile(BytesIO(archive)) as files:
        files.extractall(folder)


def _compiled(project: Path, name: str) -> dict[str, Any]:
    """Return dbt's manifest with the SQL of the segments, macros written out."""
    target = project / "target"
    target.mkdir()
    parsed = dbt_manifest_path().with_name("partial_parse.msgpack")
    if parsed.exists():
        # Only what differs is parsed anew: seconds instead of a minute.
        shutil.copy(parsed, target)
    done = subprocess.run(
        [
            sys.executable, "-c", "from dbt.cli.main import cli; cli()", "compile",
            "--select", "path:models/segments", "--no-use-colors", "--quiet",
            "--project-dir", str(project), "--profiles-dir", str(project),
            "--target-path", str(target), "--log-path", str(project / "logs"),
        ],
        env={**os.environ, **environment()},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        fault = " ".join(lines[-3:])[-_LONGEST_FAULT:]
        raise QuanyuError(f"dbt cannot read the segments of {name}: {fault}")
    manifest: dict[str, Any] = json.loads((target / "manifest.json").read_bytes())
    return manifest


def _versions(conn: Connection, manifest: Mapping[str, Any]) -> dict[str, Version]:
    nodes = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and "segment" in node["config"]["meta"]
    }
    frozen = {code for code, node in nodes.items() if _is_frozen(conn, node)}
    day = f"cast('{last_day(conn)}' as date)"
    found = {}
    for code, node in nodes.items():
        entry = node["config"]["meta"]["segment"]
        key = ENTITY_KEYS[entry.get("entity", "customer")]
        groups = tuple(entry.get("groups", ()))
        source = node["relation_name"] if code in frozen else code
        columns = f"{key}, group_code" if groups else key
        ctes = ",\n".join(
            f"{one} as (\n{_text(nodes[one], nodes, frozen)}\n)"
            for one in _read_by(code, nodes)
            if one not in frozen
        )
        with_ = f"with {ctes}\n" if ctes else ""
        query = f"{with_}select {columns} from {source}"  # noqa: S608 - dbt compiled it
        query = query.replace(_AS_OF, day)
        found[code] = Version(code, query, key, groups)
    return found


def _read_by(code: str, nodes: Mapping[str, Any]) -> list[str]:
    """Return a segment and those it reads, each after those that it reads."""
    found: list[str] = []
    for parent in nodes[code]["depends_on"]["nodes"]:
        name = parent.rpartition(".")[2]
        if name in nodes:
            found += [one for one in _read_by(name, nodes) if one not in found]
    return [*found, code]


def _text(node: Mapping[str, Any], nodes: Mapping[str, Any], frozen: set[str]) -> str:
    """Return a segment's compiled SQL, reading the others by their codes."""
    text: str = node["compiled_code"].strip()
    for parent in node["depends_on"]["nodes"]:
        name = parent.rpartition(".")[2]
        if name in nodes and name not in frozen:
            text = text.replace(nodes[name]["relation_name"], name)
    return text


def _is_frozen(conn: Connection, node: Mapping[str, Any]) -> bool:
    """Whether the warehouse holds the snapshot of the day this version names."""
    day = node["config"]["meta"]["segment"].get("snapshot_on")
    if not day:
        return False
    store = sql.Identifier(node["schema"], f"{node['name']}__frozen")
    if conn.execute("select to_regclass(%s)", [store.as_string(conn)]).fetchone() == (
        None,
    ):
        return False
    row = conn.execute(
        sql.SQL("select exists (select from {} where snapshot_on = %s)").format(store),
        [day],
    ).fetchone()
    return bool(row and row[0])

"""Where a tag comes from and who uses it, read from dbt's manifest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audience.entries import Tag
from warehouse.errors import QuanyuError

Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Lineage:
    """Names, each list sorted: marts, seeds and sources its family is made of; tag
    models, segments and other models whose SQL names the tag (segments also through
    other segments); syncs that send one of these segments or the tag itself."""

    sources: list[str]
    tags: list[str]
    segments: list[str]
    others: list[str]
    syncs: list[str]


def lineage(manifest: Manifest, tag: Tag) -> Lineage:
    """Return the lineage of a tag; QuanyuError when dbt has not parsed it yet."""
    model = f"tags_{tag.entity}_{tag.family}"
    nodes = manifest["nodes"]
    own = next((uid for uid in nodes if uid.endswith(f".{model}")), None)
    if own is None or tag.code not in nodes[own]["columns"]:
        raise QuanyuError(f"dbt has not parsed {tag.code} yet: run `quanyu dbt parse`.")
    users = _users(nodes, own, tag)
    segments = _with_readers(nodes, {uid for uid in users if _is_segment(nodes, uid)})
    layers = {uid: nodes[uid]["fqn"][1] for uid in users}
    return Lineage(
        sources=sorted(_sources(manifest, own)),
        tags=_names(nodes, (uid for uid in users if layers[uid] == "tags")),
        segments=_names(nodes, segments),
        others=_names(
            nodes, (uid for uid in users if layers[uid] not in ("tags", "segments"))
        ),
        syncs=sorted(
            exposure["name"].removeprefix("sync_")
            for exposure in manifest["exposures"].values()
            if segments & set(exposure["depends_on"]["nodes"])
            or tag.code in exposure["config"]["meta"].get("tags", ())
        ),
    )


def _sources(manifest: Manifest, own: str) -> set[str]:
    """Return the nearest marts, seeds, sources above a model; tags lie between."""
    found, ahead, seen = set(), [own], {own}
    while ahead:
        for uid in manifest["nodes"][ahead.pop()]["depends_on"]["nodes"]:
            if uid in seen:
                continue
            seen.add(uid)
            node = manifest["nodes"].get(uid)
            if node is None:
                source = manifest["sources"][uid]
                found.add(f"{source['schema']}.{source['name']}")
            elif node["resource_type"] == "seed" or node["fqn"][1] != "tags":
                found.add(node["name"])
            else:
                ahead.append(uid)
    return found


def _users(nodes: Mapping[str, Any], own: str, tag: Tag) -> set[str]:
    """Return the models that read the tag's family or wide table and name the tag."""
    tables = {own} | {uid for uid in nodes if uid.endswith(f".{tag.entity}_tags_wide")}
    named = re.compile(rf"\b{tag.code}\b")
    return {
        uid
        for uid, node in nodes.items()
        if node["resource_type"] == "model"
        and tables & set(node["depends_on"]["nodes"])
        and named.search(re.sub(r"--[^\n]*", "", node["raw_code"]))
    }


def _with_readers(nodes: Mapping[str, Any], segments: set[str]) -> set[str]:
    """Return segments and the segments that are made of them, however far."""
    while True:
        more = {
            uid
            for uid in nodes
            if _is_segment(nodes, uid)
            and segments & set(nodes[uid]["depends_on"]["nodes"])
        }
        if more <= segments:
            return segments
        segments = segments | more


def _is_segment(nodes: Mapping[str, Any], uid: str) -> bool:
    return bool(nodes[uid]["resource_type"] == "model") and nodes[uid][
        "name"
    ].startswith("seg_")


def _names(nodes: Mapping[str, Any], uids: Iterable[str]) -> list[str]:
    return sorted(nodes[uid]["name"] for uid in uids)

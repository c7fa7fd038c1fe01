"""A member -> the body of externalcontact/mark_tag."""

from __future__ import annotations

from typing import Any

from activation.destinations.base import Batch, BatchError
from activation.destinations.wecom_tag.settings import Settings


def render(batch: Batch, settings: Settings) -> dict[str, Any]:
    """Body that leaves the pair with just the tag it shall have of this sync's.

    Raises BatchError when the member's value has no tag.
    """
    (member,) = batch.members
    guide, _, contact = member.key.partition(":")
    body: dict[str, Any] = {"userid": guide, "external_userid": contact}
    if settings.tag_id:
        operation = "remove_tag" if batch.op == "remove" else "add_tag"
        return {**body, operation: [settings.tag_id]}
    if batch.op == "remove":
        return {**body, "remove_tag": sorted(set(settings.tag_ids.values()))}
    wanted = settings.tag_ids.get(str(member.fields.get("tag")))
    if wanted is None:
        raise BatchError("no_tag_for_value", "tag_ids holds no tag for this value")
    stale = sorted(set(settings.tag_ids.values()) - {wanted})
    return {**body, "add_tag": [wanted], **({"remove_tag": stale} if stale else {})}

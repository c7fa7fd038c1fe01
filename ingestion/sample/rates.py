"""The committed noise rates, read once and checked."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.errors import QuanyuError

NOISE_FILE = Path(__file__).with_name("noise.yml")
Share = Field(default=0.0, ge=0, le=1)


class NoiseRates(BaseModel):
    """Shares between 0 and 1; what each is a share of is said in noise.yml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # people and their accounts
    phone_changed: float = Share
    phone_recycled: float = Share
    counter_phone: float = Share
    placeholder_phone: float = Share
    missing_phone: float = Share
    late_phone: float = Share
    shop_guest: float = Share
    registered_twice: float = Share
    email_case: float = Share
    email_typo: float = Share
    placeholder_birthday: float = Share
    region_alias: float = Share
    family_device: float = Share
    late_conversion: float = Share
    wrong_remark_phone: float = Share
    # what single orders and events show
    receipt_no_card: float = Share
    buyer_field_missing: float = Share
    event_not_logged_in: float = Share
    event_device_only: float = Share
    gift_receiver: float = Share
    masked_receiver: float = Share
    privacy_receiver: float = Share
    placeholder_receiver: float = Share
    # rows of the files
    phone_excel: float = Share
    id_excel: float = Share
    late_row: float = Share
    out_of_order_row: float = Share
    duplicate_row: float = Share
    superseded_row: float = Share
    excel_id_row: float = Share
    missing_required_row: float = Share
    bad_date_row: float = Share
    negative_amount_row: float = Share
    torn_line: float = Share
    undecodable_line: float = Share
    totals_row: float = Share
    # shops' and tills' own trials
    test_order: float = Share
    training_receipt: float = Share


def load_rates(profile: str, path: Path = NOISE_FILE) -> NoiseRates:
    """Return the rates of a profile of noise.yml."""
    profiles = yaml.safe_load(path.read_text("utf-8"))
    if profile not in profiles:
        known = ", ".join(profiles)
        raise QuanyuError(f"unknown noise profile {profile}: {path.name} has {known}")
    try:
        return NoiseRates(**(profiles[profile] or {}))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise QuanyuError(
            f"{path.name}: {profile}.{where}: {first['msg']}; correct the file"
        ) from error

"""Devices and vehicles: who has to do with them, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.identity_project import IdentityProject, Record, rows

ANN, ANNS_NEW = "16000000001", "16000000002"
CAR = {"vehicle_no": "VIN1"}
RECORDS = [
    # Ann shows her car with her card; later only with a shop account that a phone ties.
    Record(1, "pos", "member", 0, {"pos_member_no": "ann", "phone": ANN}),
    Record(2, "pos", "order", 1, {"pos_member_no": "ann", **CAR}),
    Record(3, "youzan", "member", 5, {"yz_open_id": "ann", "phone": ANN}),
    Record(
        4, "youzan", "event", 6, {"yz_open_id": "ann", **CAR, "device_id": "tablet"}
    ),
    # Her card and her phone change: it is still her car.
    Record(5, "youzan", "member", 10, {"yz_open_id": "ann", "phone": ANNS_NEW}),
    Record(6, "pos", "member", 11, {"pos_member_no": "ann2", "phone": ANNS_NEW}),
    Record(7, "pos", "order", 12, {"pos_member_no": "ann2", **CAR}),
    # Bob buys it on day 30, and uses the tablet too.
    Record(8, "pos", "member", 30, {"pos_member_no": "bob", **CAR}),
    Record(9, "youzan", "event", 31, {"yz_open_id": "bob", "device_id": "tablet"}),
    Record(10, "pos", "order", 35, {"pos_member_no": "bob", **CAR}),
    # Ann buys it back on day 70; what was hers is hers again.
    Record(11, "pos", "order", 70, {"pos_member_no": "ann2", **CAR}),
    Record(12, "pos", "order", 71, {"pos_member_no": "ann", **CAR}),
    # Bob once more, in the same month as Ann.
    Record(13, "pos", "order", 75, {"pos_member_no": "bob", **CAR}),
]  # fmt: skip


@pytest.mark.slow
def test_a_relation_stays_with_the_person_and_moves_with_a_resale(
    tmp_path: Path, database: str
) -> None:
    project = IdentityProject(tmp_path)
    header = (project.seeds / "oneid_identifier_types.csv").read_text().splitlines()
    device = next(line for line in header if line.startswith("device_id,"))
    project.write_seed(
        "oneid_identifier_types", [device.replace("device_id,", "vehicle_no,", 1)]
    )
    project.write_seed("oneid_subject_types", ["vehicle,vehicle_no,车辆,true,a car"])
    project.land(RECORDS)
    project.build(
        90,
        "--exclude-resource-type",
        "unit_test",
        "--exclude",
        "assert_identity_budgets_hold",
    )
    owner = dict(rows("select record_key, customer_id from identity.oneid_records"))
    ann, bob, bobs_shop = owner[1], owner[8], owner[9]
    assert {owner[key] for key in range(1, 8)} == {ann}
    spans = rows(
        "select value, customer_id, valid_from::date - date '2017-01-01',"
        " valid_to::date - date '2017-01-01' from identity.oneid_relations"
        " order by value, valid_from"
    )
    assert spans == [
        ("VIN1", ann, 1, 30),
        ("VIN1", bob, 30, 70),
        ("VIN1", ann, 70, 75),
        ("VIN1", bob, 75, None),
        ("tablet", ann, 6, None),
        ("tablet", bobs_shop, 31, None),
    ]
    assert bob != ann, "a car ties nobody"

"""`quanyu oneid diff`: who merges and splits under other rules; nothing is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from identity.diff import diff_rules
from tests.integration.identity_project import IdentityProject, Record, rows
from warehouse.connection import connect
from warehouse.errors import QuanyuError

DAY = "2017-01-04"
ANN, FAMILY = "16000000001", "16000000009"
RECORDS = [
    Record(1, "pos", "member", 0, {"pos_member_no": "ann", "phone": ANN}),
    Record(2, "youzan", "member", 0, {"yz_open_id": "ann", "phone": ANN}),
    # Three cards on one phone: over the limit of two.
    Record(3, "pos", "member", 0, {"pos_member_no": "c1", "phone": FAMILY}),
    Record(4, "pos", "member", 1, {"pos_member_no": "c2", "phone": FAMILY}),
    Record(5, "pos", "member", 2, {"pos_member_no": "c3", "phone": FAMILY}),
]


@pytest.mark.slow
def test_rules_are_tried_beside_the_ones_in_use(tmp_path: Path, database: str) -> None:
    project = IdentityProject(tmp_path)
    project.land(RECORDS)
    project.build(
        3,
        "--exclude-resource-type",
        "unit_test",
        "--exclude",
        "assert_identity_budgets_hold",
    )
    owner = dict(rows("select record_key, customer_id from identity.oneid_records"))
    state = rows("select * from identity.oneid_assignments order by 1")
    rules = tmp_path / "rules"
    rules.mkdir()
    types = rules / "oneid_identifier_types.csv"
    blocked = rules / "oneid_blocked_values.csv"
    shutil.copy(project.seeds / types.name, types)
    shutil.copy(project.seeds / blocked.name, blocked)

    with connect() as conn:
        # Three accounts of a programme may share a phone; Ann's number is a test phone.
        text = types.read_text()
        assert ",account,false,true,2," in text
        types.write_text(
            text.replace(",account,false,true,2,", ",account,false,true,3,")
        )
        with blocked.open("a") as seed:
            seed.write(f"phone,{ANN},test\n")
        moves = diff_rules(conn, rules, DAY, project.folder)
        family = {owner[3], owner[4], owner[5]}
        found = {
            (move.op, move.from_customer_id, move.to_customer_id) for move in moves
        }
        assert found == {
            *(("merge", one, min(family)) for one in family - {min(family)}),
            ("split", owner[1], max(owner.values()) + 1),
            ("release", owner[1], None),
        }
        assert all("****" not in move.value for move in moves)
        assert ANN not in " ".join(move.label for move in moves)
        assert len(rows("select * from identity.oneid_rules_diff")) == len(found)

        with blocked.open("a") as seed:
            seed.write("fax,1,test\n")
        with pytest.raises(QuanyuError, match="line 29: fax is no identifier type"):
            diff_rules(conn, rules, DAY, project.folder)
        (rules / "oneid_types.csv").write_text("identifier_type\n")
        with pytest.raises(QuanyuError, match=r"oneid_types.csv is none of the rules"):
            diff_rules(conn, rules, DAY, project.folder)

    assert rows("select * from identity.oneid_assignments order by 1") == state
    schemas = "select 1 from pg_namespace where nspname like '%beside'"
    assert not rows(schemas), "nothing is left behind"

"""The engine and every destination together: who is held, and what is never kept.

The last step looks for phones, e-mails and names wherever they must not be: in the
ledger, in the state folder, in logs and on the screen.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from activation import engine
from activation.receiver import Receiver
from activation.specs import SyncSpec
from tests.integration.activation_world import (
    DAY,
    World,
    people,
    phone_of,
    webhook_sync,
)
from tests.stubs.running import RunningStub, running_stub
from warehouse.connection import Connection
from warehouse.settings import state_dir

PHONE = {"from": "contact.phone"}
SHA256 = {**PHONE, "as": "cn_mobile_sha256"}
CORP = {"scope": "wecom_group"}
STUBS = ("wecom", "ocean_engine", "tencent_ads", "aliyun_sms", "tencent_sms")
SECRETS = {
    "CORP": "ww_test",
    "CORP_SECRET": "corp-secret",
    "ADVERTISER": "77",
    "OE_APP": "app-1",
    "OE_SECRET": "app-secret",
    "REFRESH": "refresh-0",
    "ADS_ACCOUNT": "55",
    "ADS_CLIENT": "1101",
    "ADS_SECRET": "ads-secret",
    "ALI_ID": "ak-test",
    "ALI_SECRET": "ak-secret",
    "TC_ID": "id-test",
    "TC_SECRET": "sk-test",
}


def name_of(number: int) -> str:
    return f"欧阳测试{number}"


def sync(kind: str, key: str, fields: dict[str, Any], **settings: Any) -> SyncSpec:
    """A sync of the world's segment; names of variables are T_ and the rest."""
    named = {
        name: f"T_{value.upper()}" if name.endswith("_env") else value
        for name, value in settings.items()
    }
    content = webhook_sync(holdout=None).model_dump(mode="json", by_alias=True)
    content |= {"name": f"due_to_{kind}", "key": key, "map": fields}
    return SyncSpec.model_validate({**content, "destination": {"type": kind, **named}})


CORP_ENV = {"corp_id_env": "CORP", "secret_env": "CORP_SECRET", "url_env": "wecom"}
OF = {
    "wecom_tag": sync(
        "wecom_tag",
        "contact",
        {"contact": {"from": "contact.wecom_contact", **CORP}},
        tag_id="et_vip",
        **CORP_ENV,
    ),
    "wecom_message": sync(
        "wecom_message",
        "contact",
        {"contact": {"from": "contact.wecom_external_userid", **CORP}},
        text="二单券",
        **CORP_ENV,
    ),
    "ocean_engine": sync(
        "ocean_engine",
        "mobile_sha256",
        {"mobile_sha256": SHA256},
        advertiser_id_env="ADVERTISER",
        app_id_env="OE_APP",
        secret_env="OE_SECRET",
        refresh_token_env="REFRESH",
        url_env="ocean_engine",
        audience_name="高价值",
    ),
    "tencent_ads": sync(
        "tencent_ads",
        "mobile",
        {"mobile": {**PHONE, "as": "cn_mobile_md5"}},
        account_id_env="ADS_ACCOUNT",
        client_id_env="ADS_CLIENT",
        secret_env="ADS_SECRET",
        refresh_token_env="REFRESH",
        url_env="tencent_ads",
        audience_name="高价值",
        user_id_type="HASH_MOBILE_PHONE",
    ),
    "aliyun_sms": sync(
        "aliyun_sms",
        "mobile_sha256",
        {
            "mobile_sha256": SHA256,
            "mobile": {**PHONE, "as": "cn_mobile"},
            "name": {"from": "tags.tier"},
        },
        access_key_id_env="ALI_ID",
        access_key_secret_env="ALI_SECRET",
        url_env="aliyun_sms",
        sign_name="全域商城",
        template_code="SMS_1",
    ),
    "tencent_sms": sync(
        "tencent_sms",
        "mobile_sha256",
        {
            "mobile_sha256": SHA256,
            "mobile": {**PHONE, "as": "e164"},
            "name": {"from": "tags.tier"},
        },
        secret_id_env="TC_ID",
        secret_key_env="TC_SECRET",
        url_env="tencent_sms",
        app_id="14000",
        sign_name="全域",
        template_id="77",
        template_params=["name"],
    ),
    "file": sync(
        "file",
        "customer_id",
        {
            "customer_id": {"from": "customer_id"},
            "mobile": {**PHONE, "as": "e164"},
            "email": {"from": "contact.email", "as": "email"},
            "name": {"from": "tags.tier"},
            "amount": {"from": "tags.net_amount"},
        },
        directory="out",
        encoding="gb18030",
    ),
}


@pytest.fixture
def stubs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, RunningStub]]:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path / "home"))
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"T_{name}", value)
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(running_stub(name, tmp_path / name))
            for name in STUBS
        }
        for name, stub in running.items():
            monkeypatch.setenv(f"T_{name.upper()}", stub.url)
        yield running


@pytest.fixture
def world(conn: Connection) -> World:
    """Twelve people with names; all are contacts of guides, each of one."""
    crowd = people(12)
    for number, person in crowd.items():
        person.tier = name_of(number)
    world = World(conn, crowd)
    conn.execute(
        """
        create table marts.fct_guide_contacts (
            customer_id bigint, shop_code text, staff_code text,
            wecom_external_userid text, added_at timestamptz, is_current boolean
        );
        insert into marts.fct_guide_contacts
        select n, 'wecom_group', 'g' || n % 3, 'wm' || n, now(), true
        from generate_series(1, 12) as n;
        insert into marts.dim_contact_points
        select n, 'wecom_external_userid', 'wm' || n, 'wecom_group', 'account',
            '2017-01-01', true, true
        from generate_series(1, 12) as n;
        """
    )
    conn.commit()
    return world


@pytest.fixture
def said(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Callable[[], str]:
    """All that was logged, at any level, or printed."""
    caplog.set_level(logging.DEBUG)
    return lambda: caplog.text + "".join(capfd.readouterr())


def hashes(algorithm: str, numbers: range) -> set[str]:
    texts = (phone_of(number).encode() for number in numbers)
    return {hashlib.new(algorithm, text).hexdigest() for text in texts}


def column(stub: RunningStub, query: str) -> set[str]:
    return {row[0] for row in stub.query(query)}


def apply(conn: Connection, kind: str) -> Any:
    return engine.apply(conn, OF[kind], DAY)


def resume(conn: Connection, kind: str) -> Any:
    """Apply when the time has come that a run waits for."""
    conn.execute("update activation.runs set resumes_at = now() - interval '1 s'")
    conn.commit()
    return apply(conn, kind)


def test_every_channel_holds_who_it_should_and_we_keep_nobody(
    conn: Connection,
    world: World,
    stubs: dict[str, RunningStub],
    receiver: Receiver,
    said: Callable[[], str],
) -> None:
    everybody = range(1, 13)
    wecom, ocean, ads = (stubs[name] for name in STUBS[:3])
    pairs = [[f"g{n % 3}", f"wm{n}"] for n in everybody]
    wecom.tell(relations=pairs, tags=["et_vip"])

    assert apply(conn, "wecom_tag").added == 12
    marks = "select userid || ':' || external_userid from marks"
    assert column(wecom, marks) == {":".join(pair) for pair in pairs}
    assert apply(conn, "wecom_message").added == 12
    asked = "select external_userid from messages"
    assert len(wecom.query(asked)) == len(column(wecom, asked)) == 12

    assert apply(conn, "ocean_engine").status == "waiting"
    ocean.tell(parse=True)
    assert resume(conn, "ocean_engine").status == "done"
    assert column(ocean, "select id from published") == hashes("sha256", everybody)
    assert apply(conn, "tencent_ads").status == "waiting"
    ads.tell(process=True)
    assert resume(conn, "tencent_ads").status == "done"
    assert column(ads, "select id from members") == hashes("md5", everybody)

    for kind, prefix in (("aliyun_sms", ""), ("tencent_sms", "+86")):
        assert apply(conn, kind).added == 12
        assert apply(conn, kind).added == 0  # once is enough
        sent = stubs[kind].query("select number, variables from sent")
        assert sorted(row[0] for row in sent) == [
            prefix + phone_of(number) for number in everybody
        ]
        assert name_of(1) in str(sent)

    assert apply(conn, "file").added == 12
    engine.apply(conn, webhook_sync(holdout=None), DAY)

    # One leaves, one has a new phone; channels of sets follow.
    world.people[1].in_segment = False
    world.people[2].phone = phone_of(99)
    world.write()
    conn.execute(
        "insert into marts.dim_contact_points"
        " select n, 'wecom_external_userid', 'wm' || n, 'wecom_group', 'account',"
        " '2017-01-01', true, true from generate_series(1, 12) as n"
    )
    conn.commit()
    assert apply(conn, "wecom_tag").removed == 1
    assert column(wecom, marks) == {":".join(pair) for pair in pairs[1:]}
    apply(conn, "tencent_ads")
    ads.tell(process=True)
    resume(conn, "tencent_ads")
    now = hashes("md5", range(3, 13)) | hashes("md5", range(99, 100))
    assert column(ads, "select id from members") == now

    shown = said() + _kept(conn, state_dir())
    for number in (*everybody, 99):
        for trace in (phone_of(number), f"person{number}@", name_of(number)):
            assert trace not in shown


def _kept(conn: Connection, home: Path) -> str:
    """All that the ledger and the state folder hold, but for what was delivered."""
    tables = conn.execute(
        "select schemaname, tablename from pg_tables"
        " where schemaname in ('activation', 'erasure', 'orchestration', 'ml')"
    ).fetchall()
    rows = [
        str(row)
        for schema, table in tables
        for row in conn.execute(
            sql.SQL("select t::text from {} as t").format(sql.Identifier(schema, table))
        )
    ]
    files = [
        path.read_bytes().decode("gb18030", errors="replace")
        for path in home.rglob("*")
        if path.is_file() and (home / "out") not in path.parents
    ]
    assert len(rows) > 50
    assert files  # tokens, at least
    return "\n".join([*rows, *files])


def test_scan_would_find_what_is_there(
    conn: Connection, world: World, tmp_path: Path
) -> None:
    """The scan is no use if it looks past what it should find."""
    conn.execute("create table activation.leak as select %s as phone", [phone_of(1)])
    conn.execute(
        "insert into activation.leak select n::text from generate_series(1,60) n"
    )
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "note").write_text(name_of(1), encoding="gb18030")
    kept = _kept(conn, tmp_path / "home")
    assert phone_of(1) in kept
    assert name_of(1) in kept


@pytest.mark.parametrize(
    ("kind", "field", "written"),
    [
        ("ocean_engine", "mobile_sha256", ("cn_mobile_sha256",)),
        ("tencent_ads", "mobile", ("cn_mobile_md5", "cn_mobile_sha256")),
        ("aliyun_sms", "mobile", ("cn_mobile",)),
        ("tencent_sms", "mobile", ("e164",)),
    ],
)
def test_channels_take_phones_as_their_documents_write_them(
    kind: str, field: str, written: tuple[str, ...]
) -> None:
    """What the writings come to is in test_normalisers_match_golden_vectors."""
    wants = OF[kind].destination.wants
    assert wants is not None
    assert wants[field].written == written
    content = OF[kind].stored()
    content["map"][field]["as"] = "country_digits_sha256"
    with pytest.raises(ValueError, match=f"must be {written[0]}"):
        SyncSpec.model_validate(content)

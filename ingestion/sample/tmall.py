"""Tmall's exports: the columns of ingestion/channels/tmall/contract.yml."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.dice import Ints, Times, texts
from ingestion.sample.export import (
    ExportTable,
    day,
    moment,
    money,
    pick,
    text,
    versions,
)
from ingestion.sample.people import region_texts
from ingestion.sample.shops import SHOP_CODES, TMALL
from ingestion.sample.world import World

TYPES = {"sale": "普通", "presale": "预售", "exchange": "换货", "reshipment": "补发"}
STATES = (
    "等待买家付款",
    "已付定金",
    "买家已付款",
    "卖家已发货",
    "交易成功",
    "交易关闭",
)
REFUNDS = {"refund_only": "仅退款", "return": "退货退款", "exchange": "换货"}
POINTS = {"earn": "获得", "redeem": "消费", "expire": "过期", "return": "退回"}
COUPONS = {"claim": "领取", "use": "使用", "return": "退回", "expire": "过期"}
DISTRICTS = ("城东区", "城西区", "高新区", "新城区", "经开区")


def shop_codes(shop: np.ndarray) -> pa.Array:
    """Return shop codes of shop numbers."""
    return pick(SHOP_CODES, shop)


def named(names: dict[str, str], values: np.ndarray) -> pa.Array:
    """Return the channel's words for neutral words."""
    coded = text(values).dictionary_encode()
    words = [names[value] for value in coded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(coded.indices, pa.array(words)).cast(
        pa.string()
    )


def tmall_tables(world: World) -> Iterator[ExportTable]:
    """Yield all tables of the channel."""
    for table in (
        _orders,
        _order_lines,
        _members,
        _refunds,
        _points,
        _coupons,
        _touches,
    ):
        yield table(world)


def _order_ids(world: World, order: Ints) -> np.ndarray:
    """Return order ids of rows of world.orders, some with Excel's trailing tab."""
    ids = texts(world.orders["order_id"])[order]
    return tell.tab_ids(ids, order, world.rates.id_excel, world.dice, "tmall")


def _orders(world: World) -> ExportTable:
    mine = tell.orders_of(world, TMALL)
    row, at = tell.order_versions(world, mine)
    ouid = texts(world.accounts["account_id"])[mine.frame["account"]]
    origin = mine.frame["origin"].to_numpy()
    all_ids = texts(world.orders["order_id"])
    phone = tell.tick_phones(
        texts(mine.frame["receiver_phone"]),
        world.rates.phone_excel,
        world.dice,
        "tmall orders",
    )
    region = world.people["region"].to_numpy()[mine.frame["receiver"]]
    province, city = region_texts(region, mine.frame["is_alias"].to_numpy())
    district = texts(DISTRICTS)[mine.frame["receiver"].to_numpy() % len(DISTRICTS)]

    def render(row: Ints, at: Times) -> pa.Table:
        amount = tell.order_money(world, mine, row, at)
        state = tell.status_at(mine, row, at)
        return pa.table(
            {
                "店铺ID": shop_codes(mine.column("shop", row)),
                "订单编号": text(_order_ids(world, mine.world_row[row])),
                "支付单号": mine.texts("pay_no", row, tell.money_came(mine, row, at)),
                "买家OUID": text(ouid[row]),
                "订单类型": named(TYPES, mine.column("order_type", row)),
                "关联订单编号": text(all_ids[origin[row]], origin[row] >= 0),
                "订单状态": pick(STATES, state),
                "商品金额": amount["list"],
                "店铺优惠": amount["shop_discount"],
                "平台优惠": amount["platform_discount"],
                "优惠券": amount["coupon"],
                "积分抵扣": amount["points"],
                "运费": amount["freight"],
                "税费": amount["tax"],
                "应付商品金额": amount["goods"],
                "实付金额": amount["paid"],
                "已退款金额": amount["refunded"],
                "定金金额": amount["deposit"],
                "订单创建时间": moment(mine.column("created_at", row)),
                "定金付款时间": moment(tell.happened(mine, "deposit_at", row, at)),
                "付款时间": moment(tell.happened(mine, "paid_at", row, at)),
                "发货时间": moment(tell.happened(mine, "shipped_at", row, at)),
                "确认收货时间": moment(tell.happened(mine, "completed_at", row, at)),
                "收货人姓名": mine.texts("receiver_name", row),
                "收货人手机": text(phone[row]),
                "省": text(province[row]),
                "市": text(city[row]),
                "区": text(district[row]),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "tmall.orders",
        mine,
        (row, at),
        render,
        id_column="订单编号",
        encoding="gb18030",
        late=world.late_orders[mine.world_row],
        excel_ids=True,
        has_totals=True,
        faults=tell.faults(
            ("买家OUID", "missing_required"), "订单创建时间", "应付商品金额"
        ),
    )


def _order_lines(world: World) -> ExportTable:
    mine = tell.lines_of(world, TMALL)
    order = mine.frame["order"].to_numpy()
    orders = world.orders
    first = orders["deposit_at"].fillna(orders["paid_at"]).fillna(orders["created_at"])
    shipped = orders["shipped_at"].to_numpy()
    row, at = versions(first.to_numpy()[order], shipped[order])

    def render(row: Ints, at: Times) -> pa.Table:
        owner = order[row]
        product = mine.column("product_id", row)
        return pa.table(
            {
                "店铺ID": shop_codes(orders["shop"].to_numpy()[owner]),
                "订单编号": text(_order_ids(world, owner)),
                "子订单编号": mine.texts("line_id", row),
                "商家编码": text(tell.merchant_codes(product, "T")),
                "标题": text(tell.titles(world, product)),
                "数量": pa.array(mine.column("quantity", row)),
                "商品金额": money(mine.column("list", row)),
                "店铺优惠": money(mine.column("shop_discount", row)),
                "平台优惠": money(mine.column("platform_discount", row)),
                "优惠券": money(mine.column("coupon", row)),
                "应付商品金额": money(mine.column("goods", row)),
                "是否赠品": pick(("否", "是"), mine.column("is_gift", row).astype(int)),
                "运单号": mine.texts("parcel", row, shipped[owner] <= at),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "tmall.order_lines",
        mine,
        (row, at),
        render,
        id_column="子订单编号",
        encoding="gb18030",
        late=world.late_orders[order],
        excel_ids=True,
        has_totals=True,
        faults=tell.faults(("数量", "missing_required"), "更新时间", "应付商品金额"),
    )


def _members(world: World) -> ExportTable:
    mine = tell.members_of(world, TMALL)
    row, at = tell.member_versions(world, mine, tells_sms=True)
    person = mine.frame["person"].to_numpy()
    people = world.people
    province, city = region_texts(
        people["region"].to_numpy()[person], mine.frame["is_alias"].to_numpy()
    )

    def render(row: Ints, at: Times) -> pa.Table:
        who = person[row]
        phone = tell.tick_phones(
            tell.member_phone(world, mine, row, at),
            world.rates.phone_excel, world.dice, "tmall members",
        )  # fmt: skip
        agrees = tell.agrees_to_sms(mine, row, at)
        return pa.table(
            {
                "店铺ID": shop_codes(mine.column("shop", row)),
                "会员OUID": mine.texts("account_id", row),
                "会员OMID": tell.chosen(
                    people["omid"], who, mine.column("seq", row) == 1
                ),
                "手机号": text(phone),
                "姓名": tell.chosen(people["name"], who),
                "性别": named(
                    {"F": "女", "M": "男", "U": "未知"},
                    people["gender"].to_numpy()[who],
                ),
                "生日": day(mine.column("birthday", row)),
                "宝宝生日": day(mine.column("baby_birthday", row)),
                "省": text(province[row]),
                "市": text(city[row]),
                "会员等级": text(tell.tier_at(mine, row, at)),
                "短信授权": pick(("N", "Y"), agrees.astype(int)),
                "入会时间": moment(mine.column("joined_at", row)),
                "退会时间": moment(tell.happened(mine, "left_at", row, at)),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "tmall.members",
        mine,
        (row, at),
        render,
        id_column="会员OUID",
        has_bom=True,
        keeps_history=True,
        faults=tell.faults(date="入会时间"),
    )


def _refunds(world: World) -> ExportTable:
    mine = tell.refunds_of(world, TMALL)
    row, at = versions(mine.frame["applied_at"], mine.frame["decided_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        order = mine.column("order", row)
        state, decided = tell.refund_state(mine, row, at)
        return pa.table(
            {
                "店铺ID": shop_codes(world.orders["shop"].to_numpy()[order]),
                "退款编号": mine.texts("refund_id", row),
                "订单编号": text(_order_ids(world, order)),
                "子订单编号": text(
                    tell.take(world.lines, "line_id", mine.column("line", row))
                ),
                "退款类型": named(REFUNDS, mine.column("refund_type", row)),
                "退款状态": pick(("申请中", "退款成功", "退款关闭"), state),
                "退款金额": money(mine.column("amount", row)),
                "退货数量": pa.array(mine.column("quantity", row)),
                "退款原因": mine.texts("reason", row),
                "申请时间": moment(mine.column("applied_at", row)),
                "完结时间": moment(
                    np.where(
                        decided, mine.column("decided_at", row), np.datetime64("NaT")
                    )
                ),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "tmall.refunds",
        mine,
        (row, at),
        render,
        id_column="退款编号",
        encoding="gb18030",
        has_totals=True,
        faults=tell.faults(("子订单编号", "missing_key"), "申请时间", "退款金额"),
    )


def _points(world: World) -> ExportTable:
    mine = tell.of_channel(world, "points", TMALL)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account, order = mine.column("account", row), mine.column("order", row)
        return pa.table(
            {
                "店铺ID": shop_codes(accounts["shop"].to_numpy()[account]),
                "流水号": mine.texts("flow_id", row),
                "会员OUID": tell.chosen(accounts["account_id"], account),
                "类型": named(POINTS, mine.column("action", row)),
                "积分": pa.array(mine.column("points", row)),
                "订单编号": tell.chosen(world.orders["order_id"], order, order >= 0),
                "过期日期": day(mine.column("expires_on", row)),
                "发生时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "tmall.points",
        mine,
        (row, at),
        render,
        id_column="流水号",
        faults=tell.faults(("会员OUID", "missing_key"), "发生时间"),
    )


def _coupons(world: World) -> ExportTable:
    mine = tell.of_channel(world, "coupons", TMALL)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account, order = mine.column("account", row), mine.column("order", row)
        return pa.table(
            {
                "店铺ID": shop_codes(accounts["shop"].to_numpy()[account]),
                "优惠券ID": mine.texts("coupon_id", row),
                "模板ID": mine.texts("template", row),
                "买家OUID": tell.chosen(accounts["account_id"], account),
                "动作": named(COUPONS, mine.column("action", row)),
                "面额": money(mine.column("face", row)),
                "门槛": money(mine.column("threshold", row)),
                "生效日期": day(mine.column("valid_from", row)),
                "失效日期": day(mine.column("valid_to", row)),
                "订单编号": tell.chosen(world.orders["order_id"], order, order >= 0),
                "发生时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "tmall.coupons",
        mine,
        (row, at),
        render,
        id_column="优惠券ID",
        has_bom=True,
        faults=tell.faults(("买家OUID", "missing_key"), "发生时间", "面额"),
    )


def _touches(world: World) -> ExportTable:
    mine = tell.of_channel(world, "touches", TMALL)
    row, at = versions(mine.frame["sent_at"], mine.frame["clicked_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account = mine.column("account", row)
        return pa.table(
            {
                "店铺ID": shop_codes(accounts["shop"].to_numpy()[account]),
                "发送ID": mine.texts("touch_id", row),
                "活动编码": mine.texts("campaign", row),
                "买家OUID": tell.chosen(accounts["account_id"], account),
                "触达方式": mine.texts("medium", row),
                "发送时间": moment(mine.column("sent_at", row)),
                "回执状态": pick(("成功", "失败", "退订"), mine.column("status", row)),
                "点击时间": moment(tell.happened(mine, "clicked_at", row, at)),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "tmall.touches",
        mine,
        (row, at),
        render,
        id_column="发送ID",
        faults=tell.faults(("买家OUID", "missing_key"), "发送时间"),
    )

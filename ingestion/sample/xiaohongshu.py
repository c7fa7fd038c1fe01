"""Xiaohongshu's reports: ingestion/channels/xiaohongshu/contract.yml."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample import tell
from ingestion.sample.dice import Ints, Mask, Times, texts
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
from ingestion.sample.shops import XIAOHONGSHU
from ingestion.sample.tmall import DISTRICTS, named, shop_codes
from ingestion.sample.world import World

TYPES = {"sale": "普通", "presale": "预售", "exchange": "换货", "reshipment": "补发"}
STATES = ("待付款", "待付尾款", "待发货", "已发货", "已完成", "已关闭")
REFUNDS = {"refund_only": "仅退款", "return": "退货退款", "exchange": "换货"}
GENDERS = {"F": "女", "M": "男", "U": "未知"}
NO_YES = ("否", "是")
FANS_OF_BUYERS = 0.45  # the others who come to the shop follow it all


def xiaohongshu_tables(world: World) -> Iterator[ExportTable]:
    """Yield the tables of orders and users; contents are in a module of theirs."""
    for table in (_orders, _order_lines, _refunds, _users):
        yield table(world)


def _order_ids(world: World, order: Ints) -> np.ndarray:
    """Return order ids of rows of world.orders, some with Excel's trailing tab."""
    ids = texts(tell.take(world.orders, "order_id", order))
    return tell.tab_ids(ids, order, world.rates.id_excel, world.dice, "xiaohongshu")


def _orders(world: World) -> ExportTable:
    mine = tell.orders_of(world, XIAOHONGSHU)
    row, at = tell.order_versions(world, mine)
    user = texts(world.accounts["account_id"])[mine.frame["account"]]
    origin = mine.frame["origin"].to_numpy()
    order_ids = texts(world.orders["order_id"])
    phone = tell.tick_phones(
        texts(mine.frame["receiver_phone"]),
        world.rates.phone_excel,
        world.dice,
        "xiaohongshu orders",
    )
    region = world.people["region"].to_numpy()[mine.frame["receiver"]]
    province, city = region_texts(region, mine.frame["is_alias"].to_numpy())

    def render(row: Ints, at: Times) -> pa.Table:
        amount = tell.order_money(world, mine, row, at)
        paid_for = tell.money_came(mine, row, at)
        return pa.table(
            {
                "店铺ID": shop_codes(mine.column("shop", row)),
                "订单号": text(_order_ids(world, mine.world_row[row])),
                "支付单号": mine.texts("pay_no", row, paid_for),
                "用户ID": text(user[row]),
                "订单类型": named(TYPES, mine.column("order_type", row)),
                "关联订单号": text(order_ids[origin[row]], origin[row] >= 0),
                "订单状态": pick(STATES, tell.status_at(mine, row, at)),
                "商品总价": amount["list"],
                "商家优惠": amount["shop_discount"],
                "平台优惠": amount["platform_discount"],
                "优惠券": amount["coupon"],
                "薯币抵扣": amount["points"],
                "运费": amount["freight"],
                "税费": amount["tax"],
                "商品应付": amount["goods"],
                "实付金额": amount["paid"],
                "已退金额": amount["refunded"],
                "定金": amount["deposit"],
                "下单时间": moment(mine.column("created_at", row)),
                "定金支付时间": moment(tell.happened(mine, "deposit_at", row, at)),
                "支付时间": moment(tell.happened(mine, "paid_at", row, at)),
                "发货时间": moment(tell.happened(mine, "shipped_at", row, at)),
                "完成时间": moment(tell.happened(mine, "completed_at", row, at)),
                "收货人": mine.texts("receiver_name", row),
                "收货手机": text(phone[row]),
                "省": text(province[row]),
                "市": text(city[row]),
                "区": pick(DISTRICTS, mine.column("receiver", row) % len(DISTRICTS)),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "xiaohongshu.orders",
        mine,
        (row, at),
        render,
        id_column="订单号",
        late=world.late_orders[mine.world_row],
        excel_ids=True,
        has_totals=True,
        faults=tell.faults(("用户ID", "missing_required"), "下单时间", "商品应付"),
    )


def _order_lines(world: World) -> ExportTable:
    mine = tell.lines_of(world, XIAOHONGSHU)
    order = mine.frame["order"].to_numpy()
    orders = world.orders
    first = orders["deposit_at"].fillna(orders["paid_at"]).fillna(orders["created_at"])
    shipped = orders["shipped_at"].to_numpy()
    row, at = versions(first.to_numpy()[order], shipped[order])

    def render(row: Ints, at: Times) -> pa.Table:
        owner = order[row]
        code, title = tell.merchandise(world, mine.column("product_id", row), "X")
        return pa.table(
            {
                "店铺ID": shop_codes(tell.take(orders, "shop", owner)),
                "订单号": text(_order_ids(world, owner)),
                "子订单号": mine.texts("line_id", row),
                "商家编码": code.cast(pa.string()),
                "商品名称": title.cast(pa.string()),
                "数量": pa.array(mine.column("quantity", row)),
                "商品总价": money(mine.column("list", row)),
                "商家优惠": money(mine.column("shop_discount", row)),
                "平台优惠": money(mine.column("platform_discount", row)),
                "优惠券": money(mine.column("coupon", row)),
                "商品应付": money(mine.column("goods", row)),
                "是否赠品": pick(NO_YES, mine.column("is_gift", row).astype(int)),
                "运单号": mine.texts("parcel", row, shipped[owner] <= at),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "xiaohongshu.order_lines",
        mine,
        (row, at),
        render,
        id_column="子订单号",
        late=world.late_orders[order],
        excel_ids=True,
        has_totals=True,
        faults=tell.faults(("数量", "missing_required"), "更新时间", "商品应付"),
    )


def _refunds(world: World) -> ExportTable:
    mine = tell.refunds_of(world, XIAOHONGSHU)
    row, at = versions(mine.frame["applied_at"], mine.frame["decided_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        order = mine.column("order", row)
        state, decided = tell.refund_state(mine, row, at)
        done = np.where(decided, mine.column("decided_at", row), np.datetime64("NaT"))
        return pa.table(
            {
                "店铺ID": shop_codes(tell.take(world.orders, "shop", order)),
                "售后单号": mine.texts("refund_id", row),
                "订单号": text(_order_ids(world, order)),
                "子订单号": text(
                    tell.take(world.lines, "line_id", mine.column("line", row))
                ),
                "售后类型": named(REFUNDS, mine.column("refund_type", row)),
                "售后状态": pick(("处理中", "已完成", "已关闭"), state),
                "退款金额": money(mine.column("amount", row)),
                "退货数量": pa.array(mine.column("quantity", row)),
                "售后原因": mine.texts("reason", row),
                "申请时间": moment(mine.column("applied_at", row)),
                "完结时间": moment(done),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "xiaohongshu.refunds",
        mine,
        (row, at),
        render,
        id_column="售后单号",
        has_totals=True,
        faults=tell.faults(("子订单号", "missing_key"), "申请时间", "退款金额"),
    )


def follows_shop(world: World) -> Mask:
    """Say by account of the channel whether it follows the shop; lookers all do."""
    mine = tell.of_channel(world, "accounts", XIAOHONGSHU).frame
    draw = world.dice.stream("xiaohongshu fans").random(len(mine))
    return (draw < FANS_OF_BUYERS) | (mine["orders"] == 0).to_numpy()


def _users(world: World) -> ExportTable:
    """Whoever bought, follows or joined; only members have given a phone."""
    mine = tell.of_channel(world, "accounts", XIAOHONGSHU)
    row, at = tell.member_versions(world, mine, tells_sms=True)
    people, person = world.people, mine.frame["person"].to_numpy()
    province, city = region_texts(
        people["region"].to_numpy()[person], mine.frame["is_alias"].to_numpy()
    )
    follows = follows_shop(world)

    def render(row: Ints, at: Times) -> pa.Table:
        who = person[row]
        member = mine.column("is_member", row).astype(bool)
        joined = mine.column("joined_at", row)
        user = mine.texts("account_id", row)
        phone = tell.tick_phones(
            tell.member_phone(world, mine, row, at),
            world.rates.phone_excel, world.dice, "xiaohongshu users",
        )  # fmt: skip
        agrees = tell.agrees_to_sms(mine, row, at) & member
        return pa.table(
            {
                "店铺ID": shop_codes(mine.column("shop", row)),
                "用户ID": user,
                "昵称": pc.binary_join_element_wise(
                    "小红薯", pc.utf8_slice_codeunits(user, -8), ""
                ),
                "手机号": text(phone, member),
                "性别": named(GENDERS, people["gender"].to_numpy()[who]),
                "生日": day(mine.column("birthday", row)),
                "宝宝生日": day(mine.column("baby_birthday", row)),
                "省": text(province[row]),
                "市": text(city[row]),
                "是否粉丝": pick(NO_YES, follows[row].astype(int)),
                "是否会员": pick(NO_YES, member.astype(int)),
                "会员等级": text(tell.tier_at(mine, row, at), member),
                "短信授权": pick(("N", "Y"), agrees.astype(int)),
                "建档时间": moment(joined),
                "入会时间": moment(np.where(member, joined, np.datetime64("NaT"))),
                "退会时间": moment(tell.happened(mine, "left_at", row, at)),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "xiaohongshu.users",
        mine,
        (row, at),
        render,
        id_column="用户ID",
        keeps_history=True,
        faults=tell.faults(date="建档时间"),
    )

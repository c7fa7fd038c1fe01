"""quanyu customer show: one person at a glance, masked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from identity.customer import Customer

# What the card shows together, by Chinese heading; columns of mart_customer_360.
_PARTS = {
    "档案": (
        "name_masked", "gender", "birth_year", "has_child", "province", "city",
        "first_seen_on", "joined_at", "is_member", "is_employee",
    ),
    "标识": ("identifier_count",),
    "订单": (
        "order_count", "goods_amount", "refunded_amount", "net_amount",
        "first_order_at", "last_order_at", "last_order_channel_code",
        "last_order_shop_code", "bought_channels", "bought_brands",
    ),
    "资产": ("points_balance", "valid_coupon_count", "valid_coupon_amount"),
    "授权": (),
    "关系": (
        "guide_staff_code", "guide_contact_count", "last_guide_contact_at",
        "open_task_count", "last_task_at", "invitee_count", "inviter_customer_id",
    ),
    "最近": ("open_case_count", "review_count"),
}  # fmt: skip
# Columns that come with every new channel or fact find their part by their name.
_BY_NAME = (
    ("member_tier_", "", "资产"),
    ("consent_", "", "授权"),
    ("", "_masked", "标识"),
    ("last_", "_at", "最近"),
    ("last_", "", "最近"),
)
console = Console()


def register(app: typer.Typer) -> None:
    """Add the group `customer`."""
    group = typer.Typer(no_args_is_help=True)
    group.callback()(_group)
    group.command()(show)
    app.add_typer(group, name="customer", help="One customer at a glance, masked.")


def _group() -> None:
    """One customer at a glance, masked."""


def show(
    customer: Annotated[
        str, typer.Argument(help="customer_id, or a phone of the customer.")
    ],
    events: Annotated[int, typer.Option(min=0, help="Newest events to show.")] = 20,
) -> None:
    """Show a customer's 360 card and newest events; contact points are masked.

    Example: quanyu customer show 13800000001 --events 50
    """
    from identity.customer import read_customer
    from warehouse.connection import connect

    with connect() as conn:
        found = read_customer(conn, customer, events)
    print_card(found.card)
    if found.events:
        print_events(found)


def print_card(card: dict[str, Any]) -> None:
    """Print the parts of the card; what is not known is left out."""
    console.print(f"[bold]客户 {card['customer_id']}[/bold]")
    for part, known in sections(card).items():
        table = Table(box=None, show_header=False, pad_edge=False, title_justify="left")
        table.add_column(style="dim", min_width=24)
        table.add_column()
        for name, value in known.items():
            table.add_row(name, _text(value))
        console.print(f"\n[bold]{part}[/bold]")
        console.print(table)


def sections(card: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the known columns of the card by part."""
    named = {column: part for part, columns in _PARTS.items() for column in columns}
    found: dict[str, dict[str, Any]] = {part: {} for part in _PARTS}
    for column, value in card.items():
        part = named.get(column) or next(
            (
                part
                for begins, ends, part in _BY_NAME
                if column.startswith(begins) and column.endswith(ends)
            ),
            None,
        )
        if part and value not in (None, ""):
            found[part][column] = value
    return {part: known for part, known in found.items() if known}


def print_events(found: Customer) -> None:
    """Print the newest events."""
    table = Table(
        "时间",
        "事件",
        "渠道",
        "店铺",
        "金额",
        title=f"时间轴：{len(found.events):,} / {found.event_count:,}",
        title_justify="left",
        box=box.SIMPLE,
        pad_edge=False,
    )
    for row in found.events:
        table.add_row(
            _text(row["occurred_at"]),
            row["title"],
            row["channel_code"],
            row["shop_code"] or "",
            _text(row["amount"]),
        )
    console.print()
    console.print(table)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value:,}"
    return str(value)

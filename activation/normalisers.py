"""How a contact point is written for a channel, and whether it is hashed.

A hash made for one channel never matches in another: they disagree about the country
code and about dots in e-mails. Each normaliser is one SQL expression over a text value,
because plans are made inside the warehouse; an invalid value becomes null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from psycopg import sql

Expression = sql.Composable


@dataclass(frozen=True)
class Normaliser:
    """One way to write a contact point.

    `kind` is the kind of contact point it reads; `is_hashed` tells that the result says
    nothing about the person to who does not know them already.
    """

    kind: str
    is_hashed: bool
    expression: Callable[[Expression], Expression]


def _template(template: sql.SQL) -> Callable[[Expression], Expression]:
    return template.format


def _mobile(value: Expression) -> Expression:
    """A mainland mobile number: 11 digits from 1[3-9], whatever stands around them.

    Most are written so already, which is cheaper to see than to clean.
    """
    return sql.SQL(
        "case when {value} ~ '^1[3-9][0-9]{{9}}$' then {value} else"
        " substring(regexp_replace("
        "translate({value}, '０１２３４５６７８９', '0123456789'), '[^0-9]', '', 'g')"
        " from '^(?:0086|86|0)?(1[3-9][0-9]{{9}})$') end"
    ).format(value=value)


_email = _template(
    sql.SQL(r"substring(lower(trim({})) from '^[^@\s]+@[^@\s]+\.[^@\s]+$')")
)


def _email_google(value: Expression) -> Expression:
    """White space goes; at Gmail also dots and what follows a plus in the name."""
    plain = _email(sql.SQL(r"regexp_replace({}, '\s', '', 'g')").format(value))
    return sql.SQL(
        "case when {plain} ~ '@(gmail|googlemail)[.]com$' then"
        " replace(split_part(split_part({plain}, '@', 1), '+', 1), '.', '')"
        " || '@' || split_part({plain}, '@', 2)"
        " else {plain} end"
    ).format(plain=plain)


def _prefixed(prefix: str) -> Callable[[Expression], Expression]:
    return lambda value: sql.SQL("{} || {}").format(sql.Literal(prefix), _mobile(value))


def _sha256(
    inner: Callable[[Expression], Expression],
) -> Callable[[Expression], Expression]:
    return lambda value: sql.SQL(
        "encode(sha256(convert_to({}, 'UTF8')), 'hex')"
    ).format(inner(value))


def _md5(
    inner: Callable[[Expression], Expression],
) -> Callable[[Expression], Expression]:
    return lambda value: sql.SQL("md5({})").format(inner(value))


NORMALISERS: dict[str, Normaliser] = {
    # Phones. cn_mobile: Tencent Ads, Ocean Engine, Kuaishou; country_digits: Meta;
    # e164: Google, SMS providers.
    "cn_mobile": Normaliser("phone", False, _mobile),
    "cn_mobile_md5": Normaliser("phone", True, _md5(_mobile)),
    "cn_mobile_sha256": Normaliser("phone", True, _sha256(_mobile)),
    "country_digits_sha256": Normaliser("phone", True, _sha256(_prefixed("86"))),
    "e164": Normaliser("phone", False, _prefixed("+86")),
    "e164_sha256": Normaliser("phone", True, _sha256(_prefixed("+86"))),
    # E-mails. email: Meta, X; email_google: Google.
    "email": Normaliser("email", False, _email),
    "email_md5": Normaliser("email", True, _md5(_email)),
    "email_sha256": Normaliser("email", True, _sha256(_email)),
    "email_google_sha256": Normaliser("email", True, _sha256(_email_google)),
}

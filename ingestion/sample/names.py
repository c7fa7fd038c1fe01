"""Made-up names and numbers; nobody's on purpose."""

from __future__ import annotations

import numpy as np

from ingestion.sample.columns import numbered
from ingestion.sample.dice import Texts, texts

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙史陶贺毛段郝顾龚邵万覃武钱戴严"
)
FEMALE = tuple(
    "芳娜敏静丽艳娟霞玲燕婷颖雪倩琳萍红梅欣怡佳慧莹洁蓉薇云莉桂兰凤瑶瑾诗涵梦琪雨"
)
MALE = tuple(
    "伟强磊军洋勇杰涛明超刚平辉鹏斌浩宇轩博文志建国华东海波峰俊飞龙健林毅晨阳凯旭"
)
# prefixes that no mainland operator had been allotted when this was written
PHONE_PREFIXES = ("160", "161", "163", "164", "168", "169")
MAIL_HOSTS = ("example.com", "example.net", "example.org")


def given_names(rng: np.random.Generator, gender: np.ndarray) -> Texts:
    """Draw one full name per entry of `gender` (F or M)."""
    count = len(gender)
    surname = texts(SURNAMES)[rng.integers(0, len(SURNAMES), count)]
    female = gender == "F"

    def letter() -> Texts:
        return np.where(
            female,
            texts(FEMALE)[rng.integers(0, len(FEMALE), count)],
            texts(MALE)[rng.integers(0, len(MALE), count)],
        )

    second = np.where(rng.random(count) < 0.7, letter(), "")
    return surname + letter() + second


def phone_numbers(rng: np.random.Generator, count: int) -> Texts:
    """Draw distinct 11-digit numbers of the fictional prefixes."""
    block = 10**8
    drawn = np.unique(
        rng.integers(0, len(PHONE_PREFIXES) * block, count + count // 4 + 9)
    )
    drawn = rng.permutation(drawn)[:count]
    prefixes = np.array([int(prefix) for prefix in PHONE_PREFIXES])
    return texts(numbered("", prefixes[drawn // block] * block + drawn % block))

"""Seeded runs of a sync under trouble, and what is to be found when it is over.

A run is a history of a few days: each day the world changes, `apply` is started under
some trouble (in a process of its own when it is to be killed), and on the last day the
trouble ends. Then what the receiver holds is compared with who may be sent.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from activation import engine
from activation.pace import RetryPolicy
from activation.receiver import Faults, Receiver
from activation.specs import SyncSpec
from tests.integration.activation_world import (
    DAY,
    Person,
    World,
    people,
    phone_of,
    webhook_sync,
)
from warehouse import server
from warehouse.connection import Connection, connect
from warehouse.errors import QuanyuError

PEOPLE = 24
QUICK = RetryPolicy(attempts=5, base_s=0.001, cap_s=0.01, budget_s=20)
POINTS = (
    "after_plan_commit",
    "before_send",
    "after_send",
    "before_ack_commit",
    "after_ack",
    "token_fetched",
    "before_close",
    "after_close",
    "before_finish",
)
# What a receiver may do in a run, by name; each with its share of requests.
TROUBLES: dict[str, dict[str, Any]] = {
    "busy": {"busy": 0.3},
    "busy_says_when": {"busy": 0.3, "retry_after": 0},
    "down": {"down": 0.3},
    "gateway": {"gateway": 0.2},
    "stall": {"stall": 0.1, "stall_s": 0.25},
    "reset": {"reset": 0.3},
    "lost": {"lost": 0.3},
    "cut": {"cut": 0.2},
    "garbage": {"garbage": 0.2},
    "quota": {"quota": 3},
    "token": {"token_requests": 3},
    "all": {
        "busy": 0.1,
        "down": 0.1,
        "gateway": 0.05,
        "lost": 0.1,
        "reset": 0.1,
        "cut": 0.05,
        "garbage": 0.05,
        "token_requests": 7,
    },
}


@dataclass
class Counts:
    """What the campaign found; `lost` and what follows it must be 0, but `unknown`.

    unknown: messages whose outcome nobody can tell, each visible in the changelog.
    """

    runs: int = 0
    kills: int = 0
    lost: int = 0
    keyed_duplicates: int = 0
    message_duplicates: int = 0
    unknown: int = 0
    mismatched_members: int = 0
    applies: int = 0
    rejected: int = 0
    restarts: int = 0
    requests: int = 0
    tokens: int = 0
    troubles: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[str, Any]:
        """Plain values; the kinds of trouble by name."""
        return {**vars(self), "troubles": dict(sorted(self.troubles.items()))}


def run_apply(spec: str, url: str, environment: dict[str, str]) -> None:
    """What a process of its own does; ends as it is told to, or with a sentence."""
    os.environ.update(environment)
    try:
        with connect(url) as conn:
            sync = SyncSpec.model_validate_json(spec)
            engine.apply(conn, sync, DAY, approve=True, policy=QUICK)
    except QuanyuError:
        raise SystemExit(1) from None


class Campaign:
    """Runs one after the other against one receiver and one warehouse."""

    def __init__(
        self,
        url: str,
        receiver: Receiver,
        environment: dict[str, str],
    ) -> None:
        self.url = url
        self.receiver = receiver
        self.environment = environment
        self.counts = Counts()
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([__name__])
        with connect(url) as conn:
            self.world = World(conn, {})

    def run(self, seed: int) -> None:
        """One history; adds to the counts."""
        dice = random.Random(seed)
        sync = self._sync(seed, dice)
        self.world.people = people(PEOPLE)
        self._poison(sync, dice)
        ever: set[str] = set()
        for _ in range(dice.randint(1, 3)):
            self._change(dice)
            ever |= set(self.world.expected(sync))
            self._apply_under_trouble(sync, dice)
        poison, reject = self.receiver.faults.poison, self.receiver.faults.reject
        self.receiver.faults = Faults(poison=poison, reject=reject)
        with connect(self.url) as conn:
            self._finish(conn, sync)
            self._compare(conn, sync, ever, poison | reject)
        self.counts.runs += 1
        self.counts.requests = self.receiver.requests
        self.counts.tokens = self.receiver.tokens_issued

    def _sync(self, seed: int, dice: random.Random) -> SyncSpec:
        effect = dice.choice(["set", "set", "keyed", "message"])
        name = f"faults_{seed}"
        if effect == "message":
            self.receiver.forgetful.add(name)
        destination = {
            "type": "webhook",
            "url_env": "QUANYU_WEBHOOK_URL",
            "secret_env": "QUANYU_WEBHOOK_SECRET",
            "token_url_env": "QUANYU_TOKEN_URL",
            "client_id_env": "QUANYU_TOKEN_ID",
            "client_secret_env": "QUANYU_TOKEN_SECRET",
            "effect": effect,
            "senders": dice.choice([1, 3, 8]),
            "max_rows": dice.choice([1, 2, 5]),
            "timeout_s": 0.2,
        }
        if dice.random() < 0.2:
            account = f"account_{seed}"
            destination["rate"] = {"account": account, "per_s": 500, "burst": 5}
        holdout = dice.choice([None, {"percent": 20, "salt": "faults"}])
        return webhook_sync(
            name=name, destination=destination, holdout=holdout, guard={"min_rows": 0}
        )

    def _poison(self, sync: SyncSpec, dice: random.Random) -> None:
        """Rows that spoil their batch or are refused; odd values that must pass."""
        keys = sorted(self.world.expected(sync))
        spoil = dice.random() < 0.3
        self.receiver.faults = Faults(
            poison=set(dice.sample(keys, 2)) if spoil else set(),
            reject=set(dice.sample(keys, 2)) if spoil else set(),
        )
        self.world.people[1].tier = dice.choice(
            ["金卡🥇", "x" * 20_000, "a\tb\\N\n\"'"]
        )

    def _change(self, dice: random.Random) -> None:
        for _ in range(dice.randint(0, 12)):
            person = self.world.people[dice.randint(1, PEOPLE)]
            change(person, dice)
        with connect(self.url) as conn:
            self.world.conn = conn
            self.world.write()

    def _apply_under_trouble(self, sync: SyncSpec, dice: random.Random) -> None:
        old = self.receiver.faults
        name = dice.choice([*TROUBLES, "none", "none"])
        self.counts.troubles[name] += 1
        self.receiver.faults = Faults(
            **TROUBLES.get(name, {}),
            poison=old.poison,
            reject=old.reject,
            seed=dice.randint(0, 10**6),
        )
        environment = dict(self.environment)
        if dice.random() < 0.6:
            point, nth = dice.choice(POINTS), dice.choice([1, 1, 2, 3, 5])
            environment["QUANYU_FAULT"] = f"{point}:{nth}"
        process = self._processes.Process(
            target=run_apply,
            args=(sync.model_dump_json(by_alias=True), self.url, environment),
        )
        self.counts.applies += 1
        process.start()
        if dice.random() < 0.04:
            time.sleep(dice.uniform(0, 0.3))
            self._restart()
        process.join(60)
        assert process.exitcode in (0, 1, -signal.SIGKILL), process.exitcode
        self.counts.kills += process.exitcode == -signal.SIGKILL

    def _restart(self) -> None:
        """The server goes and comes back while apply is at work."""
        if not os.environ.get("QUANYU_TEST_DATABASE_URL"):
            server.down()
            server.up()
            self.counts.restarts += 1

    def _finish(self, conn: Connection, sync: SyncSpec) -> None:
        """The trouble is over: apply until nothing is open.

        A busy machine can let an answer be late even now; that stops a run, and the
        next one goes on from there.
        """
        result = None
        for _ in range(6):
            conn.execute("update activation.runs set resumes_at = now()")
            conn.commit()
            self.counts.applies += 1
            try:
                result = engine.apply(conn, sync, DAY, approve=True, policy=QUICK)
            except QuanyuError:
                continue
            if result.status in ("done", "done_with_errors"):
                return
        raise AssertionError(f"{sync.name} does not end: {result}")

    def _compare(
        self, conn: Connection, sync: SyncSpec, ever: set[str], spoiled: set[str]
    ) -> None:
        expected = self.world.expected(sync)
        ledger = read_ledger(conn, sync)
        counts = self.counts
        counts.rejected += len(ledger.rejected)
        counts.unknown += len(ledger.unknown)
        for key in expected:
            known = key in ledger.acked or key in ledger.rejected
            counts.lost += not (known or key in ledger.unknown)
        assert ledger.rejected <= spoiled, "only spoiled rows are refused"
        assert not ledger.open, f"{sync.name}: {ledger.open}"
        if sync.effect == "set":
            self._compare_set(sync, expected, ledger)
        else:
            self._compare_effects(sync, set(expected), ever, ledger)

    def _compare_set(
        self, sync: SyncSpec, expected: dict[str, Any], ledger: Ledger
    ) -> None:
        held = self.receiver.members(sync.name)
        due = {key: row for key, row in expected.items() if key not in ledger.rejected}
        # What was refused may be held as it was before the refusal.
        held_due = {key: row for key, row in held.items() if key not in ledger.rejected}
        differing = {key for key in held_due | due if held_due.get(key) != due.get(key)}
        self.counts.mismatched_members += len(differing)
        self.counts.mismatched_members += len(ledger.acked ^ set(held))

    def _compare_effects(
        self, sync: SyncSpec, expected: set[str], ever: set[str], ledger: Ledger
    ) -> None:
        sends = Counter(self.receiver.sends(sync.name))
        twice = sum(n - 1 for n in sends.values())
        if sync.effect == "keyed":
            self.counts.keyed_duplicates += twice
        else:
            self.counts.message_duplicates += twice
        mismatched = {key for key in ledger.acked if sends[key] != 1}
        mismatched |= set(sends) - ever
        mismatched |= {
            key
            for key in set(sends) & expected
            if key not in ledger.acked | ledger.unknown
        }
        if sync.effect == "keyed":
            mismatched |= expected & ledger.unknown
        self.counts.mismatched_members += len(mismatched)


@dataclass(frozen=True)
class Ledger:
    """What the ledger says at the end; keys."""

    acked: set[str]
    unknown: set[str]
    rejected: set[str]
    open: list[Any]


def read_ledger(conn: Connection, sync: SyncSpec) -> Ledger:
    state = conn.execute(
        "select dest_key, acked_hash is not null from activation.member_state"
        " join activation.syncs using (sync_id) where name = %s",
        [sync.name],
    ).fetchall()
    rejected = conn.execute(
        "select dest_key from activation.v_rejects where sync = %s", [sync.name]
    ).fetchall()
    left = conn.execute(
        "select run_id, chunk, chunks.status from activation.chunks"
        " join activation.runs using (run_id) join activation.syncs using (sync_id)"
        " where name = %s and chunks.status in ('planned', 'sending', 'submitted')",
        [sync.name],
    ).fetchall()
    left += conn.execute(
        r"select tablename from pg_tables where schemaname = 'activation'"
        r" and tablename like 'outbox\_%'"
    ).fetchall()
    conn.commit()
    return Ledger(
        acked={key for key, is_acked in state if is_acked},
        unknown={key for key, is_acked in state if not is_acked},
        rejected={key for (key,) in rejected},
        open=left,
    )


def change(person: Person, dice: random.Random) -> None:
    """Something happens to somebody."""
    match dice.randint(0, 5):
        case 0:
            person.in_segment = not person.in_segment
        case 1:
            person.consents.append(dice.choice(["granted", "withdrawn"]))
        case 2:
            person.is_suppressed = not person.is_suppressed
        case 3:
            person.phone = dice.choice([None, *map(phone_of, range(1, PEOPLE + 6))])
        case 4:
            person.tier = f"tier{dice.randint(1, 9)}"
        case _:
            person.amount = f"{dice.randint(1, 99)}.50"

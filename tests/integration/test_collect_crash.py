"""kill -9, a slow disk, a full disk, no warehouse: what was acknowledged is there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPException
from pathlib import Path

from ingestion.collect.lander import land_spool
from ingestion.collect.spool import sealed_segments
from tests.integration.collecting import (
    ROOT,
    Collector,
    collector,
    event,
    land,
    landed,
    rows,
)

NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"


class Client(threading.Thread):
    """Sends events, one and several at a time, until nobody answers."""

    def __init__(self, running: Collector, prefix: str) -> None:
        super().__init__(daemon=True)
        self.running = running
        self.prefix = prefix
        self.acknowledged: list[str] = []
        self.unanswered: list[str] = []
        self.refused = 0

    def run(self) -> None:
        connection = self.running.connection()
        for at in range(1_000_000):
            ids = [f"{self.prefix}-{at}-{of}" for of in range(1 + at % 3)]
            body = json.dumps([event(one) for one in ids])
            try:
                connection.request("POST", "/v1/events", body)
                answer = connection.getresponse()
                answer.read()
            except (OSError, HTTPException):
                self.unanswered += ids
                return
            if answer.status == 202:
                self.acknowledged += ids
            else:
                self.refused += 1


def test_kill_9_under_load_loses_nothing_acknowledged(
    database: str, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    acknowledged: list[str] = []
    unanswered: set[str] = set()
    for life in range(2):
        with collector(spool, "--seal-seconds", "0.2", url=database) as running:
            clients = [Client(running, f"{life}-{at}") for at in range(8)]
            for client in clients:
                client.start()
            time.sleep(0.9 + 0.4 * life)
            running.process.send_signal(signal.SIGKILL)
            for client in clients:
                client.join(20)
                assert not client.is_alive()
        acknowledged += [one for client in clients for one in client.acknowledged]
        unanswered |= {one for client in clients for one in client.unanswered}
        assert not any(client.refused for client in clients)
    # A lander whose collector was killed has the spool until it sees that.
    deadline = time.monotonic() + 20
    while subprocess.run(
        ["pgrep", "-f", f"ingestion.collect.lander {spool}"],
        check=False,
        capture_output=True,
    ).stdout:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert land(spool, database).endswith("All has landed.\n")
    counts = Counter(landed(database))
    assert len(acknowledged) > 100
    assert {one: counts[one] for one in acknowledged} == dict.fromkeys(acknowledged, 1)
    # What was cut off unanswered may have been written; nothing else may be there.
    assert set(counts) - set(acknowledged) <= unanswered
    assert max(counts.values()) == 1
    assert rows(database, "select count(*) from landing.raw_quarantine") == [(0,)]
    assert not list(spool.glob("events_*"))


# A collector in which every sync of the disk takes its time.
SLOW_DISK = """
import time
from ingestion.collect import spool

def slow(descriptor):
    time.sleep(0.5)

spool.sync = slow
from cli.main import app
app()
"""

# A collector that the kernel lets write no file of more than 20,000 bytes.
FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
from cli.main import app
app()
"""


def test_a_full_queue_answers_503_at_once_and_keeps_its_word(
    database: str, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    filling = {"text": "x" * 15_000}
    command = [sys.executable, "-c", SLOW_DISK]
    with collector(
        spool, "--no-land", "--queue-mb", "2", "--seal-seconds", "60", command=command
    ) as running:
        answers: list[tuple[int, float, str, list[str]]] = []

        def post(name: str) -> None:
            ids = [f"{name}-{at}" for at in range(30)]
            begun = time.monotonic()
            answer = running.send([event(one, properties=filling) for one in ids])
            retry = answer.headers.get("retry-after", "")
            answers.append((answer.status, time.monotonic() - begun, retry, ids))

        threads = [threading.Thread(target=post, args=(f"t{at}",)) for at in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(answers) == 12
        assert Counter(status for status, *_ in answers).keys() == {202, 503}
        taken = [one for one in answers if one[0] == 202]
        refused = [one for one in answers if one[0] == 503]
        assert all(retry == "1" for _, _, retry, _ in refused)
        # Those that waited for the disk waited for it; the others did not.
        assert min(seconds for _, seconds, *_ in taken) >= 0.5
        assert min(seconds for _, seconds, *_ in refused) < 0.5
        assert running.metric("quanyu_collect_queue_bytes") == 0
        assert running.send(event("after")).status == 202
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(20) == 0
    assert land_spool(spool) is False
    expected = [one for *_, ids in taken for one in ids]
    assert landed(database) == sorted([*expected, "after"])


def test_a_full_disk_answers_503_and_keeps_what_it_took(
    database: str, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    command = [sys.executable, "-c", FULL_DISK]
    taken: list[str] = []
    # Nor does a warehouse that is not there matter to anyone who sends.
    with collector(
        spool, "--seal-seconds", "60", url=NOWHERE, command=command
    ) as running:
        for at in range(3):
            name = f"e{at}"
            answer = running.send(event(name, properties={"text": "x" * 15_000}))
            if at == 1:
                assert answer.status == 503
                assert answer.headers["retry-after"] == "1"
                assert running.send(event("soon after")).status == 503
                assert running.ask("GET", "/healthz").status == 200
                time.sleep(1.1)
            else:
                assert answer.status == 202
                taken.append(name)
        assert running.metric("quanyu_collect_disk_errors_total") == 1
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(40) == 0
    assert len(sealed_segments(spool)) == 2
    log = (tmp_path / "collect.log").read_text()
    assert "the spool cannot be written (File too large)" in log
    assert "nothing lands at the moment: Cannot connect" in log
    assert land_spool(spool) is False
    assert landed(database) == taken
    assert rows(database, "select count(*) from landing.raw_quarantine") == [(0,)]


# Runs each crash in a child of its own, which is quicker than starting Python anew:
# spools, seals and lands three segments, and kills itself at the given call.
CRASHES = """
import json, os, signal, sys
from pathlib import Path
from ingestion import ledger
from ingestion.collect import lander, spool

def die_at(module, name, point, call):
    original = getattr(module, name)
    calls = 0
    def killed(*args, **named):
        nonlocal calls
        calls += 1
        if calls == call and point == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = original(*args, **named)
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(module, name, killed)

modules = {"os": os, "Path": Path, "lander": lander, "spool": spool,
           "Ledger": ledger.Ledger}

def in_a_child(body):
    child = os.fork()
    if not child:
        body()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def work(directory, name, contents):
    store = spool.Spool(directory)
    for at, lines in enumerate(contents):
        store.append(lines.encode())
        (directory / f"acknowledged_{at}").touch()
        store.seal()
    store.close()
    lander.MAX_SEGMENTS = 2
    lander.land_once(directory)

# What a first landing reads and imports, once for all children.
import pandas
lander.events_table()

folder, crashes, contents = json.loads(sys.argv[1])
for at, (module, name, point, call) in enumerate(crashes):
    directory = Path(folder) / str(at)
    directory.mkdir()
    mine = [lines.replace("CRASH", str(at)) for lines in contents]
    def crash():
        die_at(modules[module], name, point, call)
        work(directory, str(at), mine)
    print(in_a_child(crash), in_a_child(lambda: lander.land_spool(directory)))
"""

STEPS = [
    ("os", "write", "after", 1),
    ("spool", "sync", "after", 1),
    ("Path", "rename", "before", 1),
    ("Path", "rename", "after", 2),
    ("spool", "sync_directory", "after", 4),
    ("lander", "connect", "before", 1),
    ("Ledger", "_write_files", "after", 1),
    ("lander", "load_segments", "before", 1),
    ("lander", "load_segments", "after", 1),
    ("Path", "unlink", "before", 2),
    ("Path", "unlink", "after", 2),
    ("lander", "load_segments", "after", 2),
    ("lander", "sync_directory", "after", 1),
]


def test_killed_at_any_step_from_seal_to_delete_each_event_lands_once(
    database: str, tmp_path: Path
) -> None:
    contents = [
        "".join(json.dumps(event(f"CRASH-{segment}-{at}")) + "\n" for at in range(3))
        for segment in range(3)
    ]
    ended = subprocess.run(
        [sys.executable, "-c", CRASHES, json.dumps([str(tmp_path), STEPS, contents])],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split("\n")[:-1] == ["-9 0"] * len(STEPS), ended.stderr
    counts = Counter(landed(database))
    assert set(counts.values()) == {1}
    for at in range(len(STEPS)):
        directory = tmp_path / str(at)
        assert not list(directory.glob("events_*"))
        for path in directory.glob("acknowledged_*"):
            segment = path.name.rsplit("_", 1)[1]
            for number in range(3):
                assert counts[f"{at}-{segment}-{number}"] == 1
    assert rows(
        database,
        "select count(*) = count(distinct content_sha256) from landing.files",
    ) == [(True,)]

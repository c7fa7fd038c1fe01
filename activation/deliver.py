"""Sending: as many requests at a time as allowed, every answer into the ledger.

Senders are threads that only ask; this thread alone touches the ledger.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from activation import faults, ledger, outcome, protection
from activation.destinations.base import (
    Batch,
    BatchError,
    Destination,
    DestinationError,
    FatalError,
    Lookup,
    QuotaError,
    RetryableError,
    RowError,
    SendResult,
)
from activation.ledger import Chunk, Run
from activation.outcome import Answered
from activation.pace import Retrier
from warehouse.connection import Connection

UNANSWERED_IN_A_ROW = 3  # messages: then the channel is down, and asking costs trust


@dataclass(frozen=True)
class Answer:
    """What came back for a chunk; `doubt`: some attempt may have been taken."""

    chunk: Chunk
    batch: Batch
    result: SendResult | None = None
    error: Exception | None = None
    doubt: bool = False
    lookup: Lookup | None = None


def send_chunks(
    conn: Connection,
    run: Run,
    destination: Destination,
    retrier: Retrier,
    chunks: Iterable[Chunk],
) -> None:
    """Send chunks in order, several at a time; halves of a refused one come next.

    Raises the first error that ends a run, after what is under way was recorded.
    """
    with ThreadPoolExecutor(max(1, destination.senders)) as pool:
        delivery = _Delivery(conn, run, destination, retrier, pool)
        delivery.queue.extend(chunks)
        try:
            delivery.work()
        except BaseException:
            retrier.stop()  # nobody is left to write down what they would be told
            raise
    if delivery.stopped_by is not None:
        raise delivery.stopped_by


@dataclass
class _Delivery:
    """One run's queue: chunks not yet taken, batches taken, requests under way."""

    conn: Connection
    run: Run
    destination: Destination
    retrier: Retrier
    pool: ThreadPoolExecutor
    queue: deque[Chunk] = field(default_factory=deque)
    ready: deque[tuple[Chunk, Batch]] = field(default_factory=deque)
    under_way: set[Future[Answer]] = field(default_factory=set)
    stopped_by: Exception | None = None
    unanswered: int = 0

    def work(self) -> None:
        """Keep the senders busy until all is answered or something ends the run."""
        while True:
            self._start()
            if not self.under_way:
                break
            done, self.under_way = wait(self.under_way, return_when=FIRST_COMPLETED)
            answers = [future.result() for future in done]
            if all(answer.error is None for answer in answers):
                self._start()  # senders go on while the ledger is written
            self._record(answers)
        ledger.put_back(self.conn, self.run, [chunk.chunk for chunk, _ in self.ready])

    def _start(self) -> None:
        while self.stopped_by is None and len(self.under_way) < self._allowed():
            if not self.ready and not self._take():
                return
            chunk, batch = self.ready.popleft()
            self.under_way.add(self.pool.submit(self._ask, chunk, batch))

    def _allowed(self) -> int:
        return min(self.retrier.allowed, max(1, self.destination.senders))

    def _take(self) -> bool:
        """Note, before the requests, that the destination may come to know chunks.

        Some more than are sent at once, to save commits; messages never, since each
        that is noted is in doubt when this process dies.
        """
        free = self._allowed() - len(self.under_way)
        is_message = self.run.spec.effect == "message"
        senders = self.destination.senders
        lot = free if is_message or senders == 1 else 2 * senders
        chunks = [self.queue.popleft() for _ in range(min(lot, len(self.queue)))]
        if is_message and chunks:
            until = protection.quiet_until(self.conn, self.run.spec)
            if until is not None:
                channel = self.run.spec.consent.channel
                self._stop(QuotaError(f"quiet hours of {channel}", until))
                return False
            chunks = protection.without_opted_out(self.conn, self.run, chunks)
        batches = ledger.take(self.conn, self.run, chunks)
        self.ready.extend(zip(chunks, batches, strict=True))
        return bool(self.ready) or (bool(self.queue) and self._take())

    def _ask(self, chunk: Chunk, batch: Batch) -> Answer:
        """Ask the destination, in a sender's thread."""
        is_message = self.run.spec.effect == "message"
        doubt = chunk.attempts > 0

        def may_repeat(error: RetryableError) -> bool:
            nonlocal doubt
            doubt = doubt or error.maybe_taken
            return not (is_message and error.maybe_taken)

        faults.point("before_send")
        try:
            result = self.retrier.call(lambda: self.destination.send(batch), may_repeat)
        except RetryableError as error:
            lookup = look_up(self.destination, batch) if is_message and doubt else None
            return Answer(chunk, batch, error=error, doubt=doubt, lookup=lookup)
        except Exception as error:
            return Answer(chunk, batch, error=error, doubt=doubt)
        faults.point("after_send")
        return Answer(chunk, batch, result=result)

    def _record(self, answers: list[Answer]) -> None:
        acked: list[Answered] = []
        for answer in answers:
            if answer.result is not None and answer.result.submitted:
                ledger.mark_submitted(
                    self.conn, self.run, answer.chunk.chunk, answer.result
                )
            elif answer.result is not None:
                self.unanswered = 0
                acked.append(Answered(answer.chunk.chunk, answer.result.errors))
            elif answer.lookup is not None:
                acked.append(outcome.from_lookup(answer.batch, answer.lookup))
                self.unanswered += 1
                if self.unanswered >= UNANSWERED_IN_A_ROW:
                    self._stop(answer.error)
            elif isinstance(answer.error, BatchError):
                if len(answer.batch.members) > 1:
                    halves = outcome.split(self.conn, self.run, answer.chunk)
                    self.queue.extendleft(reversed(halves))
                else:
                    acked.append(_refused(answer, answer.error))
            else:
                self._end(answer)
        if acked:
            outcome.acknowledge(self.conn, self.run, acked)

    def _end(self, answer: Answer) -> None:
        """Nothing more of this run; the chunk's own state says what is known of it."""
        self._stop(answer.error)
        number = answer.chunk.chunk
        if not isinstance(answer.error, DestinationError):
            return  # a fault of ours: the chunk is settled by the next run
        if not answer.doubt:
            ledger.mark(self.conn, self.run.info.run_id, number, "discarded")
        elif isinstance(answer.error, (FatalError, QuotaError)):
            outcome.leave_open(self.conn, self.run, answer.chunk)

    def _stop(self, error: Exception | None) -> None:
        self.stopped_by = self.stopped_by or error
        self.retrier.stop()


def look_up(destination: Destination, batch: Batch) -> Lookup:
    """Ask receipts about a batch; who cannot be asked about is unknown."""
    try:
        return destination.lookup(batch)
    except DestinationError:
        return Lookup()


def _refused(answer: Answer, error: BatchError) -> Answered:
    """A batch of one that was refused: the row it is."""
    row = RowError(answer.batch.members[0].key, error.code, str(error))
    return Answered(answer.chunk.chunk, (row,))


def settle_messages(conn: Connection, run: Run, destination: Destination) -> None:
    """Of messages under way when a run died: ask receipts, and send nothing again."""
    chunks = ledger.chunks(conn, run.info.run_id, ["sending"])
    batches = ledger.read_batches(conn, run, chunks)
    answered = [
        outcome.from_lookup(batch, look_up(destination, batch)) for batch in batches
    ]
    if answered:
        outcome.acknowledge(conn, run, answered)


def poll_jobs(conn: Connection, run: Run, destination: Destination) -> int:
    """Ask after the channel's jobs of a run; returns how many are still at work."""
    jobs = ledger.jobs(conn, run.info.run_id)
    batches = ledger.read_batches(conn, run, [chunk for chunk, _ in jobs])
    pending = 0
    for (chunk, external_id), batch in zip(jobs, batches, strict=True):
        faults.point("before_poll")
        try:
            result = destination.poll(batch, external_id)
        except BatchError:
            outcome.leave_open(conn, run, chunk)  # the job failed: the next plan sends
            continue
        except RetryableError:
            result = None
        faults.point("after_poll")
        if result is None:
            pending += 1
        else:
            outcome.acknowledge(conn, run, [Answered(chunk.chunk, result.errors)])
    return pending


def close_run(
    conn: Connection, run: Run, destination: Destination, retrier: Retrier
) -> None:
    """Let the destination publish what it only holds ready, then acknowledge it.

    Jobs of the channel are not acknowledged here: `poll_jobs` does, once they are done.
    """
    run_id = run.info.run_id
    jobs = {chunk.chunk for chunk, _ in ledger.jobs(conn, run_id)}
    submitted = [chunk.chunk for chunk in ledger.chunks(conn, run_id, ["submitted"])]
    if not submitted and ledger.chunks(conn, run_id, ["acked"]):
        return  # published before, or nothing that needs it
    faults.point("before_close")
    retrier.call(lambda: destination.close(run.info, submitted))
    faults.point("after_close")
    ready = [Answered(chunk) for chunk in submitted if chunk not in jobs]
    if ready:
        outcome.acknowledge(conn, run, ready)

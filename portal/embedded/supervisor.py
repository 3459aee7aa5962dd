"""Keeps the portal's programmes running, shows what they say line by line, and ends all of them.

Servers (PostgreSQL, Valkey) outlive programmes (web, workers, sources) when stopping. Whatever dies by itself is
started again, later each time; a signal ends everything in order; a second one ends it at once. If we are killed,
the kernel ends the programmes: they run threads, no processes of their own, so nobody is left behind.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Protocol

from portal.embedded import processes
from portal.embedded.errors import EmbeddedError

COLOURS = (36, 33, 32, 35, 34, 31)
# Threads that mostly wait need neither an arena of the allocator nor of the linear algebra each.
SMALL = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
PATIENT_AFTER_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 30.0


class Kept(Protocol):
    """Something that is started, may die, and is stopped."""

    @property
    def name(self) -> str: ...
    def start(self) -> None: ...
    def exit_status(self) -> int | None: ...
    def stop(self) -> None: ...


@dataclass
class Programme:
    """One child process whose output is shown under its name. grace: seconds it gets to end by itself.

    once: it has something to do and is done when it ends well; everything else is started again.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    grace: float = 10
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    unfinished: bytes = b""

    def start(self) -> None:
        env = {**os.environ, **SMALL, "PYTHONUNBUFFERED": "1", **self.env}
        self.process = processes.start(self.command, farewell=signal.SIGKILL, env=env)
        self.unfinished = b""

    def exit_status(self) -> int | None:
        return self.process.poll() if self.process else None

    def ask_to_end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """At once, and whatever it has started in its session with it."""
        if self.process:
            processes.end(self.process)

    @property
    def output(self) -> IO[bytes]:
        if self.process is None or self.process.stdout is None:
            raise LookupError(f"{self.name} has not been started")
        return self.process.stdout

    def lines(self) -> list[str] | None:
        """Whole lines that have arrived, waiting for the first; None at the end of its output."""
        data = os.read(self.output.fileno(), 65536)
        if not data:
            return None
        *whole, self.unfinished = (self.unfinished + data).split(b"\n")
        return [line.decode(errors="replace").rstrip() for line in whole]


@dataclass
class Turn:
    """When something that died may start again: 0.5 s, 1 s, 2 s … 30 s; patient again once it has lived a while."""

    started_at: float
    wait: float = 0.5
    due_at: float | None = None

    def postpone(self, now: float) -> float:
        if now - self.started_at > PATIENT_AFTER_SECONDS:
            self.wait = 0.5
        chosen, self.wait = self.wait, min(self.wait * 2, LONGEST_WAIT_SECONDS)
        self.due_at = now + chosen
        return chosen


class Supervisor:
    def __init__(self) -> None:
        self.servers: list[Kept] = []
        self.programmes: list[Programme] = []
        self.stopping: int | None = None
        self.signals = 0
        self.turns: dict[str, Turn] = {}
        self.selector = selectors.DefaultSelector()
        self.reading, self.waking = os.pipe()
        os.set_blocking(self.reading, False)
        os.set_blocking(self.waking, False)
        self.selector.register(self.reading, selectors.EVENT_READ, None)
        self.colourful = sys.stdout.isatty()

    def listen_to_signals(self) -> None:
        for chosen in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(chosen, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only so that it wakes the loop
        signal.set_wakeup_fd(self.waking, warn_on_full_buffer=False)

    def start_server(self, server: Kept) -> None:
        self.servers.append(server)
        server.start()
        self.turns[server.name] = Turn(time.monotonic())

    def start_programme(self, programme: Programme) -> None:
        self.programmes.append(programme)
        self._start(programme)

    def run(self, on_beat: Callable[[], None]) -> None:
        """Until a signal; ``on_beat`` is called a few times a second."""
        while self.stopping is None:
            self._show(0.3)
            self._restart_dead()
            on_beat()

    def stop(self) -> None:
        """End the programmes together, then the servers; a further signal meanwhile ends the patience."""
        heard = self.signals
        for programme in self.programmes:
            programme.ask_to_end()
        began = time.monotonic()
        waiting = [programme for programme in self.programmes if programme.exit_status() is None]
        while waiting and self.signals == heard:
            self._show(0.1)
            passed = time.monotonic() - began
            waiting = [each for each in waiting if each.exit_status() is None and passed < each.grace]
        for programme in self.programmes:
            programme.stop()
        self._show(0)
        for server in reversed(self.servers):
            server.stop()
        signal.set_wakeup_fd(-1)

    def say(self, text: str) -> None:
        self._print("portal", text)

    def _start(self, kept: Kept) -> None:
        kept.start()
        turn = self.turns.setdefault(kept.name, Turn(0))
        turn.started_at, turn.due_at = time.monotonic(), None
        if isinstance(kept, Programme):
            self.selector.register(kept.output, selectors.EVENT_READ, kept)

    def _restart_dead(self) -> None:
        for kept in (*self.servers, *self.programmes):
            status, turn, now = kept.exit_status(), self.turns[kept.name], time.monotonic()
            if status is None:
                continue
            if status == 0 and isinstance(kept, Programme) and kept.once:
                self.programmes.remove(kept)
                continue
            if turn.due_at is None:
                wait = turn.postpone(now)
                self.say(f"{kept.name} ended {_how(status)}; starting it again in {wait:g} s")
            elif now >= turn.due_at and self.stopping is None:
                try:
                    self._start(kept)
                except (EmbeddedError, OSError) as error:
                    self.say(f"{kept.name} does not start: {error}")
                    turn.postpone(time.monotonic())

    def _show(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            if key.data is None:
                os.read(self.reading, 4096)
                continue
            pipe, lines = key.data.output, key.data.lines()
            if lines is None:
                self.selector.unregister(pipe)
                pipe.close()
            for line in lines or ():
                self._print(key.data.name, line)

    def _print(self, name: str, line: str) -> None:
        tag = f"{name:<12}|"
        if self.colourful:
            tag = f"\033[{COLOURS[sum(name.encode()) % len(COLOURS)]}m{tag}\033[0m"
        with suppress(BrokenPipeError):  # whoever read us has gone; that is no reason to leave children behind
            print(f"{tag} {line}", flush=True)  # noqa: T201 - the console is what it is for

    def _on_signal(self, number: int, _frame: object) -> None:
        self.signals += 1
        self.stopping = self.stopping or number


def _how(status: int) -> str:
    if status < 0:
        return f"by signal {signal.Signals(-status).name}"
    return f"with status {status}"

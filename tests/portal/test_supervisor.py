from __future__ import annotations

import os
import signal
import sys
import threading
import time

import pytest

from portal.embedded.supervisor import Programme, Supervisor, Turn


@pytest.fixture
def supervisor():
    before = {chosen: signal.getsignal(chosen) for chosen in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor = Supervisor()
    supervisor.listen_to_signals()
    yield supervisor
    supervisor.stop()
    supervisor.selector.close()
    for chosen, handler in before.items():
        signal.signal(chosen, handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def python(name: str, text: str) -> Programme:
    return Programme(name, [sys.executable, "-c", text], grace=2)


def run_until(supervisor: Supervisor, enough, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds

    def beat() -> None:
        if enough() or time.monotonic() > deadline:
            supervisor.stopping = signal.SIGTERM

    supervisor.run(beat)
    assert enough()


def test_lines_are_shown_whole_under_their_name(supervisor, capsys):
    supervisor.start_programme(
        python(
            "talker", "import sys,time; print('one'); sys.stdout.write('tw'); time.sleep(.6); print('o'); time.sleep(9)"
        )
    )
    said = []
    run_until(supervisor, lambda: said.append(capsys.readouterr().out) or "two" in "".join(said))
    assert [line for line in "".join(said).splitlines() if "talker" in line] == [
        "talker      | one",
        "talker      | two",
    ]


def test_programme_that_dies_is_started_again_later_each_time(supervisor, capsys):
    supervisor.start_programme(python("weak", "import sys; sys.exit(3)"))
    said = []
    run_until(supervisor, lambda: said.append(capsys.readouterr().out) or "in 2 s" in "".join(said))
    waits = [line.rpartition(" in ")[2] for line in "".join(said).splitlines() if "with status 3" in line]
    assert waits == ["0.5 s", "1 s", "2 s"]


def test_turn_after_a_long_life_is_patient_again():
    turn = Turn(started_at=0)
    assert [turn.postpone(now) for now in (1, 2, 3, 100)] == [0.5, 1, 2, 0.5]


def test_programme_deaf_to_the_request_to_end_is_killed_after_its_grace(supervisor):
    deaf = python("deaf", "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1); time.sleep(60)")
    supervisor.start_programme(deaf)
    time.sleep(1)
    began = time.monotonic()
    supervisor.stop()
    assert deaf.exit_status() == -signal.SIGKILL
    assert 1.5 < time.monotonic() - began < 5


def test_signal_ends_the_run(supervisor):
    supervisor.start_programme(python("calm", "import time; time.sleep(60)"))
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
    began = time.monotonic()
    supervisor.run(lambda: None)
    assert supervisor.stopping == signal.SIGTERM
    assert time.monotonic() - began < 5

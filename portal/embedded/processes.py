"""Starting and ending programmes so that none of them outlives us."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def as_account(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments of Popen for running as somebody else; none for ourselves."""
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def bound_to_us(farewell: signal.Signals) -> Callable[[], None]:
    """For ``preexec_fn``: the kernel sends ``farewell`` to the child when we die, however we die (Linux only).

    "We" is the thread that starts the child, so only the main thread may start one. A change of user clears the
    binding; Popen changes the user before it calls this.
    """
    parent = os.getpid()

    def bind() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)
            if os.getppid() != parent:  # we died while it was being born
                os.kill(os.getpid(), signal.SIGKILL)

    return bind


def start(
    command: Sequence[str | Path],
    *,
    farewell: signal.Signals,
    log: Path | None = None,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    account: pwd.struct_passwd | None = None,
) -> subprocess.Popen[bytes]:
    """Start a programme in a session of its own, so that Ctrl-C at the console reaches only us.

    log: where its output is appended; without one the output is a pipe that the caller has to empty.
    """
    output = log.open("ab") if log else subprocess.PIPE
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=bound_to_us(farewell),  # noqa: PLW1509 - started from the main thread before any other exists
            **as_account(account),
        )
    finally:
        if not isinstance(output, int):
            output.close()


def end(process: subprocess.Popen[bytes], *signals: tuple[signal.Signals, float]) -> None:
    """Ask to end with each signal in turn, waiting its seconds; the last word is SIGKILL to the whole session."""
    for chosen, seconds in signals:
        if process.poll() is not None:
            break
        with suppress(ProcessLookupError):
            process.send_signal(chosen)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def follow_parent(farewell: signal.Signals) -> None:
    """End with whoever has started us, even if it is killed; for programmes that only a wrapper such as make starts."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)


def is_running(pid: int, name: str) -> bool:
    """Does this process live, and is it still the one we mean? A dead one that nobody has reaped has no command."""
    try:
        return name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def tail(log: Path, characters: int = 1500) -> str:
    try:
        return log.read_text(errors="replace")[-characters:].strip()
    except OSError:
        return ""

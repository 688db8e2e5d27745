"""Runs the binary within limits of time and memory, and judges how it ended.

A process counts the memory of the one that started it as its own, up to its start. So a small launcher, this file as a program,
starts the binary:

    running.py RESULT BINARY [ARGUMENT...]
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

# Seconds of the processor: on a machine that does nothing else a run takes no longer. A run that waits is stopped later.
SECONDS = 30
WAITING = 240
BYTES = 2 << 30
# Exit codes: bad input, and a verification that failed.
REFUSALS = (3, 4)
FAULTS = (b"panicked", b"a fault at", b"RUST_BACKTRACE", b"internal error", b"stack overflow", b"memory allocation")
# Names of the option that switches the dictionary attack off.
NO_ATTACK = ["--attack", "none"]


@dataclass(frozen=True)
class Run:
    """How a command ended."""

    code: int
    output: bytes
    seconds: float
    peak: int
    timed_out: bool

    @property
    def accepted(self) -> bool:
        return self.code == 0

    @property
    def trouble(self) -> str | None:
        """What must never happen, whatever the input."""
        if self.timed_out or self.seconds >= SECONDS:
            return "too slow"
        if self.peak > BYTES:
            return "too big"
        if self.code < 0 or any(fault in self.output for fault in FAULTS):
            return "crashed"
        return None if self.accepted or self.code in REFUSALS else f"exit {self.code}"


def run(binary: Path, *arguments) -> Run:
    """Runs the binary."""
    with tempfile.TemporaryFile() as output, tempfile.NamedTemporaryFile() as result:
        command = [sys.executable, "-I", "-S", __file__, result.name, binary, *arguments]
        subprocess.run(list(map(str, command)), stdout=output, stderr=output, stdin=subprocess.DEVNULL, check=True)
        output.seek(0)
        return Run(output=output.read(), **json.load(result))


def launch(result: str, command: list[str]) -> None:
    """Runs a command and writes how it ended. Its address space is limited far above its memory, so that a runaway ends."""

    def limits() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (4 * BYTES, 4 * BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 1, SECONDS + 2))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    process = subprocess.Popen(command, preexec_fn=limits)
    timed_out = threading.Event()

    def stop() -> None:
        timed_out.set()
        os.kill(process.pid, signal.SIGKILL)

    timer = threading.Timer(WAITING, stop)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    ended = {
        "code": process.returncode,
        "seconds": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
        "timed_out": timed_out.is_set(),
    }
    with open(result, "w") as file:
        json.dump(ended, file)


def no_attack(binary: Path) -> list[str]:
    """The option under which `verify` tries no dictionary attack."""
    helped = run(binary, "verify", "--help").output
    return NO_ATTACK if b"--attack" in helped else ["--skip-attack"]


if __name__ == "__main__":
    launch(sys.argv[1], sys.argv[2:])

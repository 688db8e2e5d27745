"""Kills `extract` and `link` at random points: nothing half-made may pass, and the next run must succeed.

    kills.py --binary BIN --contract CONTRACT --holder HOLDER.toml --key KEY [--signing-key KEY] --link-key KEY
        [--count N] [--seed S] DELIVERY...

Half of the kills (SIGKILL) hit an unsealed `extract` of HOLDER, half a `link` of the deliveries with a kept link key. Every
other kill comes when names appear or vanish beside the output: there a run publishes. Both commands give the same bytes
each time, so a run after a kill must give those of a run that nobody disturbed. Prints how far the killed runs came, and a
line for each finding. The exit code is 1 after a finding.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hostile.running import no_attack, run

# The target of every run, and what may stand beside it: the names of files of other runs.
OUT = "out"


@dataclass(frozen=True)
class Moment:
    """When a run is killed: after some seconds, or when the names in its folder have changed so often."""

    seconds: float
    changes: int = 0

    def wait(self, process: subprocess.Popen, folder: Path) -> None:
        began, names, changes = time.monotonic(), set(os.listdir(folder)), 0
        while process.poll() is None:
            if self.changes:
                found = set(os.listdir(folder))
                changes, names = changes + len(names ^ found), found
                if changes >= self.changes:
                    return
            elif time.monotonic() - began >= self.seconds:
                return
            else:
                time.sleep(0.001)

    def __str__(self) -> str:
        return f"at change {self.changes}" if self.changes else f"after {self.seconds:.2f} s"


class Stage:
    """A command that writes `out` in a folder of its own."""

    def __init__(self, name: str, binary: Path, arguments: list, contract: Path, link_key: Path | None = None):
        self.name, self.binary, self.arguments, self.contract = name, binary, arguments, contract
        self.link_key = link_key
        self.no_attack = no_attack(binary)

    def prepare(self, folder: Path) -> None:
        if self.link_key:
            shutil.copy2(self.link_key, folder / "link.key")

    def command(self, folder: Path) -> list[str]:
        kept = ["--link-key", folder / "link.key"] if self.link_key else []
        return [str(one) for one in (self.binary, *self.arguments, *kept, "--out", folder / OUT)]

    def run(self, folder: Path) -> int:
        return subprocess.run(self.command(folder), capture_output=True).returncode

    def killed(self, folder: Path, moment: "Moment") -> bool:
        """Runs and kills at the moment. Returns false if the run ended before."""
        process = subprocess.Popen(self.command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        moment.wait(process, folder)
        ended = process.poll() is not None
        process.kill()
        process.wait()
        return not ended

    def accepts(self, folder: Path) -> bool:
        """True if `verify` takes the folder for a whole output."""
        return run(self.binary, "verify", "--contract", self.contract, *self.no_attack, folder).accepted


def digests(folder: Path) -> dict[str, str]:
    """Every file below the folder, without logs, which name the time."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "audit.jsonl")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def inside(found: dict[str, str], name: str = OUT) -> dict[str, str]:
    return {path.removeprefix(f"{name}/"): digest for path, digest in found.items() if path.startswith(f"{name}/")}


def broken_log(folder: Path) -> bool:
    log = folder / "audit.jsonl"
    try:
        return log.exists() and not all(json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())
    except ValueError:
        return True


def remains(stage: Stage, folder: Path, whole: dict[str, str]) -> tuple[str, list[str]]:
    """Judges what a killed run left. Returns how far it came, and the findings."""
    found = digests(folder)
    if (folder / OUT).exists():
        return "published", [] if inside(found) == inside(whole) else ["a half-made output has its name"]
    findings = []
    for path in folder.iterdir():
        # A hidden folder that is whole except for its name does no harm.
        is_whole = path.is_dir() and inside(found, path.name) == inside(whole)
        if path.is_dir() and not is_whole and stage.accepts(path):
            findings.append("a half-made folder is accepted")
        if path.is_dir() and not path.name.startswith("."):
            findings.append("a half-made folder is not hidden")
    return ("started" if any(path.name.startswith(".") for path in folder.iterdir()) else "nothing yet"), findings


def kill_once(stage: Stage, moment: Moment, whole: dict[str, str], folder: Path) -> tuple[str, list[str]]:
    stage.prepare(folder)
    if not stage.killed(folder, moment):
        return "ended before", [] if digests(folder) == whole else ["a run that ended gives other bytes"]
    state, findings = remains(stage, folder, whole)
    if state == "published":
        return state, findings
    if stage.run(folder) != 0:
        findings.append("the next run fails")
    elif digests(folder) != whole:
        findings.append("the next run gives other bytes or leaves more")
    if broken_log(folder):
        findings.append("the audit log is broken")
    return state, findings


def undisturbed(stage: Stage, work: Path) -> tuple[dict[str, str], float]:
    """The files of two runs, which must be the same, and the seconds of the second."""
    runs = []
    for name in ("first", "second"):
        folder = work / f"{stage.name}-{name}"
        folder.mkdir()
        stage.prepare(folder)
        began = time.monotonic()
        if stage.run(folder) != 0:
            sys.exit(f"{stage.name} fails:\n{subprocess.run(stage.command(folder), capture_output=True).stderr.decode()}")
        runs.append((digests(folder), time.monotonic() - began))
    if runs[0][0] != runs[1][0]:
        sys.exit(f"{stage.name} gives other bytes each time")
    return runs[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--contract", type=Path, required=True)
    parser.add_argument("--holder", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--signing-key", type=Path)
    parser.add_argument("--link-key", type=Path, required=True)
    parser.add_argument("--identity", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="print each kill")
    parser.add_argument("deliveries", nargs="+", type=Path)
    given = parser.parse_args()
    contract, rng, found = ["--contract", given.contract], Random(given.seed), Counter()
    signing = ["--signing-key", given.signing_key] if given.signing_key else []
    identity = ["--identity", given.identity] if given.identity else []
    extract = ["extract", *contract, "--holder", given.holder, "--key", given.key, *signing, "--unsealed"]
    stages = [
        Stage("extract", given.binary, extract, given.contract),
        Stage("link", given.binary, ["link", *contract, *identity, *given.deliveries], given.contract, given.link_key),
    ]
    with tempfile.TemporaryDirectory() as work:
        usual = {stage.name: undisturbed(stage, Path(work)) for stage in stages}
        states = Counter()
        for number in range(given.count):
            stage = stages[number % len(stages)]
            whole, seconds = usual[stage.name]
            # Six names come and go: the lock, the hidden folder, and what is published.
            moment = Moment(rng.uniform(0, 1.05 * seconds), rng.randint(1, 7) if number % 4 > 1 else 0)
            with tempfile.TemporaryDirectory(dir=work) as folder:
                state, findings = kill_once(stage, moment, whole, Path(folder))
            if given.verbose:
                print(f"{stage.name} killed {moment} of {seconds:.2f} s: {state} {findings}", flush=True)
            states[f"{stage.name}: {state}"] += 1
            found.update(f"{finding}: {stage.name}, {state}, killed {moment} of {seconds:.2f} s" for finding in findings)
    for state, times in sorted(states.items()):
        print(f"{state}: {times} kills")
    for line in sorted(found):
        print(f"FOUND {line}")
    print(f"{'FAILED' if found else 'ok'}: {given.count} kills, {found.total()} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Changes single bytes of a delivery, a linked dataset and a release: `link`, `release` and `verify` must notice each.

    byte_flips.py --binary BIN --contract CONTRACT [--identity IDENTITY] [--release-key KEY] [--count N] [--seed S]
        --deliveries DELIVERY... --linked LINKED --released RELEASED

Works on copies. Every file has its turn, the linked dataset's accounting file too, and every command that reads a folder
runs after each change: `verify` on all, `link` on deliveries, `release` on the linked dataset if its key is given. Prints a
line for each kind of file and each change that was accepted, by file and position. The exit code is 1 if there was one.
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hostile.running import Run, no_attack, run


@dataclass
class Subject:
    """Files that are changed, and the commands that read them: each makes a new output."""

    name: str
    files: list[Path]
    commands: dict[str, list]


class Flipper:
    def __init__(self, given, work: Path):
        self.binary, self.work, self.key = given.binary, work, given.release_key
        self.contract = ["--contract", given.contract]
        self.opened = self.contract + (["--identity", given.identity] if given.identity else [])
        self.no_attack = no_attack(given.binary)

    def verify(self, *paths: Path) -> list:
        return ["verify", *self.opened, *self.no_attack, *paths]

    def subjects(self, deliveries: list[Path], linked: Path, released: Path) -> Iterator[Subject]:
        copies = [copied(path, self.work / "deliveries" / path.name) for path in deliveries]
        link = ["link", *self.opened, "--out", self.work / "out" / "linked", *copies]
        for path in copies:
            yield Subject(f"delivery {path.name}", whole(path), {"link": link, "verify": self.verify(path)})
        dataset = copied(linked, self.work / "linked")
        beside = "linked.accounting.json"
        accounting = shutil.copy(linked.with_name(f"{linked.name}.accounting.json"), self.work / beside)
        commands = {"verify": self.verify(dataset)}
        if self.key:
            key = self.work / "out" / "release.key"
            commands["release"] = ["release", *self.contract, "--key", key, "--out", self.work / "out" / "released", dataset]
        yield Subject("linked dataset", whole(dataset), commands)
        # A release reads no accounting, so it can notice nothing there.
        yield Subject("accounting", [Path(accounting)], {"verify": self.verify(dataset)})
        release = copied(released, self.work / "released")
        yield Subject("release", whole(release), {"verify": self.verify(release)})

    def run(self, command: list) -> Run:
        """Runs a command that finds a fresh folder for its output, with the release key as it was."""
        out = self.work / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        for file in self.key.parent.glob(f"{self.key.name}*") if self.key else []:
            shutil.copy2(file, out / file.name.replace(self.key.name, "release.key", 1))
        return run(self.binary, *command)

    def flip(self, subject: Subject, file: Path, rng: Random) -> tuple[int, list[str]]:
        """Changes one byte, runs every command and restores the byte. Returns the position and the findings."""
        content = file.read_bytes()
        position = rng.randrange(len(content))
        changed = bytearray(content)
        changed[position] ^= rng.randrange(1, 256)
        file.write_bytes(changed)
        ended = {name: self.run(command) for name, command in subject.commands.items()}
        file.write_bytes(content)
        accepted = [f"{name} accepts" for name, one in ended.items() if one.accepted]
        return position, [f"{one.trouble}: {name}" for name, one in ended.items() if one.trouble] + accepted


def copied(source: Path, target: Path) -> Path:
    return Path(shutil.copytree(source, target))


def whole(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--contract", type=Path, required=True)
    parser.add_argument("--identity", type=Path)
    parser.add_argument("--release-key", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deliveries", nargs="+", type=Path, required=True)
    parser.add_argument("--linked", type=Path, required=True)
    parser.add_argument("--released", type=Path, required=True)
    given = parser.parse_args()
    rng, tried, found = Random(given.seed), Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        flipper = Flipper(given, Path(folder))
        subjects = list(flipper.subjects(given.deliveries, given.linked, given.released))
        for name, command in ((one.name, command) for one in subjects for command in one.commands.values()):
            ended = flipper.run(command)
            if not ended.accepted:
                sys.exit(f"{name}: not accepted as it is:\n{ended.output.decode()}")
        turns = [(subject, file) for subject in subjects for file in subject.files]
        rng.shuffle(turns)
        for number in range(given.count):
            subject, file = turns[number % len(turns)]
            position, findings = flipper.flip(subject, file, rng)
            tried[subject.name] += 1
            found += [f"{finding}: {subject.name}, {file.name}, byte {position}" for finding in findings]
    for name, times in sorted(tried.items()):
        print(f"{name}: {times} bytes changed")
    for line in sorted(found):
        print(f"FOUND {line}")
    print(f"{'FAILED' if found else 'ok'}: {sum(tried.values())} bytes changed in {len(turns)} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

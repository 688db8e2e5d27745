"""The study that is attacked: its contract, the genuine deliveries, and the keys of their holders."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from hostile.signing import Signer

# A test value that is given to nobody, an invented name, and an invented address.
CODE = "131052-308T"
NAME = "Matti Meikäläinen"
MARKS = [CODE, CODE.lower(), NAME, "Meikalainen"]


@dataclass(frozen=True)
class Column:
    """A delivered column, by the contract."""

    name: str
    role: str
    kind: str
    scale: int
    rules: dict

    @property
    def is_key(self) -> bool:
        return self.role == "person"


class Study:
    """What a dishonest holder knows, and the genuine deliveries of all."""

    def __init__(self, contract: Path, deliveries: list[Path], keys: dict[str, Path], many: int = 3_000_000):
        self.path = contract
        self.contract = tomllib.loads(contract.read_text(encoding="utf-8"))
        self.name = self.contract["exchange"]["study"]["id"]
        self.window = self.contract["exchange"]["study"]["window"]
        self.deliveries = {path.name: path for path in deliveries}
        self.sealed: dict[str, Path] = {}
        self.identity: Path | None = None
        # Rows of an attack by the mass of them.
        self.many = many
        self.signers = {holder: Signer.read(path, self.name) for holder, path in keys.items()}

    def table(self, name: str) -> dict:
        return next(table for table in self.contract["exchange"]["tables"] if table["name"] == name)

    def columns(self, name: str) -> list[Column]:
        """Delivered columns, the key first, then in the contract's order."""
        columns = [column(entry) for entry in self.table(name)["columns"] if entry["role"] != "direct"]
        return sorted(columns, key=lambda one: not one.is_key)


def column(entry: dict) -> Column:
    role, derived = entry["role"], entry.get("derive")
    if role == "person":
        return Column("pseudonym", role, "pseudonym", 0, entry)
    if role == "reference":
        return Column(entry["name"], role, "pseudonym", 0, entry)
    if derived:
        return Column(entry["name"], role, "code" if derived == "sex" else "integer", 0, entry)
    kind = entry["type"]
    match entry.get("deliver"):
        case "month":
            kind = "month"
        case {"days_after": _}:
            kind = "integer"
    return Column(entry["name"], role, kind, entry.get("scale", 0), entry)

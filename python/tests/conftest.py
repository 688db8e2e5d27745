"""A study with two holders, made by the program that SALANIMI_PROGRAM names."""

import os
import shutil
import subprocess
from pathlib import Path

import pyarrow as pa
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def run(folder, line):
    program = os.environ["SALANIMI_PROGRAM"]
    ended = subprocess.run([program, *line.split()], cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def without_dictionaries(table):
    """Two files may number the codes of a column in another order."""
    types = [field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in table.schema]
    return table.cast(pa.schema([field.with_type(kind) for field, kind in zip(table.schema, types)])).combine_chunks()


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study") / "world"
    shutil.copytree(REPOSITORY / "fixtures/good/v1", folder)
    run(folder, "key new --contract contract.toml study.key")
    for holder, parts in [("kela", 8), ("town", 1)]:
        files = f"--contract contract.toml --key study.key --holder {holder}/holder.toml"
        run(folder, f"extract {files} --unsealed --parts {parts} --out d-{holder}")
    run(folder, "link --contract contract.toml --out linked d-kela d-town")
    return folder


@pytest.fixture
def world(study, monkeypatch):
    monkeypatch.chdir(study)
    return study

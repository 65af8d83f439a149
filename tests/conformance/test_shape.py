"""How two recordings differ, file by file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.schema import ContractError
from conformance.shape import Change, diff


def kept(folder: Path, name: str, *bodies: object, status: int = 200) -> Path:
    """A recording of one file."""
    path = folder / "system" / "service" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    answers = [{"status": status, "content_type": "application/json", "body": body} for body in bodies]
    path.write_text(json.dumps({"call": name, "case": "found", "answers": answers, "codes": {}}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ([{"a": 1}], [{"a": 2}], []),
        ([{"a": [{"b": 1}]}], [{"a": []}], []),
        ([{"a": []}], [{"a": [{"b": 1}]}], []),
        ([{"a": [{"b": 1}]}], [{"a": [{"c": 1}]}], [("field removed", "/a/*/b"), ("field added", "/a/*/c")]),
        ([{"a": [{"b": 1}]}], [{"a": {"b": 1}}], [("type changed", "/a")]),
        ([{"a": None}, {"a": "x"}], [{"a": "x"}], [("type changed", "/a")]),
        ([{"a": 1}], [{"a": 1.5}], [("type changed", "/a")]),
    ],
)
def test_what_counts_as_another_shape(
    tmp_path: Path, before: list[object], after: list[object], changes: list[tuple[str, str]]
) -> None:
    """Values do not count, nor lists that are empty; names, types and frames do."""
    found = diff(kept(tmp_path / "a", "x", *before), kept(tmp_path / "b", "x", *after))

    assert sorted((one.kind, one.at) for one in found) == sorted(changes)


def test_files_statuses_and_frames_count_too(tmp_path: Path) -> None:
    """A case that is gone, one that is new, and another status."""
    before = kept(kept(tmp_path / "a", "gone", {}), "same", {})
    after = kept(kept(tmp_path / "b", "new", {}), "same", {}, status=404)

    assert diff(before, after) == [
        Change("system/service/gone", "file removed", ""),
        Change("system/service/new", "file added", ""),
        Change("system/service/same", "status changed", "", "200", "404"),
    ]


def test_what_is_no_recording_is_said_so(tmp_path: Path) -> None:
    """An empty directory, and a file of another kind."""
    with pytest.raises(ContractError, match="not a recording"):
        diff(tmp_path, tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ContractError, match="not written by lgsp contracts record"):
        diff(tmp_path, tmp_path)

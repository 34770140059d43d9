"""Parquet and atomic folders: round trip, same bytes, nothing half-written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from excomm.errors import UsageError
from excomm.storage import check_place, new_folder, read_parquet, write_parquet, write_whole


def columns(rows: int = 100) -> dict[str, object]:
    random = np.random.default_rng(3)
    return {
        "option": ["aid", "größer, «фронт»"] * (rows // 2),
        "draw": np.arange(rows, dtype=np.int32),
        "area": random.normal(size=rows).astype(np.float32),
        "mean": random.normal(size=rows),
        "missing": np.full(rows, np.nan),
        "event": random.uniform(size=rows) < 0.5,
    }


def test_columns_come_back_as_they_went(tmp_path: Path) -> None:
    written = columns()
    write_parquet(tmp_path / "a.parquet", written)
    found = read_parquet(tmp_path / "a.parquet")
    assert list(found) == list(written)
    assert [str(text) for text in found["option"]] == written["option"]
    for name in ("draw", "area", "mean", "missing"):
        assert found[name].dtype == written[name].dtype
        assert np.array_equal(found[name], written[name], equal_nan=True)
    assert np.array_equal(np.asarray(found["event"], dtype=bool), written["event"])


def test_the_same_columns_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_parquet(tmp_path / f"{name}.parquet", columns())
    changed = columns()
    changed["area"] = np.nextafter(changed["area"], np.float32(9))
    write_parquet(tmp_path / "c.parquet", changed)
    first, second, third = ((tmp_path / f"{name}.parquet").read_bytes() for name in "abc")
    assert first == second
    assert first != third


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "runs" / "one"
    with new_folder(target) as folder:
        (folder / "a.txt").write_text("half", encoding="utf-8")
        assert not target.exists()
    assert (target / "a.txt").read_text(encoding="utf-8") == "half"
    assert [path.name for path in target.parent.iterdir()] == ["one"]
    assert target.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("problem", [RuntimeError, KeyboardInterrupt])
def test_what_fails_leaves_nothing(tmp_path: Path, problem: type[BaseException]) -> None:
    target = tmp_path / "one"

    def half() -> None:
        with new_folder(target) as folder:
            (folder / "a.txt").write_text("half", encoding="utf-8")
            raise problem

    with pytest.raises(problem):
        half()
    assert list(tmp_path.iterdir()) == []


def test_an_older_folder_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "one"
    with new_folder(target) as folder:
        (folder / "old.txt").write_text("old", encoding="utf-8")

    def half() -> None:
        with new_folder(target) as folder:
            (folder / "new.txt").write_text("new", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert [path.name for path in target.iterdir()] == ["old.txt"]
    with new_folder(target) as folder:
        (folder / "new.txt").write_text("new", encoding="utf-8")
    assert [path.name for path in target.iterdir()] == ["new.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_file_is_replaced_whole_or_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "answer.json"
    write_whole(path, "größer")
    assert path.read_bytes() == "größer".encode()

    def fails(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(UsageError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == "größer".encode()
    assert [one.name for one in tmp_path.iterdir()] == ["answer.json"]


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written") as told:
        write_whole(tmp_path / "nowhere" / "a.txt", "x")
    assert told.value.exit_code == 2


def test_a_folder_where_none_can_be_made_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("no folder", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be made") as told, new_folder(tmp_path / "file" / "run"):
        raise AssertionError("not reached")
    assert told.value.exit_code == 2


def test_a_place_is_checked_without_leaving_a_trace(tmp_path: Path) -> None:
    assert check_place(tmp_path / "a.html", "--html") == tmp_path / "a.html"
    assert check_place(tmp_path / "new" / "runs", folder=True) == tmp_path / "new" / "runs"
    assert check_place(tmp_path / "new" / "a.png", makes_folders=True) == tmp_path / "new" / "a.png"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("nowhere/a.html", {}),
        ("file/a.html", {}),
        ("file/a.html", {"makes_folders": True}),
        ("folder", {}),
        ("folder", {"makes_folders": True}),
        ("file", {"folder": True}),
        ("file/runs", {"folder": True}),
        ("x" * 300, {}),
        ("/proc/runs", {"folder": True}),
        ("/proc/new/runs", {"folder": True}),
        ("/dev/null", {}),
    ],
)
def test_a_place_where_nothing_can_be_written_is_refused(
    tmp_path: Path, name: str, how: dict[str, bool]
) -> None:
    tmp_path.joinpath("file").write_text("kept", encoding="utf-8")
    tmp_path.joinpath("folder").mkdir()
    with pytest.raises(UsageError, match="cannot be written") as told:
        check_place(tmp_path / name, "--out", **how)
    assert told.value.path == "--out"
    assert told.value.next_step
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder"]


def test_a_device_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.symlink_to("/dev/null")
    with pytest.raises(UsageError, match="no plain file"):
        write_whole(device, "text")
    assert device.is_symlink()


@pytest.mark.parametrize("kept", [0, 3, 7, 8, 200, -1])
def test_a_damaged_table_is_refused_without_a_panic(tmp_path: Path, kept: int) -> None:
    """Cut anywhere, or with a footer that says nonsense; the library itself panics on some of these."""
    path = tmp_path / "table.parquet"
    write_parquet(path, {"draw": np.arange(50), "value": np.linspace(0, 1, 50)})
    content = path.read_bytes()
    path.write_bytes(content[:-8] + b"\xff\xff\xff\x7fPAR1" if kept < 0 else content[:kept])
    with pytest.raises(ValueError, match="no complete Parquet file"):
        read_parquet(path)
    with pytest.raises(FileNotFoundError):
        read_parquet(tmp_path / "none.parquet")

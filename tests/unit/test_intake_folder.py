"""The watched folder: killed between any two steps, watched by several, given every odd thing that a disk can hold."""

import asyncio
import errno
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.duplicates import Likeness
from domain.errors import DuplicateReference, Unavailable
from integration.client import Receipt
from integration.intake import folder as intake_folder
from integration.intake.files import MAX_FILE
from integration.intake.folder import Folder, FolderNews, watch
from integration.intake.matters import FileReceipt, Intake, digest
from tests.unit.test_intake_files import HEADER, ROW, plain

BY = {"role": "intake", "id": "folder"}


class Ledger:
    """An engine that takes each reference once, kept in files, so that it outlives who asks it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.down = False

    async def refer_once(self, referral: Any) -> Receipt:
        if self.down:
            raise Unavailable("The engine is away.")
        told = json.dumps(referral, default=str, sort_keys=True)
        try:
            with open(self.root / referral["reference"], "x") as file:
                file.write(told)
        except FileExistsError:
            if (self.root / referral["reference"]).read_text() != told:
                raise DuplicateReference("The reference is taken by another matter.") from None
        return Receipt(reference=referral["reference"], version=1)

    async def duplicates(self, reference: str, *, earlier: bool = False) -> list[Likeness]:
        return []

    @property
    def taken(self) -> list[str]:
        return sorted(path.name for path in self.root.iterdir())


class Place:
    """A folder that is watched, and an engine."""

    def __init__(self, root: Path) -> None:
        self.root = root / "drop"
        self.root.mkdir()
        self.ledger = Ledger(root / "ledger")

    def drop(self, name: str, data: bytes | str) -> Path:
        (self.root / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return self.root / name

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir() if path.suffix != ".tmp")

    def lying(self) -> list[str]:
        return sorted(path.name for path in self.root.iterdir() if path.is_symlink() or not path.is_dir())

    def answers(self) -> list[FileReceipt]:
        return [
            FileReceipt.model_validate_json((self.root / "answers" / name).read_text())
            for name in self.names("answers")
        ]

    async def take(self, kind: str, data: bytes) -> FileReceipt:
        return await Intake(self.ledger, BY).take_file(kind, data)

    async def once(self, settle: float = 0) -> list[FolderNews]:
        told: list[FolderNews] = []
        await watch(Folder(self.root, settle), self.take, told.append, 0.01, once=True)
        return told


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def of_three() -> str:
    return "\n".join((HEADER, ROW, ROW.replace("X-1", "X-2"), ROW.replace("X-1", "X-3")))


async def test_a_file_is_taken_answered_and_removed(place: Place) -> None:
    place.drop("week 12.csv", of_three())
    (told,) = await place.once()
    assert place.ledger.taken == ["X-1", "X-2", "X-3"]
    (answer,) = place.answers()
    assert told.receipt == answer
    assert (answer.outcome, answer.taken, answer.refused) == ("taken", 3, 0)
    assert place.names("answers") == [f"week 12.csv.{digest(of_three().encode())[:12]}.json"]
    assert answer.sha256 == digest(of_three().encode())
    assert (place.lying(), place.names("taking"), place.names("refused")) == ([], [], [])


async def test_a_file_with_a_bad_row_is_kept_and_its_receipt_lists_every_row(place: Place) -> None:
    data = of_three().replace("X-2,f-1", "X-2,")
    place.drop("a.csv", data)
    await place.once()
    (answer,) = place.answers()
    assert (answer.outcome, answer.taken, answer.refused) == ("taken_in_part", 2, 1)
    assert [(each.rows, each.taken) for each in answer.answers] == [((2,), True), ((3,), False), ((4,), True)]
    assert answer.answers[1].code == "malformed"
    assert place.names("refused") == [f"a.{digest(data.encode())[:12]}.csv"]


async def test_the_same_file_again_is_answered_alike_and_nothing_is_taken_twice(place: Place) -> None:
    place.drop("a.csv", of_three())
    await place.once()
    (first,) = place.names("answers")
    before = (place.root / "answers" / first).read_bytes()
    place.drop("a.csv", of_three())
    await place.once()
    assert place.names("answers") == [first]
    assert (place.root / "answers" / first).read_bytes() == before
    assert len(place.ledger.taken) == 3


async def test_another_matter_under_the_same_reference_is_refused(place: Place) -> None:
    place.drop("a.json", json.dumps(plain()))
    place.drop("b.json", json.dumps(plain(force="f-2")))
    await place.once()
    first, second = place.answers()
    assert (first.outcome, second.outcome) == ("taken", "refused")
    assert (second.answers[0].code, second.answers[0].reference) == ("duplicate_reference", "X-1")


# --- Killed


STEPS = ("rename", "replace", "unlink", "fsync", "open", "close", "lstat", "fstat", "scandir", "dup")


class Deadly:
    """The system calls of the folder, of which one kills the process before or after it is done."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.left, self.after = at, after

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._counted(real) if name in STEPS else real

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left == 0 and not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            done = real(*args, **named)
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return step


def run(place: Place) -> None:
    with asyncio.Runner() as runner:  # a loop of its own: the process may be a fork
        runner.run(place.once())


def killed_at(place: Place, step: int, *, after: bool) -> bool:
    """Watch the folder once in a process that is killed at this step; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        pytest.MonkeyPatch().setattr(intake_folder, "os", Deadly(step, after=after))
        ended = 1
        try:
            run(place)
            ended = 0
        finally:
            os._exit(ended)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_every_step_it_takes_each_matter_once_and_answers_each_file(tmp_path: Path, after: bool) -> None:
    step, killed = 0, True
    expected: Counter[str] | None = None
    while killed:
        step += 1
        (tmp_path / str(step)).mkdir()
        place = Place(tmp_path / str(step))
        place.drop("a.csv", of_three())
        place.drop("b.csv", of_three().replace("X-2,f-1", "X-2,").replace("X-", "Y-"))
        (place.root / "c.csv").symlink_to("/etc/hostname")
        killed = killed_at(place, step, after=after)
        run(place)
        assert place.ledger.taken == ["X-1", "X-2", "X-3", "Y-1", "Y-3"], step
        assert (place.lying(), place.names("taking")) == ([], []), step
        assert len(place.names("refused")) == 2, step
        told = Counter(
            json.dumps([a.model_dump(mode="json") for a in each.answers] or each.sentence) for each in place.answers()
        )
        expected = expected or told
        assert told == expected, step
    assert step > 25, "it was not killed at every step"


async def test_what_a_killed_watcher_was_writing_aside_is_removed_and_nothing_else(
    place: Place, tmp_path: Path
) -> None:
    folder, long_ago = Folder(place.root, settle=0), time.time() - 2 * intake_folder.LEFT
    folder.prepare()
    answers = place.root / "answers"
    names = {key: f".{key * 32}.tmp" for key in "abcd"}  # left there; being written now; a link; a folder
    (answers / names["a"]).write_text("{")
    (answers / "a.csv.json").write_text("{}")
    (answers / ".own.tmp").write_text("somebody's own")
    (answers / names["c"]).symlink_to(tmp_path / "ledger")
    (answers / names["d"]).mkdir()
    for each in answers.iterdir():
        os.utime(each, (long_ago, long_ago), follow_symlinks=False)
    (answers / names["b"]).write_text("{")
    await place.once()
    assert {each.name for each in answers.iterdir()} == {"a.csv.json", ".own.tmp", names["b"], names["d"]}
    assert (tmp_path / "ledger").is_dir()


async def test_what_a_killed_watcher_left_is_taken_up_by_another(place: Place) -> None:
    place.drop("a.csv", of_three())
    folder = Folder(place.root, 0)
    folder.prepare()
    folder.claim()
    assert len(place.names("taking")) == 1
    await place.once()
    assert place.ledger.taken == ["X-1", "X-2", "X-3"]
    assert place.names("taking") == []


# --- Several at once


async def test_several_watchers_share_a_folder(place: Place) -> None:
    for number in range(40):
        place.drop(f"{number}.json", json.dumps(plain(reference=f"X-{number}")))
    calls: Counter[str] = Counter()

    async def take(kind: str, data: bytes) -> FileReceipt:
        calls[json.loads(data)["reference"]] += 1
        await asyncio.sleep(0)
        return await place.take(kind, data)

    told: list[FolderNews] = []
    watchers = [watch(Folder(place.root, 0), take, told.append, 0.01, once=True) for _ in range(4)]
    await asyncio.gather(*watchers)
    assert len(place.ledger.taken) == len(calls) == len(told) == len(place.names("answers")) == 40
    assert set(calls.values()) == {1}
    assert place.names("taking") == []


async def test_a_file_that_another_works_on_is_left_to_it(place: Place) -> None:
    place.drop("a.csv", of_three())
    folder = Folder(place.root, 0)
    folder.prepare()
    folder.claim()
    (path,) = folder.claimed()
    going_on, go = asyncio.Event(), asyncio.Event()

    async def slowly(kind: str, data: bytes) -> FileReceipt:
        going_on.set()
        await go.wait()
        return await place.take(kind, data)

    first = asyncio.create_task(folder.work(path, slowly))
    await going_on.wait()
    assert await Folder(place.root, 0).work(path, place.take) is None
    go.set()
    assert await first is not None
    assert await folder.work(path, place.take) is None  # it has been put away


# --- Half written


@pytest.mark.parametrize("name", ["a.csv.part", ".a.csv", "a.csv.tmp", "a.csv~", "~a.csv", "a.csv.filepart"])
async def test_a_file_under_the_name_of_one_that_is_written_is_left_alone(place: Place, name: str) -> None:
    path = place.drop(name, of_three())
    await place.once()
    assert (place.lying(), place.answers()) == ([name], [])
    path.rename(place.root / "a.csv")
    await place.once()
    assert len(place.ledger.taken) == 3


def test_a_file_that_grows_is_not_claimed_until_it_is_left_alone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("integration.intake.folder.time.monotonic", lambda: now)
    path = place.drop("a.csv", of_three()[:50])
    folder = Folder(place.root, 5)
    folder.prepare()
    assert folder.claim() == 1
    now = 104
    assert folder.claim() == 1
    path.write_text(of_three())
    now = 106
    assert folder.claim() == 1  # it has changed, and has to be left alone anew
    now = 110
    assert (folder.claim(), folder.claimed()) == (1, [])
    now = 111
    assert (folder.claim(), len(folder.claimed())) == (0, 1)


async def test_a_file_that_changes_while_it_is_taken_is_taken_again(place: Place) -> None:
    place.drop("a.json", json.dumps([plain()]))
    folder = Folder(place.root, 0)
    folder.prepare()
    folder.claim()
    (path,) = folder.claimed()

    async def meanwhile(kind: str, data: bytes) -> FileReceipt:
        path.write_text(json.dumps([plain(), plain(reference="X-2")]))
        return await place.take(kind, data)

    assert await folder.work(path, meanwhile) is None
    assert place.answers() == []
    assert await folder.work(path, place.take) is not None
    assert place.ledger.taken == ["X-1", "X-2"]


# --- Odd things


@pytest.mark.parametrize("name", ["a.txt", "Müller.csv", "a\nb.csv", "-rf.csv", "a" * 120 + ".csv", "csv", "a;b.json"])
async def test_an_odd_name_is_refused_and_not_repeated(place: Place, name: str) -> None:
    place.drop(name, of_three())
    await place.once()
    (answer,) = place.answers()
    assert (answer.outcome, answer.code) == ("refused", "malformed")
    assert (answer.sentence or "").startswith("The name of the file ends in .json or .csv")
    assert all(each.startswith("odd-") for each in (*place.names("answers"), *place.names("refused")))
    assert (place.ledger.taken, place.lying(), len(place.names("refused"))) == ([], [], 1)


async def test_what_was_not_read_is_answered_without_a_digest(place: Place) -> None:
    place.drop("a.txt", of_three())
    (told,) = await place.once()
    assert told.answer and "sha256" not in json.loads(told.answer.read_text())


async def test_links_and_pipes_are_refused_unopened(place: Place, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text(of_three())
    (place.root / "a.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(place.root / "b.csv")
    (place.root / "c.csv").symlink_to(tmp_path / "nothing")
    await place.once()
    assert {each.sentence for each in place.answers()} == {"It is a link, a pipe or a device, and no file."}
    assert (place.ledger.taken, len(place.names("refused"))) == ([], 3)
    assert (tmp_path / "secret.csv").exists()


async def test_a_very_large_file_is_refused_unread(place: Place) -> None:
    with open(place.root / "a.csv", "wb") as file:
        file.truncate(MAX_FILE + 1)
    await place.once()
    (answer,) = place.answers()
    assert answer.sentence == "The file is larger than 16 MiB: divide it."


async def test_folders_are_left_alone(place: Place) -> None:
    (place.root / "old").mkdir()
    assert await place.once() == []
    assert (place.root / "old").is_dir()


async def test_a_link_for_a_folder_of_ours_is_not_followed(place: Place, tmp_path: Path) -> None:
    (place.root / "answers").symlink_to(tmp_path)
    with pytest.raises(Unavailable, match="The folder answers is a link"):
        await place.once()


@pytest.mark.parametrize("name", ["taking", "answers", "refused"])
async def test_a_folder_of_ours_that_becomes_a_link_is_told_and_no_longer_used(
    place: Place, tmp_path: Path, name: str
) -> None:
    (elsewhere := tmp_path / "elsewhere").mkdir()
    told: asyncio.Queue[FolderNews] = asyncio.Queue()
    watching = asyncio.create_task(watch(Folder(place.root, 0), place.take, told.put_nowait, 0.01))
    place.drop("a.json", json.dumps(plain()))
    assert (await told.get()).receipt is not None
    (place.root / name).rename(tmp_path / "away")
    (place.root / name).symlink_to(elsewhere)
    place.drop("b.csv", of_three().replace("X-2,f-1", "X-2,"))
    assert (await told.get()).waiting == f"The folder {name} is a link: it has to be a folder, on the same disk."
    (place.root / name).unlink()
    (tmp_path / "away").rename(place.root / name)
    assert (await told.get()).receipt is not None
    watching.cancel()
    assert (list(elsewhere.iterdir()), len(place.answers()), len(place.names("refused"))) == ([], 2, 1)


@pytest.mark.parametrize("planted", ["answers/.a.csv.{}.json.tmp", "answers/a.csv.{}.json", "refused/a.{}.csv"])
async def test_a_link_that_was_planted_is_not_written_through(place: Place, tmp_path: Path, planted: str) -> None:
    (target := tmp_path / "precious").write_text("as it was")
    data = of_three().replace("X-2,f-1", "X-2,")
    Folder(place.root, 0).prepare()
    (place.root / planted.format(digest(data.encode())[:12])).symlink_to(target)
    place.drop("a.csv", data)
    await place.once()
    assert target.read_text() == "as it was"
    assert (len(place.answers()), len(place.names("refused"))) == (1, 1)


async def test_a_pipe_that_is_put_in_the_place_of_a_file_just_as_it_is_opened_is_not_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.drop("a.csv", of_three())
    folder = Folder(place.root, 0)
    folder.prepare()
    folder.claim()
    (path,) = folder.claimed()

    def swapped(*args: Any) -> int:
        monkeypatch.undo()
        path.unlink()
        os.mkfifo(path)
        return os.open(*args)

    monkeypatch.setattr("integration.intake.folder.os.open", swapped)
    assert await folder.work(path, place.take) is None
    await place.once()
    (answer,) = place.answers()
    assert answer.sentence == "It is a link, a pipe or a device, and no file."


async def test_an_answer_that_the_disk_did_not_take_leaves_nothing_behind(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_folder, "os", Full("replace", 1, errno.ENOSPC))
    place.drop("a.csv", of_three())
    await place.once()
    assert list((place.root / "answers").iterdir()) == []


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="is not there"):
        Folder(tmp_path / "none", 0).prepare()


# --- The disk, or the engine, is away


class Full:
    """System calls on a disk that fails at one of them, so many times."""

    def __init__(self, name: str, times: int, code: int) -> None:
        self.name, self.times, self.code = name, times, code

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._failing(real) if name == self.name else real

    def _failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **named: Any) -> Any:
            if self.times:
                self.times -= 1
                raise OSError(self.code, os.strerror(self.code))
            return real(*args, **named)

        return step


@pytest.mark.parametrize("call", ["fsync", "replace", "unlink", "dup", "rename", "scandir"])
async def test_a_disk_error_is_told_in_a_sentence_and_the_file_taken_later(
    place: Place, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setattr(intake_folder, "os", Full(call, 1, errno.ENOSPC))
    place.drop("a.csv", of_three())
    (told,) = await place.once()
    assert (told.waiting or "").endswith("no space left on device.")
    (told,) = await place.once()
    assert told.receipt is not None
    assert (len(place.ledger.taken), len(place.answers()), place.names("taking")) == (3, 1, [])


async def test_while_the_engine_is_away_files_wait(place: Place) -> None:
    place.drop("a.csv", of_three())
    place.ledger.down = True
    (told,) = await place.once()
    assert (told.waiting, place.answers(), len(place.names("taking"))) == ("The engine is away.", [], 1)
    place.ledger.down = False
    await place.once()
    assert (len(place.ledger.taken), place.names("taking")) == (3, [])


async def test_a_watcher_goes_on_until_it_is_stopped(place: Place) -> None:
    told: asyncio.Queue[FolderNews] = asyncio.Queue()
    watching = asyncio.create_task(watch(Folder(place.root, 0), place.take, told.put_nowait, 0.01))
    for name in ("a", "b"):
        place.drop(f"{name}.part", json.dumps(plain(reference=f"X-{name.upper()}")))
        (place.root / f"{name}.part").rename(place.root / f"{name}.json")
        assert (await told.get()).receipt is not None
    watching.cancel()
    assert place.ledger.taken == ["X-A", "X-B"]

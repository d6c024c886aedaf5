"""The watched folder: files of referrals are dropped into it, each is taken once and answered by a file.

    DIR/          files are dropped here: under a name that is renamed once they are whole, or left alone for a while
    DIR/taking/   a file that was claimed, under a name of its own
    DIR/answers/  the receipt or rejection of each file
    DIR/refused/  files of which a row, or the whole, could not be taken; what was taken whole is removed

The race. Several watchers look at one folder, and any of them may be killed between any two of its steps.
The choice. A claim is one rename to a name that nobody else uses, so a file is in one place at any time and none is
written over. From then on it is worked on under a lock of the kernel's, which ends with the process that held it:
whatever lies in `taking` unlocked was left behind, and the next to look takes it up from its start. That is safe since
the same referral again is answered as it was the first time, and since each step after that gives the same file again:
the answer is written aside and renamed over, only then does the file leave `taking`. Who drops files may plant links:
none is followed, and what is written aside has a name that nobody can guess.
How it was chosen stands in docs/adr/0019.
The cost. Two renames, two fsyncs and one lock a file; a network share has to support renames and locks (NFS 4 does).
https://man7.org/linux/man-pages/man2/flock.2.html, https://man7.org/linux/man-pages/man2/rename.2.html
"""

import asyncio
import fcntl
import os
import re
import stat
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from domain.errors import Malformed, Unavailable
from integration.intake.files import MAX_FILE
from integration.intake.matters import FileReceipt

__all__ = ["Folder", "FolderNews", "watch"]

TAKING, ANSWERS, REFUSED = "taking", "answers", "refused"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()-]{0,99}\.(json|csv)", re.IGNORECASE)
UNFINISHED = re.compile(r"^[.~]|~$|\.(part|partial|tmp|filepart|crdownload)$", re.IGNORECASE)
CLAIM = re.compile(r"([0-9a-f]{32})~(.+)", re.DOTALL)
ASIDE = re.compile(r"\.[0-9a-f]{32}\.tmp")
LEFT = 3600.0  # seconds after which an answer that is still aside was left there: it is written in a moment
LONGEST_WAIT = 60.0  # seconds between looks while the engine or the disk is away

Take = Callable[[str, bytes], Awaitable[FileReceipt]]
Seen = tuple[int, int, int]  # inode, size, time of the last change


class FolderNews(NamedTuple):
    """What a watcher has to say: a receipt and where it lies, or why a file has to wait."""

    receipt: FileReceipt | None = None
    answer: Path | None = None
    waiting: str | None = None


class Folder:
    """One watched folder. `settle`: seconds for which a file has to be left alone before it counts as whole."""

    def __init__(self, root: Path, settle: float) -> None:
        self._root, self._settle = root, settle
        self._seen: dict[str, tuple[Seen, float]] = {}

    def prepare(self) -> None:
        """Make the folders that are missing, and see that none is a link. Raises `Unavailable`."""
        try:
            if not self._root.is_dir():
                raise Unavailable("The folder to watch is not there, or is no folder.")
            for name in (TAKING, ANSWERS, REFUSED):
                (self._root / name).mkdir(exist_ok=True)
                if (self._root / name).is_symlink():
                    raise Unavailable(f"The folder {name} is a link: it has to be a folder, on the same disk.")
        except OSError as wrong:
            raise Unavailable(f"The folder cannot be used: {_why(wrong)}.") from None

    def sweep(self) -> None:
        """Remove what a watcher that was killed was writing aside. One that only slept writes that answer again."""
        with suppress(OSError), _opened(self._root / ANSWERS) as folder:
            for name in filter(ASIDE.fullmatch, os.listdir(folder)):
                with suppress(OSError):  # another watcher was quicker
                    if time.time() - os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime > LEFT:
                        os.unlink(name, dir_fd=folder)

    def claim(self) -> int:
        """Move every file that is whole to `taking`; how many have to settle yet."""
        unsettled = 0
        now, present = time.monotonic(), {}
        for entry in sorted(os.scandir(self._root), key=lambda each: each.name):
            if UNFINISHED.search(entry.name) or entry.is_dir(follow_symlinks=False):
                continue
            with suppress(FileNotFoundError):  # another watcher was quicker
                seen = _seen(entry.stat(follow_symlinks=False))
                before, since = self._seen.get(entry.name, (seen, now))
                since = since if before == seen else now
                if now - since >= self._settle:
                    os.rename(entry.path, self._root / TAKING / _claim_name(entry.name))
                else:
                    present[entry.name] = (seen, since)
                    unsettled += 1
        self._seen = present
        return unsettled

    def claimed(self) -> list[Path]:
        """What lies in `taking`, first come first, also what a watcher that was killed has left there."""
        return sorted(path for path in (self._root / TAKING).iterdir() if CLAIM.fullmatch(path.name))

    async def work(self, path: Path, take: Take) -> FolderNews | None:
        """Take a claimed file, answer it and put it away. None when another watcher has it, or it has changed since.

        Raises `OSError` and `Unavailable`; then it stays where it is.
        """
        _, name = _parts(path)
        if (fault := _odd(path, name)) is not None:
            return self._done(path, FileReceipt.rejection(None, Malformed(fault)))
        with _locked(path) as file:
            if file is None:
                return None
            before = os.fstat(file)
            data = _whole(file)
            receipt = await take(name.rpartition(".")[2].lower(), data)
            if _seen(before) != _seen(os.fstat(file)):
                return None  # whoever wrote it was not done; it is taken up again
            return self._done(path, receipt)

    def _done(self, path: Path, receipt: FileReceipt) -> FolderNews:
        token, name = _parts(path)
        short = (receipt.sha256 or token)[:12]
        answer = self._root / ANSWERS / f"{name}.{short}.json"
        _write(answer, receipt.model_dump_json(indent=2, exclude_none=True) + "\n")
        with suppress(FileNotFoundError):  # of an odd one, which is not locked
            if receipt.outcome == "taken":
                os.unlink(path)
            else:
                stem, dot, suffix = name.rpartition(".")
                os.rename(path, self._root / REFUSED / f"{stem or name}.{short}{dot}{suffix if stem else ''}")
        _sync(self._root / TAKING)
        return FolderNews(receipt, answer)


async def watch(
    folder: Folder, take: Take, tell: Callable[[FolderNews], None], every: float, *, once: bool = False
) -> None:
    """Take what is dropped, until stopped; or `once`, until nothing is left that can be taken now."""
    folder.prepare()
    folder.sweep()
    wait = every
    while True:
        unsettled, failed = await _look(folder, take, tell)
        if once and not unsettled:
            return
        wait = min(wait * 2, LONGEST_WAIT) if failed else every
        await asyncio.sleep(wait)


async def _look(folder: Folder, take: Take, tell: Callable[[FolderNews], None]) -> tuple[int, bool]:
    """One look at the folder: how many files have to settle yet, and whether one has to wait for something else."""
    try:
        folder.prepare()  # it may have been changed since the last look
        unsettled, claimed = folder.claim(), folder.claimed()
    except (OSError, Unavailable) as wrong:
        tell(FolderNews(waiting=_sentence(wrong, "The folder cannot be read")))
        return 0, True
    failed = False
    for path in claimed:
        try:
            told = await folder.work(path, take)
        except (OSError, Unavailable) as wrong:  # the others go on; this one is taken up again
            told, failed = FolderNews(waiting=_sentence(wrong, "The disk")), True
        if told is not None:
            tell(told)
    return unsettled, failed


def _claim_name(name: str) -> str:
    """A name that nobody else uses, in the order of coming; an odd one is not carried on: it may be personal."""
    kept = name if NAME.fullmatch(name) else f"odd-{sha256(os.fsencode(name)).hexdigest()[:12]}"
    return f"{time.time_ns():016x}{uuid4().hex[:16]}~{kept}"


def _parts(path: Path) -> tuple[str, str]:
    token, _, name = path.name.partition("~")
    return token, name


def _odd(path: Path, name: str) -> str | None:
    """Why a file is not opened at all; None when it may be."""
    if not NAME.fullmatch(name):
        return "The name of the file ends in .json or .csv, and has up to 100 letters, digits, spaces, and . _ - ( )."
    with suppress(FileNotFoundError):
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode):
            return "It is a link, a pipe or a device, and no file."
        if found.st_size > MAX_FILE:
            return f"The file is larger than {MAX_FILE // 2**20} MiB: divide it."
    return None


@contextmanager
def _locked(path: Path) -> Iterator[int | None]:
    """A claimed file, open and locked; None when another works on it, or has put it away meanwhile."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        regular = stat.S_ISREG(os.fstat(file).st_mode)  # it may have been put there since `_odd` looked
        yield file if regular and _lock(file) and _same(path, file) else None
    finally:
        os.close(file)


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same(path: Path, file: int) -> bool:
    """Whether the name still stands for the file that was opened: else it was put away before it was locked."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.lstat(path), os.fstat(file))
    return False


def _whole(file: int) -> bytes:
    with os.fdopen(os.dup(file), "rb") as reading:
        return reading.read(MAX_FILE + 1)


def _seen(found: os.stat_result) -> Seen:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _write(path: Path, text: str) -> None:
    """A file that is there whole or not at all, also after the power went."""
    with _opened(path.parent) as folder:
        aside = f".{uuid4().hex}.tmp"
        file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder)
        try:
            with os.fdopen(file, "w", encoding="utf-8") as writing:
                writing.write(text)
                writing.flush()
                os.fsync(file)
            os.replace(aside, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            os.unlink(aside, dir_fd=folder)
            raise
        os.fsync(folder)


def _sync(folder: Path) -> None:
    with _opened(folder) as handle:
        os.fsync(handle)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield handle
    finally:
        os.close(handle)


def _sentence(wrong: OSError | Unavailable, where: str) -> str:
    return wrong.sentence if isinstance(wrong, Unavailable) else f"{where}: {_why(wrong)}."


def _why(wrong: OSError) -> str:
    return (wrong.strerror or "it does not answer").lower()

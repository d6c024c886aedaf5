"""How the command line says no: one sentence, a stable code, an exit code; never a traceback."""

import errno
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

import typer
from typer.core import TyperGroup

from domain.errors import Malformed, ProbityError, Refused, Unavailable
from integration.cli import INTERRUPTED, STOPPED
from integration.cli.tables import clean, say

__all__ = ["EXIT_REFUSED", "EXIT_UNAVAILABLE", "Sentences", "Spoken", "complain"]

EXIT_REFUSED, EXIT_USAGE, EXIT_UNAVAILABLE, EXIT_FAULT = 1, 2, 3, 70
WHOLE = 1000  # letters, more than any first sentence has
OPTIONS = {"occurred_at": "--at", "as_at": "--as-at", "as_known": "--as-known"}  # under which name each is typed
UNWRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)  # what a write to our output may end in
PARSED = re.compile(", unable to parse .*")

# The root of what the argument parser raises; Typer exports only its leaves.
USAGE = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


class Spoken(Exception):
    """All has been said; only the exit code is left."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def complain(
    code: str, sentence: str, citation: str | None = None, lawful: Sequence[str] = (), *, as_json: bool = False
) -> None:
    """Say what is wrong, and what may be done instead, on stderr; with `--json` as data on stdout too."""
    if as_json:
        told = {"code": code, "sentence": sentence, "citation": citation, "lawful": list(lawful)}
        print(json.dumps({"error": told}, ensure_ascii=False))
    say(clean(f"{code}: {sentence}{f' ({citation})' if citation else ''}"), error=True)
    if lawful:
        say(f"lawful now: {', '.join(lawful)}", error=True)


class Sentences(TyperGroup):
    """A command group whose every error is one sentence."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Each verb with its first sentence whole: wrapped, where the parser's own would cut it."""
        listed = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, verb.get_short_help_str(WHOLE)) for name, verb in listed if verb is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb and its words. An option with an empty word, as a shell makes of a variable that is not set, is
        refused: it would pass for one that was not given."""
        found: Any = super().resolve_command(ctx, args)
        _, verb, words = found
        valued = {each for option in verb.params if not getattr(option, "is_flag", True) for each in option.opts}
        for word, following in zip_longest(words, words[1:]):
            option, equals, value = word.partition("=")
            if option in valued and (value if equals else following) == "":
                raise Malformed(f"{option}: is empty.")
        return found

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run with `args`; exits with the code, or returns it when not standalone."""
        told = list(sys.argv[1:] if args is None else args)
        run = super().main
        code = _spoken(lambda: run(told, prog_name, complete_var, False, **extra), told)
        if standalone_mode:
            sys.exit(code)
        return code


def _spoken(run: Callable[[], Any], told: Sequence[str]) -> int:
    try:
        if sys.stdout is None:  # before anything is done that nobody would be told of
            raise Unavailable("The output is closed.")
        try:
            code = run()
        except Spoken as spoken:
            code = spoken.code
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has enough; what is still buffered must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_REFUSED
    except Exception as error:
        return _said(error, told)
    if code == INTERRUPTED:
        complain("interrupted", STOPPED, as_json="--json" in told)
    return code if isinstance(code, int) else 0


def _said(error: Exception, told: Sequence[str]) -> int:
    as_json = "--json" in told
    if isinstance(error, ProbityError):
        refused = (error.citation, error.lawful) if isinstance(error, Refused) else ()
        complain(error.code, _as_typed(error.sentence, told), *refused, as_json=as_json)
        return EXIT_USAGE if isinstance(error, Malformed) else _exit_code(error)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error)  # the help, as --help prints it
        return EXIT_USAGE
    if isinstance(error, USAGE):
        complain("malformed", _one_line(error), as_json=as_json)
        return EXIT_USAGE
    if isinstance(error, OSError) and error.filename:
        complain("malformed", f"{error.filename}: {_because(error)}.", as_json=as_json)
        return EXIT_USAGE
    if isinstance(error, OSError) and error.errno in UNWRITTEN:
        complain("unavailable", f"The output cannot be written: {_because(error)}.")
        return EXIT_UNAVAILABLE
    if "PROBITY_TRACEBACK" in os.environ:
        raise error
    sentence = f"Probity failed inside ({type(error).__name__}); PROBITY_TRACEBACK=1 shows where."
    complain("error", sentence, as_json=as_json)
    return EXIT_FAULT


def _because(error: OSError) -> str:
    return (error.strerror or "cannot be read or written").lower()


def _as_typed(sentence: str, told: Sequence[str]) -> str:
    """What is wrong with a value by the name of the option that it was given with."""
    given = {word.partition("=")[0] for word in told}
    for field, option in OPTIONS.items():
        if option in given:
            sentence = re.sub(rf"\b{field}: ", f"{option}: ", sentence, count=1)
    return sentence


def _exit_code(error: ProbityError) -> int:
    return EXIT_UNAVAILABLE if isinstance(error, Unavailable) else EXIT_REFUSED


def _one_line(error: Exception) -> str:
    """In the words of our own: the parser's end a value that is wrong in those of its programmers."""
    told = " ".join(str(getattr(error, "format_message", error.__str__)()).split())
    return PARSED.sub("", told.replace("Value error, ", "").replace("Input should be", "has to be"))

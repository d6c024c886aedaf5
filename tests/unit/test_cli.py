"""The command line, as far as it needs no server."""

import errno
import gc
import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from rich.text import Text
from typer.testing import CliRunner, Result

from activities.text.erasure import Forgotten, Spared
from domain.errors import Malformed, Refused, Stale, Unavailable, Unlawful
from domain.hindsight import last_moment_of
from domain.messages import COMMANDS
from domain.vocabulary import Clock
from domain.working_days import england_and_wales
from integration.casefile import load
from integration.cli import holidays, keeping, lists, main
from integration.cli.__main__ import script
from integration.cli.console import answer, view_of
from integration.cli.lists import together
from integration.cli.main import app
from integration.cli.sentences import complain
from integration.cli.tables import listing
from integration.cli.told import body_of
from integration.suggest import no_deadline
from tests.kit import referred
from tests.memory import Memory

REFERENCE, SENTENCE = "X-2026-" + "1" * 34, "Said on the evening of that day. " * 60
EXAMPLE = Path(__file__).parents[2] / "examples" / "01-messages-on-a-phone.yaml"
REFERRAL = str(EXAMPLE.with_name("referral.yaml"))
BY = ("--by", "appropriate_authority:aa-1")


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "PROBITY_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)


def run(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(args), input=stdin)


def is_one_sentence(result: Result, code: str, exit_code: int) -> str:
    """One line on stderr with its code, nothing on stdout, no traceback."""
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{code}: ")
    assert "Traceback" not in result.output
    return line


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if what is told were shown on a terminal of 80 columns, without colours."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("shw",), "Did you mean 'show'?"),
        (("show",), "Missing argument"),
        (("show", "X-1", "--jsn"), "--json"),
        (
            ("do", "X-1", "impose_restrction", *BY),
            "there is no command 'impose_restrction' (did you mean 'impose_restriction'?)",
        ),
        (("do", "X-1", "xyzzy", *BY), "there is no command 'xyzzy'; `probity commands` lists them."),
        (("do", "X-1", "assess", *BY), "there is no command 'assess'; `probity commands` lists them."),
        (("do", "X-1", "close_case"), "say who acts, with --by role:id"),
        (("do", "X-1", "close_case", "--by", "iopc"), "who acts is told as role:id"),
        (
            ("do", "X-1", "close_case", "--by", "wizard"),
            "as in chair:c-1; the roles are intake, appropriate_",
        ),
        (("do", "X-1", "close_case", "--by", "wizard:w"), "there is no 'wizard'; the roles are intake, appropriate_"),
        (("do", "X-1", "close_case", "--by", "ipoc:i"), "there is no 'ipoc' (did you mean 'iopc'?)"),
        (("do", "X-1", "close_case", "--by", "iopc:i d"), "close_case: actor.id"),
        (("do", "X-1", "close_case", *BY, "--at", "2020-07-01"), "close_case: --at: has to be"),
        (("do", "X-1", "close_case", *BY, "--at=2020-07-01T10:00"), "close_case: --at: has to be"),
        (("do", "X-1", "close_case", *BY, "--body", '{"occurred_at": "x"}'), "close_case: occurred_at: has to be"),
        (("do", "X-1", "close_case", *BY, "--with", "reasons"), "is given as name=value"),
        (
            ("do", "X-1", "assess_referral", *BY, "--with", "kind=mandatory", "--with", "kind=voluntary"),
            "--with: kind is given twice.",
        ),
        (
            ("do", "X-1", "assess_referral", *BY, "--with", "knid=voluntary"),
            "there is no field 'knid' (did you mean 'kind'?)",
        ),
        (("do", "X-1", "assess_referral", *BY, "--with", "kind=perhaps"), "assess_referral: kind: has to be"),
        (
            ("do", "X-1", "review_restriction", *BY, "--with", "result=kept"),
            "there is no field 'result'; its fields are officers, reasons, delegated, authorised_by, iopc_consulted, "
            "conditions_met.",
        ),
        (("do", "X-1", "close_case", *BY, "--with", "result=kept"), "there is no field 'result'; it has none."),
        (("do", "X-1", "close_case", *BY, "--body", "{"), "--body: line 1"),
        (("do", "X-1", "close_case", *BY, "--body", "{actor: {role: officer"), "--body: line 1"),
        (("do", "X-1", "close_case", *BY, "--body", "none.json"), "none.json: no such file"),
        (("refer", "none.yaml"), "none.yaml: no such file"),
        (("refer", "."), "is a directory"),
        (("play", "none.yaml"), "none.yaml: no such file"),
        (("play",), "Missing argument"),
        (
            ("cases", "--stage", "nowhere"),
            "'--stage': 'nowhere' is not one of 'referral', 'investigation',",
        ),
        (("cases", "--force", "J S"), "cases: force: has to be an id"),
        (("play", REFERRAL), "referral.yaml: is a referral, not a case file: `probity refer` takes it."),
        (("refer", str(EXAMPLE)), "-phone.yaml: is a case file, not a referral: `probity play` takes it."),
        (("verify", "nofile.zip"), "nofile.zip: is neither a file here nor the reference of a case."),
        (("deadlines", "--as-at", "2026-03-01"), "malformed: --case: say which; what was owed on another day is told"),
        (
            ("verify", "nofile"),
            "nor the reference of a case; one is in capitals, as NOFILE.",
        ),
        (
            ("refer", str(EXAMPLE.with_name("intake.csv"))),
            "of several referrals: `probity intake take` takes it.",
        ),
        (
            ("do", "X-1", "close_case", *BY, "--expected", "x"),
            "value for '--expected': has to be a valid integer",
        ),
        (("verify", "."), ".: is neither a file here nor the reference of a case."),
        (("verify",), "verify: say which: the reference of a case, a file, or --all."),
        (("verify", "X-1", "--all"), "verify: say which: the reference of a case, a file, or --all."),
        (("intake", "take", "none.csv"), "none.csv: no such file"),
        (("intake", "watch", "/nowhere"), "malformed: /nowhere: no such directory."),
        (("intake", "watch", str(EXAMPLE)), "-phone.yaml: no such directory."),
        (("feed", "--as-recorded", "--follow"), "malformed: --follow: --as-recorded goes with --after alone;"),
        (("feed", "--as-recorded", "--checkpoints", "--held-back"), "malformed: --checkpoints, --held-back: --as-rec"),
        (("intake", "take", "none.txt"), "none.txt: the name has to end in .json or .csv."),
        (("webhooks", "add", "x", "https://a.example"), "subscription: has to be a name of 2 to 41 small letters,"),
        (("forget", "J S", "--by", "clerk:c-1", "--reason", "x"), "person: has to be an id: up to 64 letters,"),
    ],
)
def test_wrong_usage_is_one_sentence(args: tuple[str, ...], sentence: str) -> None:
    assert sentence in is_one_sentence(run(*args), "malformed", 2)


@pytest.mark.parametrize("wrong", [{"keys": []}, {"case": "A\0"}, {"person": "A\0"}, {"reasons": "A\0"}, {"case": "x"}])
def test_what_is_no_erasure_is_refused_before_anything_is_erased(wrong: dict[str, object]) -> None:
    facts = {"case": "X-1", "person": None, "keys": [str(UUID(int=1))], "reasons": "x"}
    line = json.dumps(facts | {"by": {"role": "clerk", "id": "c-1"}})
    assert is_one_sentence(run("reforget", "-", stdin=line), "unavailable", 3)  # well, but there is no store
    told = f"{line}\n{json.dumps(json.loads(line) | wrong)}\n"
    assert "Line 2 is not an erasure" in is_one_sentence(run("reforget", "-", stdin=told), "malformed", 2)


@pytest.mark.parametrize("text", ["a: [", "just text", "", "- 1", "a: 1\na: 2", "\x00", "!!python/name:os.system"])
def test_what_is_not_yaml_is_refused(text: str) -> None:
    is_one_sentence(run("refer", "-", stdin=text), "malformed", 2)


@pytest.mark.parametrize("told", [b"reference: caf\xe9", b"\xff\xfe", b"reference: \xed\xa0\x80"])
def test_what_is_not_utf8_is_refused_wherever_it_stands(tmp_path: Path, told: bytes) -> None:
    file = tmp_path / "told.yaml"
    file.write_bytes(told)
    act = ("do", "X-1", "close_case", *BY, "--body")
    for args in (("refer", "-"), ("refer", str(file)), (*act, "-"), (*act, str(file)), ("play", str(file))):
        line = is_one_sentence(run(*args, stdin=told), "malformed", 2)
        assert line.endswith(f"{'the input' if args[-1] == '-' else file}: is not UTF-8 text.")


@pytest.mark.parametrize("line", ["show {}", "do {} close_case --by iopc:i", "export {}", "deadlines --case {}"])
def test_a_reference_that_is_not_in_capitals_is_told_so_without_a_look_at_the_record(line: str) -> None:
    told = is_one_sentence(run(*line.format("new-2026-0001").split()), "malformed", 2)
    assert told == "malformed: There is no case new-2026-0001: a reference is in capitals, as NEW-2026-0001."


@pytest.mark.parametrize("wrong", ["\udcff", "NO_CASE", "X-1\udcff", "X-1\n"])
@pytest.mark.parametrize(
    "line", ["show", "events", "reads", "export", "resume", "resume X-1", "duplicates", "deadlines --case"]
)
def test_what_is_no_reference_is_told_so_without_a_look_at_the_record(line: str, wrong: str) -> None:
    """Postgres does not take every text: it was said not to have answered."""
    told = is_one_sentence(run(*line.split(), wrong), "malformed", 2)
    assert "There is no case '" in told and "capital letters, digits and hyphens" in told


@pytest.mark.parametrize("form", [("{}", ""), ("{}=",)])
@pytest.mark.parametrize(
    "line",
    [
        "do X-1 close_case --by",
        "do X-1 close_case --by iopc:i --id",
        "do X-1 close_case --by iopc:i --expected",
        "do X-1 close_case --by iopc:i --at",
        "show X-1 --purpose",
        "show X-1 --as-at",
        "deadlines --case",
        "retention --due",
        "export X-1 --to",
        "gateway --host",
        "webhooks add hr-system https://a.example --entitled",
        "intake take x.csv --by",
    ],
)
def test_an_option_with_an_empty_word_is_not_taken_for_one_that_was_not_given(line: str, form: tuple[str, ...]) -> None:
    """As `--id "$UNSET"` gives: the same act given twice would be done twice."""
    *before, option = line.split()
    told = is_one_sentence(run(*before, *(each.format(option) for each in form)), "malformed", 2)
    assert told == f"malformed: {option}: is empty."


def test_an_empty_word_that_is_no_option_s_is_told_as_what_it_is() -> None:
    assert "There is no case ''" in is_one_sentence(run("show", ""), "malformed", 2)
    assert "verify: say which" in is_one_sentence(run("verify", "--all", ""), "malformed", 2)


@pytest.mark.parametrize("line", ["show X-1", "events X-1", "explain X-1 x", "export X-1", "feed"])
def test_a_purpose_is_text(line: str) -> None:
    told = is_one_sentence(run(*line.split(), "--purpose", "\udcff"), "malformed", 2)
    assert told == "malformed: --purpose: is not UTF-8 text."
    told = is_one_sentence(run(*line.split(), "--purpose", 501 * "x"), "malformed", 2)
    assert told == "malformed: --purpose: is longer than 500 characters."


def test_sentences_go_to_stderr_through_the_place_that_folds_them() -> None:
    folder = Path(main.__file__).parent
    assert [file.name for file in folder.glob("*.py") if "sys.stderr" in file.read_text()] == []


@pytest.mark.parametrize("told", ["a: &a [*a]", "a: &a {b: *a}", "&a {a: *a}", "- &a [[*a]]"])
def test_what_holds_itself_is_refused_wherever_it_stands(tmp_path: Path, told: str) -> None:
    file = tmp_path / "told.yaml"
    file.write_text(told)
    for args in (("refer", str(file)), ("play", str(file)), ("do", "X-1", "close_case", *BY, "--body", str(file))):
        assert "holds itself" in is_one_sentence(run(*args), "malformed", 2)


@pytest.mark.parametrize("option", ["--as-at", "--as-known"])
@pytest.mark.parametrize("told", ["yesterday", "2026-02-30", "2026-03-31T09:30", "9999-12-31", "1066-10-14", "1"])
def test_from_which_day_a_case_is_seen_is_a_day_or_a_moment(option: str, told: str) -> None:
    told = is_one_sentence(run("show", "X-1", option, told), "malformed", 2)
    form = "has to be a day, as 2026-03-31, or a moment with its time zone, as 2026-03-31T09:30+01:00"
    assert told == f"malformed: {option}: {form}; from 1900 to 2100."


@pytest.mark.parametrize("told", ["2026-03-31", "2026-03-31T09:30Z", "2026-03-31 09:30+01:00"])
def test_a_day_is_meant_to_its_end_and_a_moment_as_it_is(told: str) -> None:
    seen = view_of(told, None).as_at
    assert seen is not None
    assert seen == last_moment_of(date(2026, 3, 31)) if len(told) == 10 else seen == datetime.fromisoformat(told)


def test_values_are_never_told() -> None:
    line = is_one_sentence(
        run("do", "X-1", "add_officer", *BY, "--with", "officer=A", "--with", "person=Jane Doe"), "malformed", 2
    )
    assert "Jane" not in line and "add_officer: person" in line


@pytest.mark.parametrize(
    "args",
    [
        ("show", "X-1"),
        ("cases",),
        ("deadlines", "--overdue"),
        ("restrictions",),
        ("events", "X-1"),
        ("play", str(EXAMPLE)),
    ],
)
def test_without_settings_it_is_unavailable(args: tuple[str, ...]) -> None:
    assert "DATABASE_URL" in is_one_sentence(run(*args), "unavailable", 3)


def test_errors_are_data_too() -> None:
    result = run("show", "X-1", "--json")
    assert result.exit_code == 3
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "unavailable" and error["citation"] is None and "DATABASE_URL" in error["sentence"]
    assert json.loads(run("show", "--json").stdout)["error"]["code"] == "malformed"


@pytest.mark.parametrize(
    ("error", "exit_code", "line"),
    [
        (Unlawful("It is forbidden.", "PCR 2020 reg 11(4)"), 1, "unlawful: It is forbidden. (PCR 2020 reg 11(4))"),
        (Unavailable("The database cannot be reached."), 3, "unavailable: The database cannot be reached."),
        (KeyError("Jane Doe"), 70, "error: Probity failed inside (KeyError); PROBITY_TRACEBACK=1 shows where."),
        (
            KeyboardInterrupt(),
            130,
            "interrupted: Stopped before it was done; what was recorded stays recorded.",
        ),
    ],
)
def test_whatever_happens_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, exit_code: int, line: str
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(lists, "with_engine", fail)
    result = run("cases")
    assert (result.exit_code, result.stderr.strip(), result.stdout) == (exit_code, line, "")
    if isinstance(error, Refused):
        told = json.loads(run("cases", "--json").stdout)["error"]
        assert told == {"code": error.code, "sentence": error.sentence, "citation": error.citation, "lawful": []}


def test_a_file_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    """Whatever the verb: the system is asked in many places."""
    file, endless = tmp_path / "case.zip", "x" * 300
    file.write_bytes(b"")
    told = is_one_sentence(run("verify", endless), "malformed", 2)
    assert told == f"malformed: {endless}: file name too long."
    told = is_one_sentence(run("verify", str(file), "--witness", str(tmp_path)), "malformed", 2)
    assert told == f"malformed: {tmp_path}: is a directory."


def test_a_file_that_may_not_be_read_is_no_export_that_was_tampered_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "case.zip"
    file.write_bytes(b"")

    def forbidden(path: Path, *_: object) -> None:  # not a mode of the file: who runs tests as root may read it
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "open", forbidden)
    told = is_one_sentence(run("verify", str(file)), "malformed", 2)
    assert told == f"malformed: {file}: permission denied."


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_may_not_be_written_is_said_to_be_so(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was said that there is no folder to write to. What is there may be written where nothing new may be."""
    file = tmp_path / "case.zip"
    if there:
        file.write_bytes(b"")
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS"):
        monkeypatch.setenv(name, "postgresql://localhost:1/none")
    may_not = file if there else tmp_path
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (may_not, os.W_OK))
    told = is_one_sentence(run("export", "X-1", "--to", str(file), "--overwrite"), "malformed", 2)
    assert told == f"malformed: {file} cannot be written (Permission denied)."


NOT_MOVED = holidays.Moving(
    reference="X-1", deadline="d/A", title="A duty", was_due=None, due=date(2026, 3, 31), because="It is a holiday.",
    clock=Clock.LIVE, refused="The case is closed.",
)  # fmt: skip


@pytest.mark.parametrize(
    "line", ["commands close_case", "commands close_case --json", "schemas", "intake template", "holidays --json"]
)
def test_an_output_that_takes_nothing_is_one_sentence(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with suppress(OSError), open("/dev/full", "w") as full, monkeypatch.context() as patch:  # it fails at its end too
        patch.setattr(sys, "stdout", full)
        patch.setattr(holidays, "with_engine", lambda _: [NOT_MOVED])
        code = app(line.split(), standalone_mode=False)
    told = capsys.readouterr().err.splitlines()
    assert (code, told[-1]) == (3, "unavailable: The output cannot be written: no space left on device.")


@pytest.mark.parametrize("line", ["commands close_case", "show X-1", "show X-1 --json"])
def test_where_the_output_is_closed_nothing_is_done(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    code = app(line.split(), standalone_mode=False)
    assert (code, capsys.readouterr().err) == (3, "unavailable: The output is closed.\n")


@pytest.mark.parametrize("where", ["imports", "start"])
def test_who_stops_it_while_it_starts_is_answered_as_later(
    where: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if where == "imports":
        monkeypatch.delattr("integration.cli.main")
        monkeypatch.delitem(sys.modules, "integration.cli.main")
        monkeypatch.setattr(sys, "meta_path", [SimpleNamespace(find_spec=stop)])
    else:
        monkeypatch.setattr(main, "main", stop)
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises((SystemExit, KeyboardInterrupt)) as ended:  # either, or it would end the tests
        script()
    gc.enable()
    told = "interrupted: Stopped before it was done; what was recorded stays recorded.\n"
    assert (ended.value.args, capfd.readouterr().err) == ((130,), told)


def test_what_was_erased_and_what_was_left_are_both_told(monkeypatch: pytest.MonkeyPatch) -> None:
    why = Stale("Case X-2 has moved since it was asked what holds its text back: it was left. Ask again.")
    spared = Spared("X-2", why.code, why.sentence)
    monkeypatch.setattr(keeping, "with_engine", lambda _: Forgotten(("X-1",), (), (), (spared,)))
    asked = ("forget", "p-1", "--by", "clerk:c-7", "--reason", "The period has ended.")
    shown, data = run(*asked), run(*asked, "--json")
    assert shown.stdout.splitlines()[:2] == [
        "Case X-1: erased, and recorded.",
        f"Case X-2: NOT erased. {why.sentence}",
    ]
    assert json.loads(data.stdout)["left"] == [{"case": "X-2", "code": "stale", "because": why.sentence}]
    assert shown.exit_code == data.exit_code == 1


def test_lists_are_read_from_name_and_value() -> None:
    pairs = ["officers=A, B", "officers=[C]", "reasons=no", "measure=redeployment"]
    told = body_of(COMMANDS["impose_restriction"], None, pairs, "appropriate_authority:aa-1", None)
    assert told["officers"] == ["A", "B", "C"]
    assert told["reasons"] == "no"  # not false, as YAML would have it
    assert told["actor"] == {"role": "appropriate_authority", "id": "aa-1"}


def test_a_deadline_that_is_none_is_answered_with_the_nearest_or_with_how_they_are_listed() -> None:
    case = referred().case
    none = (
        "There is no deadline 'foo' in case X-2020-0001. `probity deadlines --case X-2020-0001` lists those still owed."
    )
    assert no_deadline("foo", case) == none
    assert no_deadline("timelines_pcr_first", case).endswith("Did you mean timeliness_pcr_first?")


PANEL = ["officers=A", "chair=ch-1", "members=m-1,m-2"]


def test_a_mapping_is_read_from_pairs() -> None:
    pairs = [*PANEL, "sits_as=ch-1:chief_officer, m-1:independent_member", "sits_as=m-2:independent_member"]
    told = body_of(COMMANDS["name_panel"], None, pairs, "appropriate_authority:aa-1", None)
    members = dict.fromkeys(["m-1", "m-2"], "independent_member")
    assert told["sits_as"] == {"ch-1": "chief_officer", **members}


@pytest.mark.parametrize(
    ("pair", "wrong"),
    [
        ("sits_as=chair", "is given as sits_as=id:value"),
        ("sits_as=ch-1:delegate,ch-1:superintendent", "gives an id twice"),
        ("sits_as=ch-1:chair", "has to be 'higher_rank', "),
    ],
)
def test_a_mapping_that_is_none_is_refused(pair: str, wrong: str) -> None:
    with pytest.raises(Malformed, match=re.escape(wrong)):
        body_of(COMMANDS["name_panel"], None, [*PANEL, pair], "appropriate_authority:aa-1", None)


def test_how_a_mapping_is_written_is_shown() -> None:
    assert "[sits_as=id:value]" in run("commands").stdout
    assert "a mapping as name=id:value" in " ".join(run("do", "--help").stdout.replace("│", " ").split())


def test_a_body_may_come_from_a_file_or_the_input(tmp_path: Path) -> None:
    body = tmp_path / "body.yaml"
    body.write_text("kind: voluntary\nreasons: Gravity.\nactor: {role: appropriate_authority, id: aa-1}")
    told = body_of(COMMANDS["assess_referral"], str(body), ["kind=mandatory"], None, "2020-07-01T10:00Z")
    assert told["kind"] == "mandatory"  # what is named on the line prevails
    assert told["occurred_at"] == "2020-07-01T10:00Z"
    result = run("do", "X-1", "close_case", "--body", "-", stdin='{"actor": {"role": "iopc", "id": "i"}}')
    assert "DATABASE_URL" in is_one_sentence(result, "unavailable", 3)


def test_one_duty_of_several_officers_is_one_row() -> None:
    row = {"reference": "X-1", "title": "Review", "duty": "appropriate_authority", "due": date(2026, 3, 31)}
    row["kind"] = "duty"
    row |= {
        "state": "missed",
        "overdue": True,
        "citation": "r",
        "force": "f",
        "unverified": False,
        "illustrative": False,
    }
    told = [{**row, "deadline": f"review/{who}", "subject": who} for who in "ABC"]
    told += [{**row, "deadline": "review/D", "subject": "D", "state": "running", "overdue": False}]
    told += [{**row, "deadline": "review/A", "subject": "A", "reference": "X-2"}]
    told += [{**row, "deadline": "appeal/A", "title": "Appeal", "duty": "officer", "subject": "A", "kind": "right"}]
    assert [(each["reference"], each["what"]) for each in together(told)] == [
        ("X-1", "Review: appropriate_authority (review/A, review/B, review/C)"),
        ("X-1", "Review: appropriate_authority (review/D)"),
        ("X-2", "Review: appropriate_authority (review/A)"),
        ("X-1", "Appeal: officer's right (appeal/A)"),
    ]


RESTRICTION: dict[str, Any] = {
    "reference": "MSG-2018-0001", "clock": "live", "officer": "A", "measure": "redeployment",
    "imposed_at": datetime(2023, 7, 26, 9, tzinfo=UTC), "last_review": datetime(2023, 7, 27, 9, tzinfo=UTC),
    "next_review": date(2023, 8, 23), "review_overdue": False, "review_called_for": True,
    "called_for_since": date(2023, 8, 24), "unverified": True, "illustrative": True,
}  # fmt: skip


@pytest.mark.parametrize("clock", ["live", "rehearsed"])
def test_a_restriction_is_read_at_80_columns_with_no_word_broken(
    clock: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = RESTRICTION | {"clock": clock}
    monkeypatch.setattr(lists, "with_engine", lambda _: [row])
    on_a_terminal(monkeypatch)
    lists.restrictions()
    _, *lines = capsys.readouterr().out.splitlines()
    told = " ".join(lines).split()
    assert len(lines) <= 4 and {"redeployment", "[UNVERIFIED]", "[illustrative]", "MSG-2018-0001"} <= set(told)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({}, "owed since 24 Aug 2023"),
        ({"called_for_since": date(2023, 8, 1)}, "owed since 1 Aug 2023"),
        ({"review_overdue": True}, "23 Aug 2023 overdue, owed since 24 Aug 2023"),
        ({"next_review": date(2100, 1, 4)}, "4 Jan 2100, owed since 24 Aug 2023"),
        ({"called_for_since": None}, "23 Aug 2023"),
        ({"next_review": None}, "owed since 24 Aug 2023"),
    ],
)
def test_the_end_of_a_period_is_no_day_of_a_next_review(
    row: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A day three years past was shown as that of the next review."""
    monkeypatch.setattr(lists, "with_engine", lambda _: [RESTRICTION | row])
    lists.restrictions()
    assert capsys.readouterr().out.splitlines()[1].startswith(f"{told} ")


def test_every_command_is_listed() -> None:
    text = run("commands").stdout
    assert all(name in text for name in COMMANDS)
    assert "hearing: Reference of the hearing or meeting; officers heard together share it." in text
    listed = json.loads(run("commands", "--json").stdout)["commands"]
    assert sorted(listed) == sorted(COMMANDS)
    assert listed["impose_restriction"]["given_by"] == ["appropriate_authority"]
    assert "measure" in listed["impose_restriction"]["schema"]["properties"]


def test_one_command_is_told_alone_with_the_words_that_its_fields_may_hold() -> None:
    text = run("commands", "impose_restriction").stdout
    assert "measure: redeployment, restricted_duties, suspension" in text
    assert "review_restriction" not in text
    is_one_sentence(run("commands", "impose_restricton"), "malformed", 2)


def test_a_case_is_restricted_and_an_officer_under_a_restriction() -> None:
    """One word for both, a column apart, was read as one thing."""
    pages = [Path(__file__).parents[2] / name for name in ("README.md", "docs/gateway.md", "docs/operator.md")]
    told = [page.read_text("utf-8") for page in pages]
    told += [run(*verb, "--help").stdout for verb in (("restrictions",), ("webhooks", "add"))]
    assert not re.findall(r"(?:one who is|one|officer is) restricted|Nobody is restricted", "\n".join(told))
    assert "officer under a restriction" in told[0] and "restricted cases, which only some may see" in told[1]


def test_the_version_is_that_of_the_package() -> None:
    told = run("--version")
    assert (told.exit_code, told.stdout, told.stderr) == (0, f"probity {version('probity')}\n", "")


async def test_what_is_played_and_what_is_refused_is_folded_at_words_on_a_terminal_and_whole_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The names of what is lawful were one line of 259 letters."""
    file = load(EXAMPLE, england_and_wales(), datetime(2026, 11, 23, 10, tzinfo=UTC))

    async def told() -> tuple[str, str]:
        await main._played(cast(Any, Memory()), file, quiet=False)
        complain("out_of_order", SENTENCE, "PCR 2020 reg 11(4)", sorted(COMMANDS))
        return capsys.readouterr()

    whole = await told()
    on_a_terminal(monkeypatch)
    folded = await told()
    assert whole[1].splitlines()[1] == f"lawful now: {', '.join(sorted(COMMANDS))}"
    for long, short in zip(whole, folded, strict=True):
        assert max(map(len, long.splitlines())) > 80 >= max(map(len, short.splitlines()))
        assert short.split() == long.split()
    steps = folded[0].splitlines()[2:]  # after two of what the file is about
    assert all(line[:5].strip().isdigit() or not line[:26].strip() for line in steps)


def test_that_nothing_was_erased_is_said_beside_a_list_that_stays_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "with_engine", lambda _: [])
    told = run("erasures")
    assert (told.exit_code, told.stdout, told.stderr) == (0, "", "Nothing has been erased.\n")


def test_help_names_every_verb() -> None:
    result = run("--help")
    assert result.exit_code == 0 and "Police misconduct cases from referral to outcome." in result.stdout
    for verb in ("refer", "do", "show", "cases", "deadlines", "restrictions", "events", "explain", "play", "commands"):
        assert verb in result.stdout


@pytest.mark.parametrize("verb", [("do",), ("verify",), ("webhooks", "add")])
def test_help_names_what_an_option_takes_in_no_words_of_python(verb: tuple[str, ...]) -> None:
    assert "list[" not in run(*verb, "--help").stdout


@pytest.mark.parametrize(
    ("verb", "day"),
    [("show", "as 2026-03-31, or by this moment, as 2026-03-31T09:30Z"), ("do", "as 2026-03-31T09:30Z"),
     ("retention", "as 2026-03-31"), ("keep", "as 2026-03-31")],
)  # fmt: skip
def test_help_shows_how_a_day_is_written(verb: str, day: str) -> None:
    assert day in " ".join(run(verb, "--help").stdout.split())


@pytest.mark.parametrize("group", [(), ("webhooks",), ("intake",)])
def test_help_tells_of_each_verb_in_a_whole_sentence(group: tuple[str, ...]) -> None:
    """At 80 columns every other one was cut in the middle."""
    told = run(*group, "--help").stdout
    assert "..." not in told.partition("Commands:")[2]
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("group", [(), ("webhooks",), ("intake",)])
def test_without_a_verb_the_help_is_shown(group: tuple[str, ...]) -> None:
    told = run(*group)
    assert (told.exit_code, told.stdout, told.stderr) == (2, run(*group, "--help").stdout, "")


@pytest.mark.parametrize(
    "set_to", [{"COLUMNS": "40"}, {"FORCE_COLOR": "1"}, {"FORCE_COLOR": "1", "TERM": "dumb"}, {"TTY_COMPATIBLE": "1"}]
)
def test_what_goes_to_a_file_is_neither_wrapped_nor_cut_nor_filled(
    set_to: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in set_to.items():
        monkeypatch.setenv(name, value)
    rows = [{"about": SENTENCE, "person": "p-1", "reference": REFERENCE}, {"person": "p-2", "reference": "X-2"}]
    answer(False, rows, listing(rows, {"person": "Person", "reference": "Case", "about": "About"}))
    answer(False, rows, Text(SENTENCE))
    header, first, second, text = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert header.split() == ["Person", "Case", "About"]
    assert first.split(maxsplit=2) == ["p-1", REFERENCE, SENTENCE.strip()]
    assert (second.split(), second) == (["p-2", "X-2"], second.rstrip())
    assert text == SENTENCE.strip()


def test_a_process_that_leaves_prints_all_and_runs_what_is_registered_for_its_end() -> None:
    told = (
        "import atexit; atexit.register(print, 'last'); print('first'); from integration.leaving import leave; "
        "import sys; sys.stderr = None; leave(3)"  # as Python has what was closed
    )
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "first\nlast\n", "")

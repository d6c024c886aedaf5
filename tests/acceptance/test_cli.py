"""The command line against a running engine: what it shows, and how it says no."""

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from deploy.embedded import Stack
from deploy.roles import KEEPER, OPENER, SIGNER, as_role
from domain.working_days import london_date
from integration.cli import tables
from integration.cli.main import app
from integration.settings import Settings
from tests.engine import MASTER_KEY, at_work, reference, referral, running

ROOT = Path(__file__).parents[2]
AUTHORITY = ("--by", "appropriate_authority:aa-1")
RESTRICT = (*AUTHORITY, "--with", "measure=restricted_duties", "--with", "reasons=Grave.")
RESTRICT_A = ("impose_restriction", *RESTRICT, "--with", "officer=A")
SUSPEND_A = tuple("measure=suspension" if word.startswith("measure=") else word for word in RESTRICT_A)
REVIEW = "(restriction_review/A)"
OFFICER_CONCERNED = ("--by", "appropriate_authority:p-1")


@dataclass(frozen=True)
class Ended:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str

    def refused(self, code: str, exit_code: int = 1) -> str:
        """One sentence with its code on stderr and what may be done instead, nothing on stdout, no traceback."""
        assert (self.code, self.out) == (exit_code, ""), self
        line, *instead = self.err.splitlines()
        assert line.startswith(f"{code}: ")
        assert len(instead) <= 1 and all(each.startswith("lawful now: ") for each in instead)
        return line


async def cli(environment: Mapping[str, str], *args: str, stdin: str = "") -> Ended:
    """`probity` with these arguments, in this process and in that environment alone: a process of its own takes longer
    to start than to answer."""
    alone = {**dict.fromkeys(os.environ), **environment}
    ended = await asyncio.to_thread(CliRunner().invoke, app, args, stdin, alone, catch_exceptions=False)
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


async def process(environment: Mapping[str, str], *args: str, stdin: str = "") -> Ended:
    """The same in a process of its own: with its bytes, its end, and whatever else writes to its streams."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "integration.cli", *args),
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await started.communicate(stdin.encode())
    return Ended(started.returncode or 0, out.decode(), err.decode())


@pytest.fixture(scope="module")
async def settings(stack: Stack, database_url: str) -> Settings:
    return running(stack, database_url)


@pytest.fixture(scope="module")
async def environment(
    stack: Stack, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, str]]:
    """The settings of a running engine."""
    keys = tmp_path_factory.mktemp("keys") / "master-keys"
    keys.write_text(b64encode(MASTER_KEY).decode())
    async with at_work(settings):
        yield {
            "DATABASE_URL": settings.database_url,
            "TEMPORAL_ADDRESS": stack.temporal_address,
            "TEMPORAL_NAMESPACE": stack.namespace,
            "PROBITY_TASK_QUEUE": settings.task_queue,
            "PROBITY_MASTER_KEYS": str(keys),
            "PROBITY_READER": "clerk:reader-1",
            "PROBITY_PURPOSE": "To test.",
        }


@pytest.fixture(scope="module")
async def case(environment: dict[str, str]) -> str:
    """The reference of an open case with officers A and B."""
    ref = reference()
    ended = await process(environment, "refer", "-", stdin=json.dumps(referral(ref)))
    assert (ended.code, ended.err) == (0, ""), ended
    return ref


async def recorded(settings: Settings) -> tuple[int, int]:
    """How many events and commands the store holds."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        counted = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM probity.event) AS events, (SELECT count(*) FROM probity.command) AS commands"
        )
        assert counted is not None
        return counted["events"], counted["commands"]
    finally:
        await connection.close()


async def test_a_case_is_signed_exported_and_checked(
    environment: dict[str, str], owner_url: str, tmp_path: Path
) -> None:
    ref, key, file = reference(), tmp_path / "key.pem", tmp_path / "case.zip"
    opened = await cli(environment, "refer", "-", stdin=json.dumps(referral(ref)))
    assert opened.code == 0
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key.write_bytes(pem)
    (await cli(environment, "checkpoint")).refused("malformed", 2)
    signer = {**environment, "DATABASE_URL": as_role(owner_url, SIGNER), "PROBITY_SIGNING_KEY": str(key)}
    signed = await cli(signer, "checkpoint", "--json")
    assert (signed.code, json.loads(signed.out)["cases"] > 0) == (0, True), signed
    told = [
        json.loads(line) for line in (await cli(signer, "feed", "--checkpoints", "--limit", "5000")).out.splitlines()
    ]
    assert json.loads(signed.out) in [line["checkpoint"]["statement"] for line in told if "checkpoint" in line]
    assert all(("type" in line) != ("checkpoint" in line) for line in told)
    assert '"checkpoint"' not in (await cli(signer, "feed", "--limit", "5000")).out
    written = await cli(signer, "export", ref, "--to", str(file))
    assert written.out == f"Wrote {file}, signed. Check it with `probity verify {file}`.\n", written
    (tmp_path / "witness").write_text(signed.out)
    checked = await process({}, "verify", str(file), "--witness", str(tmp_path / "witness"))
    assert checked.code == 0 and checked.out.startswith("proved: Events 1 to "), checked
    alone = tmp_path / "verify.py"
    with zipfile.ZipFile(file) as archive:
        alone.write_bytes(archive.read("verify.py"))
    by_itself = subprocess.run(
        [sys.executable, alone, file, "--key", "ab" * 32], capture_output=True, text=True, cwd=tmp_path
    )
    assert (
        by_itself.returncode == 1 and "FAULT: The export is signed by a key that you do not trust" in by_itself.stdout
    )
    file.write_bytes(file.read_bytes()[:-100])
    assert "FAULT: The file is not a whole export" in (await cli({}, "verify", str(file))).out


async def test_who_refers_is_told_what_may_be_the_same_matter(environment: dict[str, str], owner_url: str) -> None:
    people = [{"officer": letter, "person": f"{reference()}-{letter}"} for letter in "AB"]
    matters = [{**referral(reference()), "officers": people} for _ in range(2)]
    told = [(await cli(environment, "refer", "-", stdin=json.dumps(each))).out for each in matters]
    assert "May be the same matter" not in told[0]
    assert "May be the same matter as" in told[1] and f"{matters[0]['reference']}: the same force" in told[1]
    again = await cli(environment, "refer", "-", "--json", stdin=json.dumps(matters[1]))
    assert [each["reference"] for each in json.loads(again.out)["possible_duplicates"]] == [matters[0]["reference"]]
    unread = {**environment, "DATABASE_URL": as_role(owner_url, OPENER)}
    blind = await cli(unread, "refer", "-", stdin=json.dumps(matters[1]))
    assert blind.code == 0 and "was not looked up. The database login may not do this" in blind.out


async def test_a_matter_is_referred_acted_on_and_shown(environment: dict[str, str], tmp_path: Path) -> None:
    file, ref = tmp_path / "referral.json", reference()
    file.write_text(json.dumps(referral(ref)))
    opened = await cli(environment, "refer", str(file))
    assert opened.out.startswith(f"Case {ref} was opened, at version ")
    once = ("--id", "one", "--at", datetime.now(UTC).isoformat())
    done = await cli(environment, "do", ref, *RESTRICT_A, *once)
    assert (done.code, done.err) == (0, "")
    assert "A: restricted duties imposed. Grave." in done.out and "Look at the restriction again" in done.out
    again = await cli(environment, "do", ref, *RESTRICT_A, *once)
    assert again.code == 0, again

    shown = await cli(environment, "show", ref)
    assert shown.out.count("restricted duties imposed") == 1
    late = await cli(environment, "do", ref, *RESTRICT_A, "--id", "two", "--expected", "1")
    assert late.code == 1 and late.err.startswith(f"stale: Case {ref} is at version ")
    assert "What may be done next" in shown.out and "assess_referral" in shown.out
    data = json.loads((await cli(environment, "show", ref, "--json")).out)
    assert data["case"]["officers"]["A"]["restriction"] == "restricted_duties"
    assert {"version", "type", "says", "hash"} <= set(data["events"][0])
    assert any(act["command"] == "assess_referral" for act in data["next"])

    assert ref in (await cli(environment, "cases")).out
    duties = json.loads((await cli(environment, "deadlines", "--case", ref, "--json")).out)["deadlines"]
    assert "restriction_review/A" in {each["deadline"] for each in duties}
    words = (await cli(environment, "explain", ref, "restriction_review/A")).out
    assert "28 days" in words and "UNVERIFIED" in words
    record = (await cli(environment, "events", ref)).out
    assert "appropriate_authority" in record and "case_referred" in record


async def test_an_officer_is_forgotten_and_the_case_goes_on(
    environment: dict[str, str], owner_url: str, tmp_path: Path
) -> None:
    ref, kept = reference(), tmp_path / "erasures.jsonl"
    await cli(environment, "refer", "-", stdin=json.dumps(referral(ref)))
    assert (await cli(environment, "do", ref, *RESTRICT_A)).code == 0
    assert "«sealed»" in (await cli({**environment, "PROBITY_MASTER_KEYS": ""}, "show", ref)).out
    keeper = {**environment, "DATABASE_URL": as_role(owner_url, KEEPER)}
    forget = ("forget", "p-1", "--case", ref, "--by", "clerk:c-7", "--reason", "The period has ended.")
    (await cli(environment, *forget, "--all-the-same")).refused("unavailable", 3)  # the engine's own login may not
    (await cli(keeper, *forget[:-3], "chair:c-1", *forget[-2:])).refused("not_permitted")
    (await cli(keeper, "forget", *forget[4:])).refused("malformed", 2)
    (held := await cli(keeper, *forget)).refused("out_of_order")
    assert held.err.startswith(f"out_of_order: Case {ref}: It is open. ") and "Nothing was erased" in held.err
    done = await cli(keeper, *forget, "--all-the-same")
    assert done.out.startswith(f"Case {ref}: erased, and recorded.\n") and "Temporal" in done.out, done
    assert (await cli(keeper, *forget)).out == f"Case {ref}: had been erased before.\n"
    assert (await cli(environment, "watch")).out.find(ref) == -1  # its workflow knows
    told = await cli(
        environment, "do", ref, "add_party", *AUTHORITY, "--with", "party=P9", "--with", "kind=complainant"
    )
    assert told.code == 0, told
    shown = (await cli(environment, "show", ref)).out
    assert "Grave." not in shown and "restricted duties imposed. «erased on" in shown
    assert "Free text about p-1 was erased. The period has ended." in shown
    assert (await cli(environment, "verify", ref)).code == 0
    assert "«sealed»" not in shown
    listed = await cli(environment, "erasures")
    assert any(json.loads(line)["case"] == ref for line in listed.out.splitlines())
    kept.write_text(listed.out)
    assert (await cli(keeper, "reforget", str(kept))).out == "All of it is erased here.\n"
    assert (await cli(keeper, "rewrap")).out.endswith("The first alone opens them all now.\n")
    (other := kept.with_name("other-key")).write_text(b64encode(bytes([9]) * 32).decode())
    left = await cli({**keeper, "PROBITY_MASTER_KEYS": str(other)}, "rewrap")
    assert left.code == 1 and "\nA key of case " in left.out and left.out.startswith("0 keys were "), left
    assert "(wrong_master_key)." in left.out and "alone opens them all" not in left.out
    told = await cli({**keeper, "PROBITY_MASTER_KEYS": str(other)}, "rewrap", "--json")
    assert (told.code, {each["code"] for each in json.loads(told.out)["left"]}) == (1, {"wrong_master_key"})
    (await cli({**keeper, "PROBITY_MASTER_KEYS": ""}, "rewrap")).refused("unavailable", 3)
    (await cli(keeper, "reforget", "-", stdin="{}")).refused("malformed", 2)


async def test_what_is_due_is_proposed_and_a_decision_to_keep_it_is_recorded(
    environment: dict[str, str], owner_url: str, tmp_path: Path
) -> None:
    ref, at = reference(), ("--at", "2020-08-03T10:00:00Z")
    told = {**referral(ref, known=datetime(2020, 7, 4, 12, tzinfo=UTC)), "clock": "recorded"}
    told["officers"] = [{"officer": "A", "person": f"p-{ref}"}]
    told["allegations"][0]["officers"] = ["A"]
    assert (await cli(environment, "refer", "-", stdin=json.dumps(told))).code == 0
    died = ("--by", "clerk:c-1", "--with", "officer=A", "--with", "departure=died")
    assert (await cli(environment, "do", ref, "record_departure", *died, *at)).code == 0
    assert (await cli(environment, "do", ref, "close_case", *AUTHORITY, *at)).code == 0
    (file := tmp_path / "periods.toml").write_text(
        "".join(
            f"[[period]]\nrule = '{rule}'\nmonths = 12\nsource = 'Ours'\n" for rule in ("officer_died", "whole_case")
        )
    )
    unset = await cli(environment, "retention")
    assert "Nothing is due" in unset.out and "No period is set for officer_nothing_found" in unset.out
    keeper = {**environment, "DATABASE_URL": as_role(owner_url, KEEPER), "PROBITY_RETENTION": str(file)}
    proposed = json.loads((await cli(keeper, "retention", "--due", "2021-08-04", "--json")).out)
    (mine,) = (each for each in proposed["due"] if each["case"] == ref)
    assert (mine["rule"], mine["due"], mine["held"]) == ("whole_case", "2021-08-04", [])
    assert mine["erase"] == f"probity forget --case {ref} --by ROLE:ID --reason WHY"
    assert ref not in (await cli(keeper, "retention", "--due", "2021-08-03")).out
    decided = ("keep", "--case", ref, "--until", "2090-01-01", "--by", "clerk:c-7", "--reason", "A claim is pending.")
    assert "recorded as event" in (await cli(keeper, *decided)).out
    shown = (await cli(keeper, "retention")).out
    assert "HELD BACK" in shown and "1 January" in shown and "2090" in shown
    assert "is kept, to be looked at again on 1 January 2090. A claim is pending." in (
        await cli(environment, "show", ref)
    ).out.replace("\n", " ").replace("  ", " ")
    (held := await cli(keeper, *f"forget --case {ref} --by clerk:c-7 --reason Over".split())).refused("out_of_order")
    assert "it was decided to keep it until 1 January 2090" in held.err.replace("\n", " ")
    (await cli(keeper, *decided[:4], "2020-01-01", *decided[5:])).refused("malformed", 2)
    (await cli({**keeper, "PROBITY_RETENTION": "no-such"}, "retention")).refused("malformed", 2)


async def test_bytes_that_are_no_text_are_wrong_input(environment: dict[str, str]) -> None:
    """Of a case that is there too: nothing of it is asked for with what cannot be sent."""
    ref, no_text = reference(), "\udcff"  # as Python has the byte 0xff of a command line
    await cli(environment, "refer", "-", stdin=json.dumps(referral(ref)))
    (await process(environment, "show", no_text)).refused("malformed", 2)
    for line in ("show", "reads", "resume", "duplicates", "verify", "deadlines --case", f"show {ref} --purpose"):
        (await cli(environment, *line.split(), no_text)).refused("malformed", 2)
    for line in ("feed --after", "cases --force", f"do {ref} close_case --by iopc:i --id", f"show {ref} --as-at"):
        (await cli(environment, *line.split(), no_text)).refused("malformed", 2)
    (await cli(environment, "explain", ref, no_text)).refused("not_found")


async def test_who_reads_says_why_and_is_recorded(environment: dict[str, str], tmp_path: Path) -> None:
    ref, nobody = reference(), {**environment, "PROBITY_PURPOSE": ""}
    await cli(nobody, "refer", "-", stdin=json.dumps(referral(ref)))
    assert (await cli(nobody, "reads", ref)).out == f"Nobody has opened free text of case {ref}.\n"
    sealed = (await process(nobody, "show", ref)).out
    assert "«sealed»" in sealed and "looked up a record" not in sealed and "say why with --purpose" in sealed
    assert (await cli(nobody, "show", ref, "--purpose", " ")).out == sealed  # what says nothing is no purpose
    assert "looked up a record" not in (await cli(nobody, "events", ref, "--json")).out
    shown = await cli(nobody, "show", ref, "--purpose", "To assess severity.")
    assert "looked up a record" in shown.out and "--purpose" not in shown.out
    told = json.loads((await cli(nobody, "reads", ref, "--json")).out)["reads"]
    assert [(each["reader"], each["what"], each["purpose"]) for each in told] == [
        ({"role": "clerk", "id": "reader-1"}, "case", "To assess severity.")
    ]
    assert "To assess severity." in (await cli(nobody, "reads", ref)).out
    exported = await cli(nobody, "export", ref, "--to", str(tmp_path / "a.zip"), "--purpose", "For the panel.")
    assert exported.code == 0 and "For the panel." in (await cli(nobody, "reads", ref)).out
    await cli(nobody, "events", ref, "--purpose", "To look again.")
    (owed, *_) = json.loads((await cli(nobody, "deadlines", "--case", ref, "--json")).out)["deadlines"]
    await cli(nobody, "explain", ref, owed["deadline"], "--purpose", "To answer the officer.")
    (await cli(nobody, "explain", ref, "no-such-one", "--purpose", "To answer the officer.")).refused("not_found")
    assert (await cli(environment, "do", ref, *RESTRICT_A)).code == 0
    told = json.loads((await cli(nobody, "reads", ref, "--json")).out)["reads"]
    assert [each["what"] for each in told] == ["case", "export", "events", "deadline", "receipt"]
    (await cli(nobody, "reads", "NO-SUCH-CASE")).refused("unknown_case")
    for missing in ("PROBITY_READER", "PROBITY_MASTER_KEYS"):
        lacking = {**nobody, missing: ""}
        assert missing in (await cli(lacking, "show", ref, "--purpose", "x")).refused("malformed", 2)
    wrong = {**environment, "PROBITY_READER": "Jane Doe"}
    assert "Jane" not in (await cli(wrong, "show", ref)).refused("unavailable", 3)


@pytest.mark.parametrize(
    ("args", "code", "exit_code", "sentence"),
    [
        (("impose_restrction", *AUTHORITY), "malformed", 2, "did you mean 'impose_restriction'"),
        (("impose_restriction", *RESTRICT), "malformed", 2, "officers: is missing"),
        (("impose_restriction", *RESTRICT, "--with", "officer=Z"), "not_found", 1, "There is no officer Z"),
        ((*RESTRICT_A, "--by", "chair:c"), "not_permitted", 1, "The chair may not"),
        ((*RESTRICT_A, *OFFICER_CONCERNED), "conflict_of_interest", 1, "An officer concerned cannot act"),
        (("submit_report", "--by", "iopc:i"), "wrong_stage", 1, "No investigator"),
        (("refer_to_iopc", *AUTHORITY), "out_of_order", 1, "Assess first"),
        (SUSPEND_A, "unlawful", 1, "(PCR 2020 reg 11(4)(a) [V])"),
        (("close_case", "--by", "iopc:i"), "wrong_stage", 1, "Something is left to decide"),
    ],
)  # fmt: skip
async def test_what_is_refused_is_one_sentence_and_records_nothing(
    environment: dict[str, str],
    settings: Settings,
    case: str,
    args: tuple[str, ...],
    code: str,
    exit_code: int,
    sentence: str,
) -> None:
    before = await recorded(settings)
    assert sentence in (await cli(environment, "do", case, *args)).refused(code, exit_code)
    assert await recorded(settings) == before


async def test_a_case_is_shown_with_its_address_in_the_temporal_ui_where_that_is_known(
    environment: dict[str, str], case: str
) -> None:
    there = {**environment, "PROBITY_UI_URL": "http://ui.example:8080/"}
    address = (
        f"http://ui.example:8080/namespaces/{environment.get('TEMPORAL_NAMESPACE', 'default')}/workflows/case%2F{case}"
    )
    told = (await cli(there, "show", case)).out
    assert f"In the Temporal UI, under User Metadata: {address}" in told.splitlines()
    assert "User Metadata" not in (await cli(environment, "show", case)).out
    assert "User Metadata" not in (await cli(there, "show", case, "--as-at", "2020-01-01")).out


async def test_everyone_restricted_is_listed_with_the_next_review(environment: dict[str, str]) -> None:
    ref, now = reference(), datetime.now(UTC)
    matter = referral(ref, known=now - timedelta(weeks=7))
    assert (await cli(environment, "refer", "-", stdin=json.dumps(matter))).code == 0
    suspended = ("measure=suspension", "redeployment_considered=true", "public_interest_requires=true", "officer=A")
    for facts, weeks in ((suspended, 6), (("measure=restricted_duties", "officer=B"), 1)):
        told = [word for fact in (*facts, "reasons=Grave.") for word in ("--with", fact)]
        at = (now - timedelta(weeks=weeks)).isoformat()
        done = await cli(environment, "do", ref, "impose_restriction", *AUTHORITY, *told, "--at", at)
        assert done.code == 0, done

    spoken = ("officer=A", "statement=Office work would do.")
    told = [word for fact in spoken for word in ("--with", fact)]
    assert (await cli(environment, "do", ref, "record_restriction_representations", *AUTHORITY, *told)).code == 0

    async def listed(*options: str) -> dict[str, str]:
        found = json.loads((await cli(environment, "restrictions", "--json", *options)).out)["restrictions"]
        return {row["officer"]: row["measure"] for row in found if row["reference"] == ref}

    assert list((await listed()).items()) == [("A", "suspension"), ("B", "restricted_duties")]
    assert await listed("--overdue") == {"A": "suspension"}
    rows = json.loads((await cli(environment, "restrictions", "--json")).out)["restrictions"]
    known = {row["officer"]: row for row in rows if row["reference"] == ref}
    assert [known[officer]["review_called_for"] for officer in "AB"] == [True, False]
    assert all(row["unverified"] and date.fromisoformat(row["next_review"]) for row in known.values())
    assert all("T" in row["imposed_at"] for row in known.values())
    shown = [line for line in (await cli(environment, "restrictions")).out.splitlines() if ref in line]
    assert ["overdue" in line for line in shown] == [True, False] and "restricted duties" in shown[1]
    assert known["A"]["called_for_since"] == str(london_date(now)) and known["B"]["called_for_since"] is None
    only_called_for = (await cli(environment, "restrictions", "--called-for")).out
    (row,) = [line for line in only_called_for.splitlines() if ref in line]
    assert f" overdue, owed since {tables.day(london_date(now))} " in row and " A: suspension since " in row
    today = ("--as-at", str(london_date(now)), "--as-known", str(london_date(now)))
    owed, viewed = [json.loads((await cli(environment, "deadlines", "--case", ref, "--json", *view)).out)["deadlines"]
                    for view in ((), today)]  # fmt: skip
    assert owed == viewed and str(london_date(now)) in {row["owed_since"] for row in owed}
    lift = ("lift_restriction", *AUTHORITY, "--with", "officer=A", "--with", "reasons=Over.")
    assert (await cli(environment, "do", ref, *lift)).code == 0
    assert await listed() == {"B": "restricted_duties"}


async def test_a_review_that_is_called_for_is_not_hidden_by_none_being_overdue(environment: dict[str, str]) -> None:
    ref, now = reference(), datetime.now(UTC)
    matter = referral(ref, known=now - timedelta(weeks=7))
    assert (await cli(environment, "refer", "-", stdin=json.dumps(matter))).code == 0
    imposed = now - timedelta(weeks=6)
    assert (await cli(environment, "do", ref, *RESTRICT_A, "--at", imposed.isoformat())).code == 0
    told = (await cli(environment, "restrictions", "--overdue")).out
    data = json.loads((await cli(environment, "restrictions", "--overdue", "--json")).out)
    assert ref not in told + str(data["restrictions"]) and data["called_for"] >= 1
    said = f"Reviews called for, with no day set and so never overdue: {data['called_for']}."
    assert f"{said} List them with probity restrictions --called-for" in told
    since = london_date(imposed) + timedelta(days=29)
    row = next(
        line for line in (await cli(environment, "restrictions", "--called-for")).out.splitlines() if ref in line
    )
    assert row.startswith(f"owed since {tables.day(since)} ")
    owed = await cli(environment, "deadlines", "--case", ref)
    assert any(line.startswith(f"owed since {tables.day(since)} ") and REVIEW in line for line in owed.out.splitlines())
    late = (await cli(environment, "deadlines", "--overdue", "--case", ref)).out
    assert late.startswith("Nothing is overdue.\nOwed as soon as practicable, with no day set and so never overdue: ")


async def test_a_case_is_seen_from_another_day(environment: dict[str, str]) -> None:
    ref, now = reference(), datetime.now(UTC)
    matter = referral(ref, known=now - timedelta(weeks=7))
    assert (await cli(environment, "refer", "-", stdin=json.dumps(matter))).code == 0
    imposed = now - timedelta(weeks=6)
    assert (await cli(environment, "do", ref, *RESTRICT_A, "--at", imposed.isoformat())).code == 0
    soon, review = ("--as-at", str((imposed + timedelta(days=2)).date())), "restriction_review/A"

    async def owed(*options: str) -> dict[str, str]:
        found = json.loads((await cli(environment, "deadlines", "--case", ref, "--json", *options)).out)
        assert options == () or found["view"]["says"].startswith("As ")
        return {row["deadline"]: row["state"] for row in found["deadlines"]}

    today = str(now.date())
    assert (await owed())[review] == "due" and (await owed(*soon))[review] == "running"
    assert await owed("--as-at", today, "--as-known", today) == await owed()
    shown = (await cli(environment, "show", ref, *soon)).out
    assert shown.startswith("As at the end of ") and "restricted duties imposed" in shown
    assert "the period ended" not in shown and "the period ended" in (await cli(environment, "show", ref)).out
    assert "What may be done next" not in shown
    events = await cli(environment, "events", ref, *soon)
    assert events.out.startswith("As at the end of ") and "duty_arose" not in events.out
    known = ("--as-known", imposed.isoformat())
    assert "no case" in (await cli(environment, "show", ref, *known)).refused("not_found")
    tomorrow = ("--as-known", str((now + timedelta(days=1)).date()))
    assert "has not come yet" in (await cli(environment, "events", ref, *tomorrow)).refused("malformed", 2)
    in_time = (await cli(environment, "show", ref, "--as-at", "2099-01-01")).refused("malformed", 2)
    assert in_time == "malformed: --as-at: 1 January 2099 has not come yet."
    assert "--as-at" in (await cli(environment, "show", ref, "--as-at", "yesterday")).refused("malformed", 2)
    (await cli(environment, "deadlines", *soon)).refused("malformed", 2)
    (await cli(environment, "show", reference(), *soon)).refused("unknown_case")


async def test_the_future_is_refused(environment: dict[str, str], settings: Settings, case: str) -> None:
    before, later = await recorded(settings), (datetime.now(UTC) + timedelta(days=1)).isoformat()
    told = await cli(environment, "do", case, "assess_referral", *AUTHORITY, "--with", "kind=voluntary",
                     "--with", "reasons=x", "--at", later)  # fmt: skip
    assert told.refused("malformed", 2).startswith(f"malformed: --at: {later} is in the future: it is ")
    assert await recorded(settings) == before


async def test_where_an_act_is_seen_whose_id_comes_again_with_another_date(environment: dict[str, str]) -> None:
    ref = reference()
    assert (await cli(environment, "refer", "-", stdin=json.dumps(referral(ref)))).code == 0
    assess = ("assess_referral", *AUTHORITY, "--with", "kind=voluntary", "--with", "reasons=x", "--id", "act-1")
    assert (await cli(environment, "do", ref, *assess)).code == 0
    told = (await cli(environment, "do", ref, *assess)).refused("already_done")
    assert told.endswith(f"`probity events {ref} --json` shows it; the same act has the same --at.")
    told = (await cli(environment, "do", ref, *assess[:-1], "act-2")).refused("already_done")
    assert "--at" not in told  # another id: it is the act that was done


async def test_a_reference_that_is_taken_is_refused(environment: dict[str, str], settings: Settings, case: str) -> None:
    before = await recorded(settings)
    told = await cli(environment, "refer", "-", stdin=json.dumps(referral(case) | {"force": "force-2"}))
    said = f"The reference {case} is taken by another matter. `probity show {case}` shows it."
    assert told.refused("duplicate_reference") == f"duplicate_reference: {said}"
    assert await recorded(settings) == before


@pytest.mark.parametrize("dated", [{}, {"occurred_at": "now", "first_known": "today"}], ids=["days", "now"])
async def test_a_referral_that_comes_again_is_answered_as_before(
    environment: dict[str, str], settings: Settings, dated: dict[str, str]
) -> None:
    matter = json.dumps(referral(reference()) | dated)
    first = await cli(environment, "refer", "-", "--json", stdin=matter)
    before = await recorded(settings)
    assert await cli(environment, "refer", "-", "--json", stdin=matter) == first and first.code == 0
    assert await recorded(settings) == before


async def test_a_case_that_is_not_resumed_is_told_why(environment: dict[str, str], case: str) -> None:
    ref = reference()
    assert (await cli(environment, "refer", "-", stdin=json.dumps(referral(ref)))).code == 0
    died = ("--with", "officers=A,B", "--with", "departure=died")
    assert (await cli(environment, "do", ref, "record_departure", *AUTHORITY, *died)).code == 0
    assert (await cli(environment, "do", ref, "close_case", *AUTHORITY)).code == 0
    told = await cli(environment, "resume", ref, case)
    assert (told.code, told.out) == (0, f"0 cases were started.\nCase {ref} is closed.\nCase {case} runs already.\n")


async def test_a_referral_that_does_not_fit_opens_nothing(environment: dict[str, str], settings: Settings) -> None:
    before, ref = await recorded(settings), reference()
    body = referral(ref) | {"officers": [{"officer": "A", "person": "Jane Doe"}], "extra": "Jane Doe"}
    line = (await cli(environment, "refer", "-", stdin=json.dumps(body))).refused("malformed", 2)
    assert "officers.0.person" in line and "extra: no such field" in line and "Jane" not in line
    (await cli(environment, "show", ref)).refused("unknown_case")
    assert await recorded(settings) == before


@pytest.mark.parametrize(
    "line",
    [
        "show {}",
        "events {}",
        "explain {} x",
        "do {} close_case --by iopc:i",
        "export {}",
        "deadlines --case {}",
        "deadlines --overdue --case {}",
    ],
)
async def test_a_case_that_is_not_there_is_named(environment: dict[str, str], line: str) -> None:
    ref = reference()
    told = await cli(environment, *line.format(ref).split())
    assert told.refused("unknown_case") == f"unknown_case: There is no case {ref}."


async def test_no_case_is_said_of_what_was_asked_for(environment: dict[str, str]) -> None:
    nobody = ("cases", "--force", "force-nobody")
    for options, said in (
        ((), "There is no case of force force-nobody."),
        (("--stage", "outcome"), "There is no case of force force-nobody at stage outcome."),
        (("--overdue",), "No case of force force-nobody has a duty that is overdue."),
    ):
        told = await cli(environment, *nobody, *options)
        assert (told.code, told.out) == (0, f"{said}\n")


async def test_a_case_that_owes_nothing_is_a_case(environment: dict[str, str], case: str) -> None:
    told = await cli(environment, "deadlines", "--overdue", "--case", case)
    assert (told.code, told.out) == (0, "Nothing is overdue.\n")


async def test_a_deadline_that_is_not_there_is_named(environment: dict[str, str], case: str) -> None:
    told = await cli(environment, "explain", case, "timeliness_pcr_frist")
    line = told.refused("not_found")
    assert "timeliness_pcr_frist" in line and case in line


async def test_errors_are_data_for_programs(environment: dict[str, str], case: str) -> None:
    told = await process(environment, "do", case, "refer_to_iopc", *AUTHORITY, "--json")
    assert told.code == 1
    error = json.loads(told.out)["error"]
    assert error["code"] == "out_of_order"
    assert "assess_referral" in error["lawful"]
    assert told.err.startswith("out_of_order: ") and "lawful now: " in told.err


async def test_a_failed_expectation_says_what_was_found(environment: dict[str, str], tmp_path: Path) -> None:
    file, matter = tmp_path / "case.yaml", referral(reference(), "live")
    step = {"expect": {"stage": "outcome"}}
    file.write_text(json.dumps({"about": "x", "clock": "live", "referral": matter, "steps": [step]}))
    told = await cli(environment, "play", str(file))
    expected = "expectation_failed: case.yaml: step 1: expected stage to be outcome, found referral."
    assert (told.code, told.err.strip()) == (1, expected)
    result = json.loads((await cli(environment, "play", str(file), "--json")).out)["results"][0]
    assert [step["outcome"] for step in result["steps"]] == ["done_before", "failed"]


@pytest.mark.parametrize(
    "away",
    [
        {"DATABASE_URL": "postgresql://postgres@127.0.0.1:1/postgres"},
        {"DATABASE_URL": "postgresql://postgres@/none?host=/nowhere"},
        {"DATABASE_URL": "nonsense"},
        {"TEMPORAL_ADDRESS": "127.0.0.1:1"},
        {"TEMPORAL_NAMESPACE": "nowhere"},
    ],
)
async def test_a_part_that_is_away_is_named(
    environment: dict[str, str], settings: Settings, case: str, away: dict[str, str]
) -> None:
    before = await recorded(settings)
    told = await process({**environment, **away}, "do", case, "assess_referral", *AUTHORITY,
                         "--with", "kind=voluntary", "--with", "reasons=x")  # fmt: skip
    told.refused("unavailable", 3)
    assert await recorded(settings) == before


async def test_temporal_that_goes_away_is_told_in_our_words_alone(
    environment: dict[str, str], settings: Settings, case: str
) -> None:
    """Log lines of the SDK's core, with colours, stood before the sentence."""
    host, port = environment["TEMPORAL_ADDRESS"].split(":")
    writers: list[asyncio.StreamWriter] = []

    async def pump(reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
        while data := await reading.read(65536):
            if b"\x01\x04\0\0\0\x03" in data:  # the head of the second call, the Update; the first asks what is there
                server.close()
                break
            writing.write(data)
        for each in writers:
            each.close()

    async def carry(reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
        onward, away = await asyncio.open_connection(host, int(port))
        writers.extend((writing, away))
        await asyncio.gather(pump(reading, away), pump(onward, writing), return_exceptions=True)

    before = await recorded(settings)
    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    through = {"TEMPORAL_ADDRESS": f"127.0.0.1:{server.sockets[0].getsockname()[1]}"}
    told = await process({**environment, **through}, "do", case, "assess_referral", *AUTHORITY,
                         "--with", "kind=voluntary", "--with", "reasons=x")  # fmt: skip
    assert told.refused("unavailable", 3).startswith("unavailable: Temporal ")
    assert await recorded(settings) == before


async def test_a_reader_who_has_enough_is_no_error(environment: dict[str, str], case: str) -> None:
    words = f"{sys.executable} -m integration.cli commands | head -1"
    process = await asyncio.create_subprocess_shell(
        words, cwd=ROOT, env={"PATH": "/usr/bin:/bin", **environment}, stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await process.communicate()
    assert err == b""


async def test_whose_part_is_between_two_cases_is_listed_until_it_is_taken_over(environment: dict[str, str]) -> None:
    giving, receiving = reference(), reference()
    for ref in (giving, receiving):
        assert (await cli(environment, "refer", "-", stdin=json.dumps(referral(ref)))).code == 0
    over = ("--with", "officer=A", "--with", f"to={receiving}", "--with", "reasons=The same night.")
    assert (await cli(environment, "do", giving, "hand_over_officer", *AUTHORITY, *over)).code == 0

    async def listed() -> list[str]:
        found = json.loads((await cli(environment, "handed-over", "--json")).out)["handed_over"]
        return [f"{row['reference']} {row['officer']} {row['to_case']}" for row in found]

    assert f"{giving} A {receiving}" in await listed()
    row = next(line for line in (await cli(environment, "handed-over")).out.splitlines() if giving in line)
    assert row.split()[:3] == [giving, "A", receiving] and "closed" not in row
    told = f"Handed over to this case, and not taken over\n  officer A of case {giving}, "
    assert told in (await cli(environment, "show", receiving)).out
    assert "Handed over" not in (await cli(environment, "show", giving)).out
    take = ("--with", f"from_case={giving}", "--with", "was=A", "--with", "reasons=The same night.")
    assert (await cli(environment, "do", receiving, "take_over_officer", *AUTHORITY, *take)).code == 0
    assert f"{giving} A {receiving}" not in await listed()
    assert "not taken over" not in (await cli(environment, "show", receiving)).out


async def test_what_is_overdue_in_a_rehearsal_is_told_as_such_and_to_who_asks(environment: dict[str, str]) -> None:
    now, real, rehearsed = datetime.now(UTC), reference(), reference()
    told = ("measure=suspension", "redeployment_considered=true", "public_interest_requires=true", "officer=A")
    facts = [word for fact in (*told, "reasons=Grave.") for word in ("--with", fact)]
    for ref, clock in ((real, "live"), (rehearsed, "rehearsed")):
        matter = referral(ref, clock, now - timedelta(weeks=7))
        assert (await cli(environment, "refer", "-", stdin=json.dumps(matter))).code == 0
        at = (now - timedelta(weeks=6)).isoformat()
        done = await cli(environment, "do", ref, "impose_restriction", *AUTHORITY, *facts, "--at", at)
        assert done.code == 0, done
    for verb in ("cases", "deadlines", "restrictions"):
        every = (await cli(environment, verb)).out
        assert real in every and rehearsed in every and "Left out" not in every
        assert verb != "cases" or every.index(real) < every.index(rehearsed)
        assert [line for line in every.splitlines() if rehearsed in line and "rehearsed" not in line] == []
        assert not [line for line in every.splitlines() if real in line and "rehearsed" in line]
        late = (await cli(environment, verb, "--overdue")).out
        assert real in late and rehearsed not in late
        assert "Left out, of rehearsed cases: " in late and late.endswith(". List them too with --rehearsed\n")
        for options in (("--rehearsed",), ("--rehearsed", "--json")):
            assert rehearsed in (await cli(environment, verb, "--overdue", *options)).out
        assert rehearsed not in (await cli(environment, verb, "--overdue", "--json")).out
    assert rehearsed in (await cli(environment, "deadlines", "--overdue", "--case", rehearsed)).out

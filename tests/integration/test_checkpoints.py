"""Checkpoints and exports: a forger with every right over the database is found out by whoever has the public key."""

import asyncio
import json
import re
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import Mock, call

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from activities import chain, store
from activities.proof import checkpoints, whole
from activities.proof.checkpoints import contradictions, earlier_keys, faults, make, signing_key
from activities.proof.witness import sign
from activities.record import Records
from activities.sql import sql
from activities.store import Pool
from activities.text.reads import Reader
from deploy.roles import ENGINE, FEED, OPENER, READER, SIGNER, as_role
from domain.errors import Contradicted, Unavailable, UnknownCase
from domain.messages import Actor, Recorded
from domain.vocabulary import Role
from integration.export import export
from integration.verify import MANIFEST, check, fingerprint, statements, tell
from tests.engine import RING, SIGNING
from tests.store import ONE, OPENED, act, opening, reference

KEY = SIGNING
TRUSTED = [fingerprint(KEY.public_key().public_bytes_raw().hex())]
LOCKS = ("ROW SHARE", "ROW EXCLUSIVE", "SHARE", "EXCLUSIVE")
Rewrite = Callable[[str, int], Awaitable[None]]


@pytest.fixture(scope="module")
async def signer(owner_url: str) -> AsyncIterator[Pool]:
    """Connections of whoever signs and exports."""
    pool = await store.open_pool(as_role(owner_url, SIGNER))
    yield pool
    await pool.close()


@pytest.fixture
async def ref(records: Records) -> str:
    name = reference()
    await records.open_case(opening(name))
    return name


@pytest.fixture
async def rewrite(forger: Any, pool: Pool) -> AsyncIterator[Rewrite]:
    """Change an event and compute the whole chain anew from there, head and all: `whole.verify` finds nothing."""
    kept: list[Recorded] = []

    async def rewritten(ref: str, version: int) -> None:
        kept.extend(await store.events(pool, ref))
        statement = "UPDATE probity.event SET actor_id = 'someone-else' WHERE stream = $1 AND version = $2"
        await forger.execute(statement, ref, version)
        head = chain.GENESIS
        for event in await store.events(pool, ref):
            head = chain.link(head, chain.envelope(event))
            statement = "UPDATE probity.event SET hash = $3 WHERE stream = $1 AND version = $2"
            await forger.execute(statement, ref, event.version, head)
        await forger.execute("UPDATE probity.stream SET head = $2 WHERE stream = $1", ref, head)
        assert await whole.verify(pool, ref) == []

    yield rewritten
    for event in kept:  # or no test after this one could sign
        statement = "UPDATE probity.event SET actor_id = $3, hash = $4 WHERE stream = $1 AND version = $2"
        await forger.execute(statement, event.stream, event.version, event.actor.id, bytes.fromhex(event.hash))
        await forger.execute(
            "UPDATE probity.stream SET head = $2 WHERE stream = $1", event.stream, bytes.fromhex(event.hash)
        )


def private(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


async def exported(pool: Pool, ref: str, folder: Path, key: Ed25519PrivateKey | None = KEY) -> Path:
    file = folder / "case.zip"
    file.write_bytes(await export(pool, ref, key))
    return file


def repacked(file: Path, change: Callable[[dict[str, Any]], object], key: Ed25519PrivateKey | None = None) -> Path:
    """The file with another record in it, and all that can be made to fit it without the key; with `key`, all."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    record, manifest = json.loads(parts["record.json"]), json.loads(parts[MANIFEST])
    change(record)
    parts |= {"record.json": json.dumps(record).encode(), "chronology.txt": tell(record).encode()}
    statement = manifest["statement"] | {name: record[name] for name in ("reference", "version", "head")}
    statement["files"] = {name: sha256(parts[name]).hexdigest() for name in parts if name != MANIFEST}
    manifest["statement"] = statement
    if key:
        manifest["public_key"] = key.public_key().public_bytes_raw().hex()
        manifest["signature"] = key.sign(chain.canonical(statement)).hex()
    parts[MANIFEST] = json.dumps(manifest).encode()
    other = file.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return other


# --- what is whole


async def test_a_proof_is_kept_and_made_again_where_it_was_not(
    records: Records, signer: Pool, ref: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any
) -> None:
    """Kept, an export reads no head of another case; that of an earlier release has none, and proves as much."""
    await owner.execute("ALTER TABLE probity.checkpoint_head DROP CONSTRAINT with_its_proof")
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "packed", lambda steps: None)
        await make(signer, KEY)
    await records.record(act(ref, "P2"))
    await make(signer, KEY)
    async with signer.acquire() as connection:
        _, kept = await checkpoints.of_case(connection, ref)
        await connection.execute("BEGIN")
        made = await checkpoints._made_again(connection, ref, kept.statement["number"])
        await connection.execute("ROLLBACK")
    assert kept.proof == made
    report = check(await exported(signer, ref, tmp_path), TRUSTED)
    assert report.faults == [] and len([line for line in report.proved if "checkpoint" in line.lower()]) >= 1
    asked = Mock(side_effect=sql)
    monkeypatch.setattr(checkpoints, "sql", asked)
    await records.record(act(ref, "P3"))
    await exported(signer, ref, tmp_path)
    assert asked.call_args_list.count(call("leaves")) == 1


async def test_a_case_is_exported_and_checked_without_the_store(
    records: Records, signer: Pool, ref: str, tmp_path: Path
) -> None:
    statement = await make(signer, KEY)
    await records.record(act(ref, "P2"))
    report = check(await exported(signer, ref, tmp_path), TRUSTED)
    assert report.faults == []
    proved = "\n".join(report.proved)
    assert f"Events 1 to {ONE} of case {ref} follow" in proved and "was signed as it is" in proved
    assert f"Events 1 to {OPENED} are those that stood at checkpoint {statement['number']}" in proved
    assert f"Event {ONE} came after the last checkpoint" in report.unproved[0]


async def test_a_case_stays_provable_while_others_come_and_go_on(
    records: Records, signer: Pool, ref: str, tmp_path: Path
) -> None:
    for _ in range(3):
        await records.open_case(opening(reference()))
        await records.record(act(ref, reference()))
        await make(signer, KEY)
    await make(signer, KEY)  # nothing moved
    await records.open_case(opening(reference()))
    assert check(await exported(signer, ref, tmp_path), TRUSTED).faults == []


async def test_every_checkpoint_names_the_one_before(signer: Pool, ref: str) -> None:
    first, second = await make(signer, KEY), await make(signer, KEY)
    assert second["number"] == first["number"] + 1
    assert second["previous"] == sha256(chain.canonical(first)).hexdigest()


async def test_a_key_may_be_changed(records: Records, signer: Pool, ref: str, tmp_path: Path) -> None:
    await make(signer, KEY)
    await records.record(act(ref, "P2"))
    later, file = Ed25519PrivateKey.generate(), tmp_path / "key.pem"
    with pytest.raises(Contradicted, match="is signed with a key that the signer does not know: "):
        await make(signer, later)
    file.write_bytes(private(later) + public(KEY))
    await make(signer, signing_key(file), earlier_keys(file))
    file.write_bytes(private(KEY) + public(later))
    await make(signer, signing_key(file), earlier_keys(file))  # or no test after this one could sign
    file = await exported(signer, ref, tmp_path, later)
    both = [*TRUSTED, fingerprint(later.public_key().public_bytes_raw().hex())]
    assert check(file, both).faults == []
    assert all("a key that you do not trust" in fault for fault in check(file, TRUSTED).faults)
    assert len(check(file, TRUSTED).faults) == 2


async def test_an_export_without_a_key_says_that_it_is_not_signed(pool: Pool, ref: str, tmp_path: Path) -> None:
    report = check(await exported(pool, ref, tmp_path, key=None))
    assert report.faults == [] and "Nothing is signed" in report.unproved[0]


async def test_whoever_takes_the_signature_off_and_cuts_the_end_is_not_believed_to_show_the_whole(
    records: Records, signer: Pool, ref: str, tmp_path: Path
) -> None:
    """With the checkpoint before the cut it was all signed, as it seemed, and needs no key."""
    await make(signer, KEY)
    await records.record(act(ref, "P2"))
    await make(signer, KEY)

    def before(record: dict[str, Any]) -> None:
        del record["events"][OPENED:], record["checkpoints"][1:]
        record |= {"version": OPENED, "head": record["events"][-1]["hash"]}

    file = await exported(signer, ref, tmp_path)
    cut_off = "That the file is all of the case: the export is not signed, and any end can be cut."
    assert cut_off not in check(file).unproved
    report = check(repacked(await exported(signer, ref, tmp_path, key=None), before))
    assert report.faults == [] and report.unproved[0] == cut_off


async def test_there_is_no_export_of_no_case(signer: Pool) -> None:
    with pytest.raises(UnknownCase):
        await export(signer, "NONE-1")


async def test_nor_for_who_may_read_its_text(pool: Pool) -> None:
    """A reading is recorded before it is done; of no case there is no log."""
    reader = Reader(Actor(role=Role.CLERK, id="reader-1"), "To test.", RING)
    with pytest.raises(UnknownCase, match=r"^There is no case NONE-1\.$"):
        await export(pool, "NONE-1", None, reader)


# --- a chain that was computed anew, by whoever owns the database


async def test_a_rewritten_chain_is_found_by_the_store(signer: Pool, pool: Pool, ref: str, rewrite: Rewrite) -> None:
    await make(signer, KEY)
    await rewrite(ref, 2)
    assert (await contradictions(pool, ref))[0].startswith(f"Event {OPENED} is not the one that checkpoint")


async def test_a_rewritten_chain_is_found_offline(signer: Pool, ref: str, rewrite: Rewrite, tmp_path: Path) -> None:
    await make(signer, KEY)
    await rewrite(ref, 2)
    faults = check(await exported(signer, ref, tmp_path), TRUSTED).faults
    assert any("the chain was computed anew" in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE probity.event SET hash = sha256('x') WHERE stream = $1", "is not the one that the last checkpoint"),
        ("DELETE FROM probity.event WHERE stream = $1", "which the last checkpoint signed, is gone"),
        ("UPDATE probity.stream SET version = 1 WHERE stream = $1", "which the last checkpoint signed, is gone"),
        ("UPDATE probity.stream SET version = 0 WHERE stream = $1", "which the last checkpoint signed, is gone"),
        ("DELETE FROM probity.stream WHERE stream = $1", "which the last checkpoint signed, is gone"),
    ],
)
async def test_nothing_is_signed_over_what_was_signed_before(
    owner_url: str, signer: Pool, ref: str, tampering: str, said: str
) -> None:
    await make(signer, KEY)
    forger = await asyncpg.connect(owner_url)
    transaction = forger.transaction()
    await transaction.start()
    await forger.execute("SET LOCAL session_replication_role = replica")
    await forger.execute(tampering, ref)
    rows = await forger.fetch(sql("heads"))
    faults = list(checkpoints.changed(rows))
    await transaction.rollback()
    await forger.close()
    assert len(faults) == 1 and faults[0].startswith(f"Case {ref}: event ") and said in faults[0]
    await make(signer, KEY)


def test_of_a_case_that_did_not_move_a_single_hash_is_held() -> None:
    """Of each the row was, and two leaves: that grows with every case that was ever opened."""
    signed = {"stream": "A-1", "signed_version": 1, "signed_head": b"1", "stands": b"1"}
    rows: list[Any] = [{**signed, "version": 1, "head": b"1"}, {**signed, "version": 2, "head": b"2"}]
    heads = checkpoints._Heads()
    for row in rows:
        heads._add(row)
    assert heads.now[0] is heads.signed[0] and heads.now[1] != heads.signed[1] and heads.wrong == []
    assert heads.moved == [(1, rows[1])]


async def test_who_signs_is_stopped_when_the_record_was_changed(signer: Pool, ref: str, forger: Any) -> None:
    await make(signer, KEY)
    (kept,) = await forger.fetch("SELECT head FROM probity.checkpoint_head WHERE stream = $1", ref)
    change = "UPDATE probity.checkpoint_head SET head = $2 WHERE stream = $1"
    await forger.execute(change, ref, bytes(32))
    with pytest.raises(Contradicted) as stopped:
        await make(signer, KEY)
    await forger.execute(change, ref, kept["head"])
    assert stopped.value.faults == [f"Case {ref}: event {OPENED} is not the one that the last checkpoint signed."]


NOT_UNDER = r"^The heads that checkpoint \d+ signed were changed, removed or added to since\.$"


@asynccontextmanager
async def tampered(forger: Any, *changes: tuple[Any, ...]) -> AsyncIterator[None]:
    """The record as somebody changed it who may do everything; as it was in the end, or nobody could sign."""
    tables = ("event", "command", "stream", "checkpoint", "checkpoint_head")
    for table in tables:
        await forger.execute(f"CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM probity.{table}")
    for statement, *values in changes:
        await forger.execute(statement, *values)
    yield
    for table in tables:
        await forger.execute(f"DELETE FROM probity.{table}")
        await forger.execute(f"INSERT INTO probity.{table} OVERRIDING SYSTEM VALUE SELECT * FROM kept_{table}")
        await forger.execute(f"DROP TABLE kept_{table}")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM probity.checkpoint_head WHERE stream = $1",
        "DELETE FROM probity.checkpoint_head WHERE stream = $1 AND version > 4",
    ],
)
async def test_the_heads_that_were_signed_have_to_give_the_root_again(
    records: Records, signer: Pool, ref: str, forger: Any, change: str
) -> None:
    """A case whose chain was computed anew, and of which the database tells no signed head, passes for a new one."""
    await make(signer, KEY)
    await records.record(act(ref, "P2"))
    await make(signer, KEY)
    async with tampered(forger, (change, ref)):
        with pytest.raises(Contradicted, match=NOT_UNDER):
            await make(signer, KEY)
        (found,) = await faults(signer)
        assert re.match(NOT_UNDER, found)
    assert await faults(signer) == [] and await make(signer, KEY)


@pytest.mark.parametrize(
    "change",
    [
        "checkpoint = checkpoint - 1",
        "proof = ''",
        "proof = set_byte(proof, 0, 9 - get_byte(proof, 0))",
    ],
)
async def test_what_leads_from_a_case_to_what_was_signed_is_checked_in_the_store_too(
    records: Records, signer: Pool, ref: str, forger: Any, tmp_path: Path, change: str
) -> None:
    """An export of it was said to be whole, and whoever was given it found a fault."""
    await records.open_case(opening(reference()))
    await make(signer, KEY)
    await make(signer, KEY)
    await records.record(act(ref, "P2"))
    number = (await make(signer, KEY))["number"] - ("checkpoint - 1" in change)
    assert await contradictions(signer, ref) == []
    where = "WHERE stream = $1 AND version = $2"
    async with tampered(forger, (f"UPDATE probity.checkpoint_head SET {change} {where}", ref, ONE)):
        told = f"What is kept of checkpoint {number} does not lead from the case to its root: it was changed."
        assert await contradictions(signer, ref) == [told]
        assert "leads to another root" in str(check(await exported(signer, ref, tmp_path), TRUSTED).faults)


async def test_a_checkpoint_that_was_moved_in_the_feed_is_told(signer: Pool, ref: str, forger: Any) -> None:
    await make(signer, KEY)
    number = (await make(signer, KEY))["number"]
    async with tampered(forger, ("UPDATE probity.checkpoint SET transaction_id = '3' WHERE number = $1", number)):
        told = f"Checkpoint {number} was moved in the feed: who follows it may have missed it."
        assert await faults(signer) == [told]


async def test_a_checkpoint_that_is_signed_while_they_are_looked_at_is_no_fault(
    records: Records, signer: Pool, owner_url: str, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(signer, KEY)
    await records.record(act(ref, "P2"))
    signed: list[dict[str, Any]] = []

    async def meanwhile() -> None:
        pool = await store.open_pool(as_role(owner_url, SIGNER))
        signed.append(await make(pool, KEY))
        await pool.close()

    def later(name: str) -> str:
        if name == "heads" and not signed:
            monkeypatch.undo()
            with ThreadPoolExecutor() as other:
                other.submit(asyncio.run, meanwhile()).result()
        return sql(name)

    monkeypatch.setattr(checkpoints, "sql", later)
    assert await faults(signer) == [] and len(signed) == 1


async def test_nothing_is_signed_after_a_checkpoint_that_somebody_else_put_there(
    signer: Pool, ref: str, forger: Any, tmp_path: Path
) -> None:
    """With a key of their own the owner signs a case that was written anew; the next checkpoint would bear it out."""
    kept, own = tmp_path / "witness.jsonl", Ed25519PrivateKey.generate()
    last = await sign(signer, KEY, kept)
    statement = last | {"number": last["number"] + 1, "previous": sha256(chain.canonical(last)).hexdigest()}
    put = """INSERT INTO probity.checkpoint (number, made_at, statement, public_key, signature)
             VALUES ($1, now(), $2::text::jsonb, $3, $4)"""
    for named, by, signed, said in (
        (statement, own, statement, "is signed with a key that the signer does not know"),
        (statement, KEY, last, "is not what was signed"),
        (statement | {"previous": "nonsense"}, KEY, statement | {"previous": "nonsense"}, "does not follow from"),
    ):
        signature, whose = by.sign(chain.canonical(signed)), by.public_key().public_bytes_raw()
        async with tampered(forger, (put, statement["number"], json.dumps(named), whose, signature)):
            for witness in (kept, None) if "follow" not in said else (kept,):
                with pytest.raises(Contradicted, match=said):
                    await sign(signer, KEY, witness)
            assert ("does not know" in said) is not any(said in fault for fault in await faults(signer))
    assert statements(kept.read_text())[-1] == last and (await sign(signer, KEY, kept))["number"] == last["number"] + 1


# --- a file that was made to fit without the key


def cut(record: dict[str, Any]) -> None:
    record["events"].pop()
    record["version"], record["head"] = record["events"][-1]["version"], record["events"][-1]["hash"]


def anew(record: dict[str, Any]) -> None:
    record["events"][1]["actor"]["id"] = "someone-else"
    head = chain.GENESIS
    for event in record["events"]:
        head = chain.link(head, {name: value for name, value in event.items() if name != "hash"})
        event["hash"] = head.hex()
    record["head"] = head.hex()


def unsign(record: dict[str, Any]) -> None:
    cut(record)
    record["checkpoints"].clear()


def statement(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = record["checkpoints"][-1]["statement"]
    return found


OF_THE_CHECKPOINTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (cut, "which is not in the file: the end was cut off"),
    (anew, "the chain was computed anew"),
    (lambda record: record["checkpoints"][-1].update(head="00" * 32), "the chain was computed anew"),
    (lambda record: record["checkpoints"][-1].update(version=1), "the chain was computed anew"),
    (lambda record: record["checkpoints"][-1]["proof"].append(["left", "00" * 32]), "leads to another root"),
    (lambda record: record["checkpoints"][-1]["proof"].clear(), "leads to another root"),
    (lambda record: statement(record).update(root="00" * 32), "what was signed was changed"),
    (lambda record: statement(record).update(made_at="2020-01-01T00:00:00+00:00"), "what was signed was changed"),
    (lambda record: statement(record).update(kind="probity export 1"), "a signature over something else"),
    (lambda record: record["checkpoints"][-1].update(signature="00" * 64), "the signature is not that of the key"),
]


@pytest.mark.parametrize(("change", "said"), OF_THE_CHECKPOINTS)
async def test_what_contradicts_a_checkpoint_is_found(
    records: Records, signer: Pool, ref: str, tmp_path: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    await records.open_case(opening(reference()))  # so that the tree has more than one leaf
    await make(signer, KEY)
    faults = check(repacked(await exported(signer, ref, tmp_path), change, KEY), TRUSTED).faults
    assert any(said in fault for fault in faults), faults


@pytest.mark.parametrize("change", [cut, anew, unsign, lambda record: record["checkpoints"].clear()])
async def test_an_export_that_is_made_to_fit_is_found_by_its_signature(
    signer: Pool, ref: str, tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    await make(signer, KEY)
    file = await exported(signer, ref, tmp_path)
    assert "The export: the signature is not that" in "\n".join(check(repacked(file, change), TRUSTED).faults)
    own = Ed25519PrivateKey.generate()
    forged = check(repacked(file, change, own), TRUSTED).faults
    assert any("The export is signed by a key that you do not trust" in fault for fault in forged)


async def test_a_checkpoint_that_was_kept_elsewhere_bears_witness(signer: Pool, ref: str, tmp_path: Path) -> None:
    kept = await make(signer, KEY)
    file = await exported(signer, ref, tmp_path)
    assert check(file, TRUSTED, [kept]).faults == []
    other = check(file, TRUSTED, [{**kept, "root": "00" * 32}]).faults
    assert other == [f"Checkpoint {kept['number']} is not the one that was kept elsewhere: one of the two is forged."]


async def test_an_end_that_was_cut_off_with_all_that_was_signed_of_it_is_shown_by_a_witness(
    records: Records, signer: Pool, forger: Any, ref: str, tmp_path: Path
) -> None:
    """The owner takes the last event, the head, the snapshot, the command and the leaf: what is left of it is whole."""
    await make(signer, KEY)
    await records.record(act(ref, "P2"))
    kept = await make(signer, KEY)
    last = "(SELECT hash FROM probity.event WHERE stream = $1 AND version = $2)"
    back = f"UPDATE probity.stream SET version = $2, snapshot = NULL, snapshot_version = NULL, head = {last}"
    changes = (
        ("DELETE FROM probity.event WHERE stream = $1 AND version > $2", ref, OPENED),
        ("DELETE FROM probity.command WHERE stream = $1 AND command_id = 'P2'", ref),
        ("DELETE FROM probity.checkpoint_head WHERE stream = $1 AND checkpoint = $2", ref, kept["number"]),
        (f"{back} WHERE stream = $1", ref, OPENED),
    )
    async with tampered(forger, *changes):
        assert await whole.verify(signer, ref) == []
        (found,) = await faults(signer)  # of the case itself nothing is to be seen from inside
        assert re.match(NOT_UNDER, found)
        without = await exported(signer, ref, tmp_path)
    assert check(without, TRUSTED).faults == []
    told = f"and {kept['number']}, which was kept elsewhere"
    assert told in "\n".join(check(without, TRUSTED, [kept]).unproved)
    for twice in ([kept, kept | {"root": "00" * 32}], [kept | {"root": "00" * 32}, kept]):
        (fault,) = check(without, TRUSTED, twice).faults
        assert fault.startswith(f"Of checkpoint {kept['number']} two statements were kept elsewhere")


# --- who may


async def test_only_the_signer_writes_checkpoints_and_none_is_changed(owner_url: str, signer: Pool, ref: str) -> None:
    await make(signer, KEY)
    for role in (ENGINE, FEED):
        other = await store.open_pool(as_role(owner_url, role))
        with pytest.raises(Unavailable, match="takes the role probity_signer"):
            await make(other, KEY)
        await other.close()
    for table in ("checkpoint", "checkpoint_head"):
        for attack in ("DELETE FROM probity.{}", "TRUNCATE probity.{} CASCADE", "UPDATE probity.{} SET checkpoint = 1"):
            with pytest.raises(asyncpg.PostgresError):
                await signer.execute(attack.format(table))
            owner = await asyncpg.connect(owner_url)
            with pytest.raises((asyncpg.RestrictViolationError, asyncpg.UndefinedColumnError)):
                await owner.execute(attack.format(table))
            await owner.close()


@pytest.mark.parametrize("role", [ENGINE, FEED, OPENER, READER])
async def test_who_may_not_sign_keeps_nobody_from_it(owner_url: str, signer: Pool, ref: str, role: str) -> None:
    """Whoever may log in can hold an advisory lock, and nothing was signed while they did."""
    attacker = await asyncpg.connect(as_role(owner_url, role))
    async with attacker.transaction():
        await attacker.execute("SELECT pg_advisory_lock(426953237355)")
        if role != READER:
            await attacker.execute("SELECT FROM probity.checkpoint")
        for attack in (sql("hold_signing"), *(f"LOCK TABLE probity.checkpoint IN {mode} MODE" for mode in LOCKS)):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with attacker.transaction():
                    await attacker.execute(attack)
        await make(signer, KEY)
    await attacker.close()


async def test_those_who_sign_at_once_sign_one_after_the_other(signer: Pool, ref: str) -> None:
    signed = await asyncio.gather(*(make(signer, KEY) for _ in range(5)))
    numbers = sorted(each["number"] for each in signed)
    assert numbers == list(range(numbers[0], numbers[0] + 5))


def test_a_key_is_read_from_its_file_or_told_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert signing_key(file).public_key() == KEY.public_key()
    file.write_text("nonsense")
    with pytest.raises(Unavailable, match="cannot be read"):
        signing_key(file)
    with pytest.raises(Unavailable, match="cannot be read"):
        signing_key(tmp_path / "none")

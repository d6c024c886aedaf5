"""A case as one file that anyone can check: events, checkpoints, what they say, and the verifier (docs/verify.md)."""

import io
import json
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from activities import store
from activities.chain import canonical
from activities.connection import Pool, unhurried
from activities.proof import checkpoints
from activities.sql import sql
from activities.text import reads
from activities.text.opening import secrets_of
from activities.text.reads import Reader
from activities.text.sealing import Ring, Secret, open_sealed
from domain.errors import UnknownCase
from domain.messages import Recorded
from domain.schemas import schema
from integration.verify import MANIFEST, tell

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["export"]


async def export(
    pool: Pool, reference: str, key: "Ed25519PrivateKey | None" = None, reader: Reader | None = None
) -> bytes:
    """The case as the bytes of a zip file: signed if there is a key, its text open for a reader, which is recorded.

    Raises `UnknownCase`.
    """
    may_read = reader is not None and await reads.log(pool, reader, "export", reference)
    record = await _record(pool, reference, reader.ring if reader and may_read else None)
    shapes = sorted({(event["type"], event["schema_version"]) for event in record["events"]})
    parts = {
        "record.json": to_json(record, indent=1),
        "chronology.txt": tell(record).encode("utf-8"),
        "schemas.json": to_json({f"{name}.{n}": found for name, n in shapes if (found := schema(name, n))}, indent=1),
        "verify.py": resources.files("integration").joinpath("verify.py").read_bytes(),
    }
    parts[MANIFEST] = to_json(_manifest(record, parts, key), indent=1)
    return _zipped(parts)


async def _record(pool: Pool, reference: str, ring: Ring | None) -> dict[str, Any]:
    async with unhurried(pool) as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = await connection.fetchrow(sql("read_stream"), reference)
        if row is None:
            raise UnknownCase(f"There is no case {reference}.")
        events = await store.read_events(connection, reference, 0)
        held = await checkpoints.of_case(connection, reference)
        texts = [_text(*each) for each in await secrets_of(connection, events, ring)] if ring else []
    return {
        "format": "probity record 2",
        "reference": reference,
        "version": row["version"],
        "head": row["head"].hex(),
        # As they were hashed: a moment written otherwise would be other bytes.
        "events": [json.loads(canonical(event.model_dump())) for event in events],
        "checkpoints": [each.model_dump(mode="json") for each in held],
        "texts": texts,
    }


def _text(event: Recorded, name: str, secret: Secret) -> dict[str, Any]:
    """A text, with the secret that shows it to be the one that was recorded and opens no other."""
    return {
        "version": event.version,
        "field": name,
        "text": open_sealed(event.data[name], secret),
        "secret": secret.hex(),
    }


def _manifest(record: dict[str, Any], parts: dict[str, bytes], key: "Ed25519PrivateKey | None") -> dict[str, Any]:
    statement = {
        "kind": "probity export 1",
        **{name: record[name] for name in ("reference", "version", "head")},
        "exported_at": datetime.now(UTC).isoformat(),
        "files": {name: sha256(content).hexdigest() for name, content in parts.items()},
    }
    return {
        "statement": statement,
        "public_key": key.public_key().public_bytes_raw().hex() if key else None,
        "signature": key.sign(canonical(statement)).hex() if key else None,
    }


def _zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()

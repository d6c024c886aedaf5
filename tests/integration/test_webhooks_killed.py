"""Workers killed while they deliver: the next goes on; every event comes, once by its id, in the order of its case."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from activities.webhooks.subscribers import Wanted
from deploy.embedded import Stack
from deploy.part import part
from deploy.roles import KEEPER, as_role
from integration.client import Probity
from tests.engine import MASTER_KEY, act, reference, referral, running
from tests.receiver import Says, receiver


async def test_a_worker_killed_in_the_middle_is_followed_by_another(
    stack: Stack, database_url: str, owner_url: str, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    keys.write_text(b64encode(MASTER_KEY).decode())
    settings = running(stack, database_url)
    settings = replace(settings, webhooks_development=True, database_url=as_role(owner_url, KEEPER))
    environment = {
        "PROBITY_MASTER_KEYS": str(keys),
        "PROBITY_WEBHOOKS_DEVELOPMENT": "on",
        "PROBITY_TASK_QUEUE": settings.task_queue,
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "TEMPORAL_NAMESPACE": stack.namespace,
    }
    cases = [reference() for _ in range(3)]
    async with receiver() as hook, Probity.connect(settings) as probity:
        await probity.subscribers.add(Wanted(subscription="killed", url=hook.url))
        for slow in (0.2, 0.2):
            hook.behave = lambda _, slow=slow: Says(after=slow)  # type: ignore[misc]
            async with part("worker", environment, "tests.brisk") as (worker, _):
                for ref in cases if not hook.got else ():
                    await probity.refer(referral(ref))
                before = len(hook.got)
                await hook.until(lambda: len(hook.got) > before + 3)  # noqa: B023
                worker.kill()  # in the middle: the receiver has not answered yet
                await worker.wait()
        hook.behave = lambda _: Says()
        async with part("worker", environment, "tests.brisk"):
            body = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
            await probity.do(cases[0], "add_party", body)
            wanted = {ref: [each.version for each in await probity.events(ref)] for ref in cases}
            await hook.until(lambda: all(len(hook.of(ref)) >= len(wanted[ref]) for ref in cases), 45)
    assert {ref: hook.of(ref) for ref in cases} == wanted
    assert len(hook.got) > len(hook.taken)  # what was under way came again, under the same id

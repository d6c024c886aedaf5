"""An imported case of hundreds of events goes live: nothing is fired twice, and nothing is missed in silence."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.deadlines import next_wake
from domain.errors import WrongStage
from domain.messages import Recorded
from domain.state import DeadlineState
from integration.client import Probity, connect_temporal
from integration.settings import Settings
from tests.engine import act, at_work, reference, referral, suspension

ROUNDS = 26  # of four weeks, each ended on its last day but one
PARTIES = ("P1", "P2", "P3")
OFTEN = timedelta(days=26)


async def imported(probity: Probity, began: datetime) -> str:
    """Two years told act by act: parties kept informed, an officer's suspension reviewed, one review late, one party
    forgotten since the tenth round."""
    ref = reference()
    parties = [{"party": party, "kind": "complainant"} for party in PARTIES]
    await probity.refer({**referral(ref, "recorded", began), "parties": parties})
    authority = "appropriate_authority"
    assessed = act(authority, began, kind="not_required", reasons="Not grave.")
    await probity.do(ref, "assess_referral", assessed)
    await probity.do(ref, "decide_mode", act(authority, began, mode="local", reasons="It is ours."))
    await probity.do(ref, "impose_restriction", suspension(began))
    for n in range(1, ROUNDS + 1):
        day = began + n * OFTEN
        for party in PARTIES if n < 10 else PARTIES[1:]:
            await probity.do(ref, "update_party", act(authority, day, party=party))
        late = timedelta(days=9) if n == 5 else timedelta()
        review = act(authority, day + late, officer="A", reasons="Nothing has changed.")
        await probity.do(ref, "review_restriction", review)
        notice = act(authority, day + late, officer="A", summary_of_reasons="Nothing has changed.")
        await probity.do(ref, "give_review_notice", notice)
    return ref


def fired(events: Sequence[Recorded]) -> Counter[tuple[str, str]]:
    """How often each clock was warned of, missed, or ended."""
    kinds = ("deadline_warned", "deadline_missed", "right_lapsed", "duty_arose")
    return Counter((each.type, each.data["deadline"]) for each in events if each.type in kinds)


async def test_a_long_imported_case_goes_live_with_nothing_twice_and_nothing_lost(
    settings: Settings,
) -> None:
    async with at_work(settings) as probity:
        ref = await imported(probity, datetime.now(UTC) - ROUNDS * OFTEN - timedelta(days=20))
        before = await probity.events(ref)
        assert len(before) > 350
        assert not [each for each in before if each.type == "deadline_warned"]  # nobody to warn in the past
        await probity.do(ref, "go_live", act("clerk", datetime.now(UTC)))
        temporal = await connect_temporal(settings)
        await temporal.get_workflow_handle(f"case/{ref}").execute_update("catch_up")
        case, events = await probity.case(ref), await probity.events(ref)

        assert max(fired(events).values()) == 1
        now = datetime.now(UTC)
        assert not [each.id for each in case.deadlines.values() if each.ticking and each.due_at <= now]
        assert [each.id for each in case.overdue if each.rule.startswith("update_parties")] == [
            "update_parties_next/P1/9"
        ]
        reviews = [each for each in case.deadlines.values() if each.rule.startswith("suspension_review_")]
        assert sum(each.state is DeadlineState.MISSED for each in reviews if "notice" not in each.rule) == 1
        assert not [each.id for each in reviews if each.overdue]
        wake = next_wake(case)
        assert wake is not None and wake[0] > now  # the one timer waits for what comes next

        try:
            await probity.do(ref, "go_live", act("clerk", datetime.now(UTC)))
        except WrongStage:
            pass
        else:
            raise AssertionError("it went live twice")
        assert await probity.events(ref) == events
        assert await probity.verify(ref) == []

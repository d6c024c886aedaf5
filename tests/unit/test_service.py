"""Service: a document is sent and served, and what the officer may do in answer runs from its service."""

from datetime import timedelta

import pytest

from domain.errors import Malformed
from domain.working_days import london_date
from tests.kit import referred

ACTS = {
    "serve_notice": "notice_served",
    "refer_to_proceedings": "referred_to_proceedings",
    "supply_documents": "documents_supplied",
    "notify_officer": "officer_notified",
}


@pytest.mark.parametrize(("act", "fact"), ACTS.items())
def test_when_a_document_was_sent_is_kept_and_every_time_runs_from_its_service(act: str, fact: str) -> None:
    handed = referred().before(act).when(act)
    served = london_date(handed.history[-1].occurred_at)
    sent = served - timedelta(days=3)
    case = referred().before(act).when(act, sent_on=str(sent)).then(fact, sent_on=sent)
    told = next(each.event().tell() for each in case.record if each.type == fact)
    assert f", sent on {sent.day} " in told
    assert {ref: each.due for ref, each in case.case.deadlines.items()} == {
        ref: each.due for ref, each in handed.case.deadlines.items()
    }


@pytest.mark.parametrize(("act", "fact"), ACTS.items())
def test_without_a_sending_nothing_is_said_of_one(act: str, fact: str) -> None:
    case = referred().before(act).when(act).then(fact, sent_on=None)
    assert all("sent on" not in each.event().tell() for each in case.record)


@pytest.mark.parametrize("act", ACTS)
def test_what_was_served_had_been_sent(act: str) -> None:
    case = referred().before(act)
    with pytest.raises(Malformed, match="sent before it is served"):
        case.when(act, sent_on="2049-01-03")

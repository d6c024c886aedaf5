"""Files of referrals: what is read of them, and which row is refused with which words."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed, Refused
from domain.messages import read
from domain.referral import Referral
from integration.intake.files import MAX_FILE, MAX_ROWS, Entry, entries, template

BY = {"role": "intake", "id": "folder"}
HEADER = "reference,force,origin,first_known,referred_at,person,allegation,summary"
ROW = "X-1,f-1,complaint,2026-03-02,2026-03-03T09:30Z,p-1,1,Said."


def of_csv(*lines: str, header: str = HEADER) -> list[Entry]:
    return entries("csv", "\n".join((header, *lines)).encode(), BY)


def matter(entry: Entry) -> Referral:
    assert entry.referral is not None, entry
    return read(Referral, entry.referral, "it")


def refused(entry: Entry) -> str:
    assert isinstance(entry.refused, Refused)
    assert entry.refused.code == "malformed"
    assert entry.referral is None
    return entry.refused.sentence


def whole_refused(kind: str, data: bytes) -> str:
    with pytest.raises(Malformed) as no:
        entries(kind, data, BY)
    return no.value.sentence


def plain(**changed: Any) -> dict[str, Any]:
    told = {
        "reference": "X-1",
        "force": "f-1",
        "origin": "complaint",
        "first_known": "2026-03-02",
        "occurred_at": "2026-03-03T09:30Z",
        "officers": [{"officer": "A", "person": "p-1"}],
        "allegations": [{"allegation": "1", "summary": "Said.", "officers": ["A"]}],
    }
    return {**told, **changed}


# --- CSV


def test_rows_of_one_reference_are_one_matter() -> None:
    first, second = entries("csv", template().encode(), BY)
    assert (first.rows, second.rows) == ((2, 3, 4), (5,))
    told = matter(first)
    assert [(each.officer, each.person, each.rank) for each in told.officers] == [
        ("A", "p-1001", "constable"),
        ("B", "p-1002", "sergeant"),
    ]
    assert [(each.allegation, each.officers) for each in told.allegations] == [("1", ("A", "B")), ("2", ("B",))]
    assert (told.first_known, told.occurred_at) == (date(2026, 3, 2), datetime(2026, 3, 3, 9, 30, tzinfo=UTC))
    assert told.actor.id == "folder"
    assert matter(second).allegations[0].standards == ("use_of_force", "authority_respect_and_courtesy")


def test_what_the_template_makes_up_is_marked_so() -> None:
    assert all(matter(entry).illustrative for entry in entries("csv", template().encode(), BY))
    (real,) = of_csv(ROW)
    assert not matter(real).illustrative
    as_spreadsheets_write = of_csv(f"{ROW},TRUE", "X-1,,,,,p-2,1,,FALSE", header=f"{HEADER},illustrative")
    assert refused(as_spreadsheets_write[0]) == "row 3: illustrative: is not what a row before says."
    (neither,) = of_csv(f"{ROW},maybe", header=f"{HEADER},illustrative")
    assert refused(neither) == "row 2: illustrative: has to be true or false."


def test_the_days_that_decide_on_the_amendments_are_told_of_a_case_and_of_an_officer() -> None:
    """They were told in JSON alone, so that a case from a spreadsheet was under the wrong regime."""
    lines = [f"{ROW},2025-05-20,2025-06-01", "X-1,,,,,p-2,1,,,", "X-1,,,,,p-1,2,Said too.,,2025-06-01"]
    (entry,) = of_csv(*lines, header=f"{HEADER},first_known_to_any,officer_first_known")
    told = matter(entry)
    assert told.first_known_to_any == date(2025, 5, 20)
    assert [each.first_known for each in told.officers] == [date(2025, 6, 1), None]
    officers = [{"officer": "A", "person": "p-1", "first_known": "2025-06-01"}, {"officer": "B", "person": "p-2"}]
    allegations = [
        {"allegation": "1", "summary": "Said.", "officers": ["A", "B"]},
        {"allegation": "2", "summary": "Said too.", "officers": ["A"]},
    ]
    same = plain(first_known_to_any="2025-05-20", officers=officers, allegations=allegations)
    (by_json,) = entries("json", json.dumps(same).encode(), BY)
    assert matter(by_json) == told


@pytest.mark.parametrize(
    ("days", "line", "told"),
    [
        ("2025-05-20,", "X-1,,,,,p-2,1,,2025-05-21,", "row 3: first_known_to_any: is not what a row before says."),
        (",2025-06-01", "X-1,,,,,p-1,2,Too.,,2025-06-02", "row 3: officer_first_known: is not what a row before says."),
        ("45000,", "", "row 2: first_known_to_any: is written as 2026-03-31"),
        (",45000", "", "row 2: officer_first_known: is written as 2026-03-31"),
        ("2026-03-03,", "", "row 2: body: first_known_to_any: the authority is one of them"),
    ],
)
def test_such_a_day_is_refused_as_others_are(days: str, line: str, told: str) -> None:
    (entry,) = of_csv(f"{ROW},{days}", line, header=f"{HEADER},first_known_to_any,officer_first_known")
    assert refused(entry).startswith(told)


def test_a_rank_in_a_row_has_no_room_for_a_sentence() -> None:
    (entry,) = of_csv(f"{ROW},PC 4711 John Smith", header=f"{HEADER},rank")
    assert refused(entry).startswith("row 2: rank: has to be a rank alone: ")


def test_the_example_is_the_template() -> None:
    example = Path(__file__).parents[2] / "examples" / "intake.csv"
    assert example.read_text("utf-8") == template()


def test_json_and_csv_tell_the_same_matter() -> None:
    (by_csv,) = of_csv(ROW)
    (by_json,) = entries("json", json.dumps(plain()).encode(), BY)
    assert matter(by_csv) == matter(by_json)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_spreadsheets_write_is_read(encoding: str, delimiter: str, newline: str) -> None:
    text = newline.join((HEADER, ROW.replace("Said.", "Café"), "")).replace(",", delimiter)
    (entry,) = entries("csv", text.encode(encoding), BY)
    assert matter(entry).allegations[0].summary == "Café"


def test_a_cell_may_hold_lines_and_delimiters_and_rows_are_counted_as_spreadsheets_do() -> None:
    first, second = of_csv(ROW.replace("Said.", '"One,\ntwo; ""three"""'), "", ROW.replace("X-1", "X-2"), ",,,")
    assert matter(first).allegations[0].summary == 'One,\ntwo; "three"'
    assert second.rows == (4,)


def test_officers_keep_the_letters_that_were_given() -> None:
    lines = [f"{ROW},B", "X-1,,,,,p-2,1,,", "X-1,,,,,p-3,1,,A"]
    (entry,) = of_csv(*lines, header=f"{HEADER},officer")
    assert {each.person: each.officer for each in matter(entry).officers} == {"p-1": "B", "p-2": "C", "p-3": "A"}


def test_a_bad_row_among_good_ones_is_refused_by_itself() -> None:
    good, bad, last = of_csv(
        ROW, ROW.replace("X-1", "X-2").replace("2026-03-02", "2.3.2026"), ROW.replace("X-1", "X-3")
    )
    assert (matter(good).reference, matter(last).reference) == ("X-1", "X-3")
    assert (bad.rows, bad.reference) == ((3,), "X-2")
    assert refused(bad) == "row 3: first_known: is written as 2026-03-31, a moment as 2026-03-31T09:30Z."


def test_of_the_standards_in_a_cell_the_first_that_is_none_is_told() -> None:
    (entry,) = of_csv(f"{ROW},{'x|' * 1000}", header=f"{HEADER},standards")
    told = refused(entry)
    assert told.startswith("row 2: standards.0: has to be 'honesty_and_integrity'")
    assert ";" not in told


def test_a_matter_with_a_bad_row_is_not_taken_in_part() -> None:
    (entry,) = of_csv(ROW, "X-1,,,,,p 2,1,")
    assert entry.rows == (2, 3)
    assert refused(entry).startswith("row 3: person:")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("X-1,f-2,,,,p-2,1,", "row 3: force: is not what a row before says."),
        ("X-1,,,2026-03-01,,p-2,1,", "row 3: first_known: is not what a row before says."),
        ("X-1,,,,,p-2,1,Other.", "row 3: summary: is not what a row before says."),
        ("X-1,,,,,p-1,1,", "row 3: allegation: a row before says that this officer faces it."),
        ("X-1,,,,,p-2,1,,,", "row 3: has more cells than the header has columns."),
    ],
)
def test_rows_that_differ_are_refused_with_their_number(line: str, told: str) -> None:
    (entry,) = of_csv(ROW, line)
    assert refused(entry) == told


def test_a_number_is_no_date() -> None:
    (entry,) = of_csv(ROW.replace("2026-03-03T09:30Z", "20260303"))
    assert "row 2: referred_at: is written as" in refused(entry)


def test_a_reference_that_is_none_is_not_repeated() -> None:
    one, two = of_csv(ROW.replace("X-1", "Mrs Smith"), ROW.replace("X-1", ""))
    assert (one.reference, two.reference) == (None, None)
    assert "Smith" not in refused(one)
    assert refused(two).startswith("row 3: reference:")


def test_what_a_matter_lacks_is_named() -> None:
    (entry,) = of_csv(ROW.replace("Said.", ""))
    assert refused(entry).startswith("row 2: allegations.0.summary:")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \n", "The file is empty."),
        (b"caf\xe9", "The file is not UTF-8 text (nor UTF-16 with its mark): save it as UTF-8."),
        (HEADER.encode("utf-16-le"), "The file holds a character that cannot be stored: save it as UTF-8 text."),
        (HEADER.encode(), "The file holds no row below its header."),
        (f"{HEADER},force\n{ROW}".encode(), "The header of the file: the column force stands there twice."),
        (f"{HEADER},staff\n{ROW}".encode(), "The header of the file: the 9th column is none that is known."),
        (
            b"reference;persons\nX;p",
            "The header of the file: the 2nd column is none that is known (did",
        ),
        (
            b"reference,force\nX,f",
            "The header of the file lacks origin, first_known, referred_at, ",
        ),
        (f'{HEADER}\nX-1,"f'.encode(), "The file is not CSV: line 2 has quotes that do not fit."),
        (f"{HEADER}\n".encode() + f"{ROW}\n".encode() * (MAX_ROWS + 1), "The file holds more than 10,000 rows"),
        (b"x" * (MAX_FILE + 1), "The file is larger than 16 MiB: divide it."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(data: bytes, told: str) -> None:
    assert whole_refused("csv", data).startswith(told)


def test_as_many_rows_as_are_taken() -> None:
    lines = [ROW.replace("X-1", f"X-{n}") for n in range(1, MAX_ROWS + 1)]
    assert len(of_csv(*lines)) == MAX_ROWS


# --- JSON


def test_a_list_is_several_matters_each_by_itself() -> None:
    told = [plain(), 7, plain(reference="X-2", force=None), plain(reference="X-3", actor="clerk:c-1")]
    good, no, bad, own = entries("json", json.dumps(told).encode(), BY)
    assert matter(good).actor.id == "folder"
    assert refused(no) == "row 2: is not a mapping of names to values."
    assert (bad.rows, bad.reference) == ((3,), "X-2")
    assert refused(bad).startswith("row 3: force:")
    assert matter(own).actor.role == "clerk"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"reference": "X-1"', "The file is not JSON: line 1, column 20."),
        (b"[]", "The file holds no referral."),
        (b'{"force": "a", "force": "b"}', "The file names a field twice in one mapping."),
        (b'{"force": "\\ud800"}', "The file is not JSON that every reader reads alike."),
        (b'{"force": 1e5000}', "The file is not JSON that every reader reads alike."),
        (b'{"force": NaN}', "The file holds NaN, which is no number of JSON."),
        (b"[" * 100_000, "The file is not JSON that every reader reads alike."),
        (b"[" + b"1," * MAX_ROWS + b"1]", "The file holds more than 10,000 rows: divide it."),
        (b"9" * 5000, "The file is not JSON that every reader reads alike."),
    ],
)
def test_what_is_no_json_is_refused_as_a_whole(data: bytes, told: str) -> None:
    assert whole_refused("json", data) == told


def test_a_role_that_is_none_is_an_answer() -> None:
    (entry,) = entries("json", json.dumps(plain(actor="wizard:w-1")).encode(), BY)
    assert refused(entry) == "row 1: actor: is role:id, as intake:i-1."


@given(st.sampled_from(["json", "csv"]), st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_in_a_file_it_is_answered(kind: str, data: bytes) -> None:
    try:
        for entry in entries(kind, data, BY):
            assert (entry.referral is None) != (entry.refused is None)
    except Malformed as no:
        assert no.sentence.endswith(".")


@given(st.lists(st.sampled_from(["", "x", "1", "2026-03-02", "p-1", "X-1", '"', ";", "\r", "Ä"]), max_size=12))
def test_whatever_is_in_a_row_it_is_answered(cells: list[str]) -> None:
    try:
        for entry in of_csv(ROW, ",".join(cells)):
            assert (entry.referral is None) != (entry.refused is None)
    except Malformed as no:
        assert "quotes" in no.sentence or "stored" in no.sentence

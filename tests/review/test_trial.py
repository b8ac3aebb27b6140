"""Rules tried on a capture over real HTTP: the facts they would give, or every problem with its line."""

from __future__ import annotations

import pytest

from domain.people import Role
from tests.review.office import Office
from tests.review.test_captures import newest
from tests.review.test_source import NAME, kept

PATH = f"/sources/{NAME}/try"


def test_the_entry_as_it_stands_is_tried_as_it_stands(office: Office) -> None:
    client = office.client()
    said = client.get(PATH).text
    assert "under: Processing fee" in said
    tried = client.post(PATH, on=PATH, entry=office.desk.written[NAME], capture=kept(office)[0])
    assert tried.status_code == 200
    assert "5 of 5 located" in tried.text
    assert "CAD 1,150" in tried.text
    assert "now read as" not in tried.text


def test_a_changed_rule_gives_another_value_beside_the_one_in_force(office: Office) -> None:
    entry = office.desk.written[NAME].replace("match: pays (?P<value>\\$[\\d,]+) for each position", "label: pays")
    entry += "      - key: lost\n        kind: money\n        under: No such heading\n"
    said = office.client().post(PATH, on=PATH, entry=entry, capture=kept(office)[-1]).text
    assert "CAD 1,000" in said
    assert "5 of 6 located" in said
    assert "cannot tell" in said
    assert "<code>lost</code>" in said


def test_every_problem_is_told_with_its_line_and_the_nearest_name(office: Office) -> None:
    entry = (
        "id: talent\ntitle: Talent\nurl: https://office.example/\nfacts:\n  - key: fee\n    kind: mony\n    undr: Fee\n"
    )
    answer = office.client().post(PATH, on=PATH, entry=entry, capture=kept(office)[0])
    assert answer.status_code == 422
    for words in ("2 problems in the entry", "line 6", "did you mean money?", "line 7", "did you mean under?"):
        assert words in answer.text
    assert "kind: mony" in answer.text
    french = office.client(**{"accept-language": "fr"}).post(PATH, on=PATH, entry=entry, capture=kept(office)[0])
    assert "ligne 6" in french.text


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "- *x",
        "&a [*a]",
        "[" * 3000 + "]" * 3000,
        "<script>alert(1)</script>",
        "id: !!python/object/apply:os.system [ls]",
        "\x00",
        "a: " * 200,
    ],
)
def test_an_entry_that_is_none_hurts_nothing(office: Office, entry: str) -> None:
    answer = office.client().post(PATH, on=PATH, entry=entry, capture=kept(office)[0])
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_a_capture_of_another_page_is_not_believed_to_be_this_one(office: Office) -> None:
    foreign = newest(office)
    assert foreign not in kept(office)
    said = office.client().post(PATH, on=PATH, entry=office.desk.written[NAME], capture=foreign).text
    assert "This capture is not believed to be the page:" in said
    for unknown in ("", "0" * 64, "zzz"):
        assert office.client().post(PATH, on=PATH, entry=office.desk.written[NAME], capture=unknown).status_code == 404


def test_trying_is_for_reviewers_and_records_nothing(office: Office) -> None:
    viewer = office.client("vi", Role.VIEWER)
    assert viewer.get(PATH).status_code == 403
    before = kept(office)
    office.client().post(PATH, on=PATH, entry=office.desk.written[NAME], capture=before[0])
    assert kept(office) == before

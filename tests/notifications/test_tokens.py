"""Links that speak for a person can be made here and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.tokens import sign, subject_of, unsubscribe_url

KEY, OLD, OTHER = "k" * 32, "o" * 32, "x" * 32


def test_a_token_gives_back_its_subject_and_is_short():
    token = sign("unsubscribe", "1234567", secrets=[KEY])
    assert subject_of("unsubscribe", token, secrets=[KEY]) == "1234567"
    assert len(token) < 40


def test_another_purpose_key_or_subject_is_refused():
    token = sign("unsubscribe", "7", secrets=[KEY])
    assert subject_of("preferences", token, secrets=[KEY]) is None
    assert subject_of("unsubscribe", token, secrets=[OTHER]) is None
    assert subject_of("unsubscribe", token.replace("7.", "8.", 1), secrets=[KEY]) is None


def test_after_a_change_of_key_old_links_work_until_the_old_key_is_taken_away():
    token = sign("unsubscribe", "7", secrets=[OLD])
    assert subject_of("unsubscribe", token, secrets=[KEY, OLD]) == "7"
    assert subject_of("unsubscribe", token, secrets=[KEY]) is None


@given(st.text(st.characters(), max_size=80))
def test_no_made_up_token_is_believed(token):
    assert subject_of("unsubscribe", token, secrets=[KEY]) is None


@given(st.data())
def test_no_changed_token_is_believed(data):
    token = sign("unsubscribe", "7", secrets=[KEY])
    at = data.draw(st.integers(0, len(token) - 1))
    char = data.draw(st.characters())
    changed = token[:at] + char + token[at + 1 :]
    assert changed == token or subject_of("unsubscribe", changed, secrets=[KEY]) is None


@pytest.mark.parametrize("secrets", [["short"], [""]])
def test_a_short_key_is_refused(secrets):
    with pytest.raises(ValueError, match="16"):
        sign("unsubscribe", "7", secrets=secrets)


@pytest.mark.parametrize("subject", ["", "a.b", "a/b", "é", "a\n"])
def test_only_plain_subjects_are_signed(subject):
    with pytest.raises(ValueError, match="plain"):
        sign("unsubscribe", subject, secrets=[KEY])


def test_the_link_stands_under_the_base_address():
    assert unsubscribe_url("https://watch.example/", 7, secrets=[KEY]).startswith(
        "https://watch.example/unsubscribe/7."
    )

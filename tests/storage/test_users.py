"""People, and the secrets that speak for them: sessions, links, tokens, failed tries, and the log of what they did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.people import Deed, Role, Scope, User
from storage.audit import last_act, list_acts, log_act
from storage.sessions import (
    add_link,
    add_token,
    begin_session,
    end_session,
    end_sessions,
    failures_of,
    find_link,
    find_session,
    find_token,
    forget_failures,
    last_seen,
    list_sessions,
    list_tokens,
    note_failure,
    note_session,
    note_token,
    revoke_token,
    use_link,
)
from storage.store import Store
from storage.users import (
    BadName,
    add_user,
    change_preferences,
    change_user,
    count_admins,
    find_external,
    find_user,
    list_users,
    password_of,
    set_external,
    set_password,
)
from tests.storage.builders import NOW, day, dump

IDLE = timedelta(hours=12)
LIFE = timedelta(days=14)


def added(store: Store, name: str = "ana", role: Role = Role.REVIEWER, external: str = "") -> User:
    with store.writing() as connection:
        return add_user(connection, name=name, role=role, now=NOW, external=external)


@pytest.mark.parametrize("spelling", ["ANA", " ana ", "aNa", "\uff21\uff2e\uff21"])
def test_a_name_is_one_person_in_every_spelling(store: Store, spelling: str) -> None:
    ana = added(store)
    with store.reading() as connection:
        assert find_user(connection, spelling) == ana
    with pytest.raises(BadName), store.writing() as connection:
        add_user(connection, name=spelling, role=Role.VIEWER, now=NOW)


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "a\nb", "a\x00", "a\u202eb", "Claimwatch", " ME", "nobody"])
def test_what_is_no_name_is_refused_and_found_nowhere(store: Store, name: str) -> None:
    with pytest.raises(BadName), store.writing() as connection:
        add_user(connection, name=name, role=Role.VIEWER, now=NOW)
    with store.reading() as connection:
        assert find_user(connection, name) is None


def test_the_last_administrator_stays(store: Store) -> None:
    root, other = added(store, "root", Role.ADMIN), added(store, "other", Role.ADMIN)
    with store.writing() as connection:
        change_user(connection, other.id, active=False)
    for change in ({"role": Role.VIEWER}, {"active": False}):
        with pytest.raises(BadName), store.writing() as connection:
            change_user(connection, root.id, **change)  # type: ignore[arg-type]
    with store.reading() as connection:
        assert count_admins(connection) == 1
        assert find_user(connection, "root") == root


def test_an_outside_name_is_one_persons(store: Store) -> None:
    ana, bob = added(store, external="s-1"), added(store, "bob")
    with store.reading() as connection:
        assert find_external(connection, "s-1") == ana
        assert find_external(connection, "") is None
    with pytest.raises(BadName), store.writing() as connection:
        set_external(connection, bob.id, "s-1")
    with pytest.raises(BadName), store.writing() as connection:
        set_external(connection, bob.id, "s" * 256)
    with store.writing() as connection:
        set_external(connection, ana.id, "s-1")
        set_external(connection, ana.id, "")
        set_external(connection, bob.id, "s-1")
        assert [user.external for user in list_users(connection)] == ["", "s-1"]


def test_preferences_and_password_are_kept(store: Store) -> None:
    ana = added(store)
    with store.writing() as connection:
        change_preferences(connection, ana.id, language="fr", timezone="Asia/Tokyo", theme="dark")
        set_password(connection, ana.id, "a hash")
        user = find_user(connection, "ana")
        assert user is not None
        assert (user.language, user.timezone, user.theme, user.has_password) == ("fr", "Asia/Tokyo", "dark", True)
        assert password_of(connection, ana.id) == "a hash"
        assert password_of(connection, 999) == ""


def test_no_secret_is_kept(store: Store) -> None:
    ana = added(store)
    with store.writing() as connection:
        begin_session(connection, secret="session-secret", user=ana.id, now=NOW, lifetime=LIFE)
        add_link(connection, secret="link-secret", user=ana.id, now=NOW, lifetime=LIFE)
        add_token(connection, secret="token-secret", user=ana.id, name="x", scope=Scope.READ, now=NOW)
    assert "secret" not in repr(dump(store))


def test_a_session_ends_by_idling_by_age_by_hand_and_with_its_person(store: Store) -> None:
    ana = added(store)
    added(store, "root", Role.ADMIN)
    with store.writing() as connection:
        session = begin_session(connection, secret="one", user=ana.id, now=NOW, lifetime=LIFE)
        begin_session(connection, secret="two", user=ana.id, now=NOW, lifetime=LIFE)
        assert find_session(connection, "one", now=NOW + IDLE - timedelta(seconds=1), idle=IDLE) is not None
        assert find_session(connection, "one", now=NOW + IDLE, idle=IDLE) is None
        for hours in range(0, 14 * 24, 11):
            note_session(connection, session.digest, now=NOW + timedelta(hours=hours))
        assert find_session(connection, "one", now=NOW + LIFE, idle=IDLE) is None
        assert find_session(connection, "one", now=NOW + LIFE - timedelta(seconds=1), idle=IDLE) is not None
        assert last_seen(connection)[ana.id] == NOW + timedelta(hours=330)
        change_user(connection, ana.id, active=False)
        assert find_session(connection, "one", now=day(13.9), idle=IDLE) is None
        assert not end_session(connection, session.digest, user=999)
        assert end_session(connection, session.digest, user=ana.id)
        assert len(list_sessions(connection, ana.id, now=NOW)) == 1
        assert end_sessions(connection, ana.id) == 1


def test_sessions_that_ran_out_go_when_another_begins(store: Store) -> None:
    ana = added(store)
    with store.writing() as connection:
        begin_session(connection, secret="old", user=ana.id, now=NOW, lifetime=LIFE)
        begin_session(connection, secret="new", user=ana.id, now=NOW + LIFE, lifetime=LIFE)
        assert len(list_sessions(connection, ana.id, now=NOW)) == 1


def test_a_link_works_once_and_a_newer_one_ends_it(store: Store) -> None:
    ana = added(store)
    with store.writing() as connection:
        add_link(connection, secret="one", user=ana.id, now=NOW, lifetime=LIFE)
        add_link(connection, secret="two", user=ana.id, now=NOW, lifetime=LIFE)
        assert find_link(connection, "one", now=NOW) is None
        assert find_link(connection, "two", now=NOW + LIFE) is None
        assert use_link(connection, "two", now=NOW) == ana
        assert use_link(connection, "two", now=NOW) is None


def test_failures_are_told_by_pair_by_place_and_by_name_and_are_forgotten(store: Store) -> None:
    keep = timedelta(hours=1)
    with store.writing() as connection:
        for at, (name, place) in enumerate([("ana", "a"), ("ana", "b"), ("bob", "a"), ("ana", "a")]):
            note_failure(connection, identity=name, place=place, now=NOW + timedelta(minutes=at), keep=keep)
        told = failures_of(connection, identity="ana", place="a", since=NOW - keep)
        assert (told.pair.number, told.place.number, told.name.number) == (2, 3, 3)
        assert told.pair.last == NOW + timedelta(minutes=3)
        forget_failures(connection, identity="ana", place="a")
        told = failures_of(connection, identity="ana", place="a", since=NOW - keep)
        assert (told.pair.number, told.place.number, told.name.number) == (0, 1, 1)
        note_failure(connection, identity="eve", place="z", now=day(1), keep=keep)
        assert failures_of(connection, identity="ana", place="a", since=NOW - keep).name.number == 0


def test_a_token_ends_when_it_is_revoked_runs_out_or_its_person_is_shut_out(store: Store) -> None:
    ana = added(store)
    added(store, "root", Role.ADMIN)
    with store.writing() as connection:
        number = add_token(
            connection, secret="one", user=ana.id, name="n", scope=Scope.DECIDE, now=NOW, expires_at=day(1)
        )
        add_token(connection, secret="two", user=ana.id, name="m", scope=Scope.FEED, now=NOW)
        found = find_token(connection, "one", now=NOW)
        assert found is not None
        assert (found[0].scope, found[1].name) == (Scope.DECIDE, "ana")
        assert find_token(connection, "one", now=day(1)) is None
        note_token(connection, number, now=day(0.5))
        assert [item.last_used_at for item in list_tokens(connection, ana.id)] == [None, day(0.5)]
        assert not revoke_token(connection, number, user=999, now=NOW)
        assert revoke_token(connection, number, user=ana.id, now=NOW)
        assert not revoke_token(connection, number, user=ana.id, now=NOW)
        assert find_token(connection, "one", now=NOW) is None
        assert find_token(connection, "two", now=NOW) is not None
        change_user(connection, ana.id, active=False)
        assert find_token(connection, "two", now=NOW) is None


def test_acts_are_listed_by_person_and_subject_from_where_the_last_page_ended(store: Store) -> None:
    with store.writing() as connection:
        for at in range(10):
            by = "ana" if at % 2 else "bob"
            log_act(connection, by=by, act=Deed.DECIDED, subject=f"flag {at % 3}", at=day(at), detail={"verdict": "x"})
        first = list_acts(connection, by="ana", limit=2)
        assert [act.id for act in first] == [10, 8]
        assert [act.id for act in list_acts(connection, by="ana", before=8, limit=9)] == [6, 4, 2]
        assert [act.id for act in list_acts(connection, by="ana", subject="flag 0", limit=9)] == [10, 4]
        assert last_act(connection, "bob") == day(8)
        assert last_act(connection, "nobody") is None


def test_acts_are_found_by_their_word_also_where_an_older_version_said_it_otherwise(store: Store) -> None:
    with store.writing() as connection:
        for act in (Deed.DECIDED, Deed.UNDID, Deed.DECIDED):
            log_act(connection, by="ana", act=act, at=NOW)
        connection.execute(text("UPDATE audit_log SET act = 'decided a flag' WHERE id = 1"))
        found = list_acts(connection, act=Deed.DECIDED, limit=9)
    assert [(item.id, item.act) for item in found] == [(3, "decided"), (1, "decided")]


def test_what_anybody_types_can_be_kept(store: Store) -> None:
    ana = added(store)
    with store.writing() as connection:
        agent = "a\x00\ud800" * 100
        begin_session(connection, secret="s", user=ana.id, now=NOW, lifetime=LIFE, agent=agent, address="\x00")
        log_act(connection, by="\x00", act=Deed.DECIDED, subject="\ud800", at=NOW, address="\x00")
        note_failure(connection, identity="\x00", place="\ud800", now=NOW, keep=LIFE)
        add_token(connection, secret="\ud800", user=ana.id, name="\x00", scope=Scope.READ, now=NOW)
        assert find_session(connection, "\ud800", now=NOW, idle=IDLE) is None

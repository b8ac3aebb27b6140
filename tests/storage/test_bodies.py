"""Bodies by their content: small, proven, and never believed when damaged."""

from __future__ import annotations

import hashlib
import random
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from domain.errors import StorageError
from storage.bodies import VERSIONS_A_KEYFRAME, keep_body, load_body, verify_bodies
from storage.store import Store
from storage.tables import bodies

WORDS = [f"{start}{middle}{end}" for start in "bdfglmprst" for middle in "aeiou" for end in ("nda", "rth", "lim", "st")]


def law(size: int, seed: int = 1) -> bytes:
    """A long text that looks like prose to a compressor."""
    chance = random.Random(seed)
    sections: list[str] = []
    total = 0
    while total < size:
        section = f"<p>({len(sections)}) {' '.join(chance.choice(WORDS) for _ in range(60))}.</p>\n"
        sections.append(section)
        total += len(section)
    return "".join(sections).encode()


def keep(store: Store, body: bytes, series: str = "law") -> str:
    with store.writing() as connection:
        return keep_body(connection, series=series, body=body)


def load(store: Store, digest: str) -> bytes:
    with store.reading() as connection:
        return load_body(connection, digest)


def keyframes(store: Store) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).where(bodies.c.keyframe.is_(None))).scalar_one()


def cost(store: Store, digest: str) -> int:
    with store.reading() as connection:
        query = select(func.length(bodies.c.data)).where(bodies.c.digest == digest)
        return int(connection.execute(query).scalar_one())


def test_a_body_comes_back_as_it_was_and_is_kept_once(store: Store) -> None:
    body = law(20_000)
    digest = keep(store, body)
    assert digest == hashlib.sha256(body).hexdigest()
    assert keep(store, body) == digest
    assert keep(store, body, series="another") == digest
    assert load(store, digest) == body
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(bodies)).scalar_one() == 1


def test_a_second_version_of_a_long_text_costs_less_than_five_kilobytes(store: Store) -> None:
    first = law(1_400_000)
    middle = len(first) // 2
    second = first[:middle] + b"<p>(9) A fee of 1,100 dollars is payable.</p>\n" + first[middle + 30 :]
    one, two = keep(store, first), keep(store, second)
    assert cost(store, one) > 100_000
    assert cost(store, two) < 5_000
    assert load(store, two) == second


def test_every_thirty_second_version_is_a_keyframe_and_none_rests_on_a_version(store: Store) -> None:
    base = law(8_000)
    digests = [keep(store, base + f"<p>Round {number}</p>".encode()) for number in range(2 * VERSIONS_A_KEYFRAME + 1)]
    assert keyframes(store) == 3
    with store.reading() as connection:
        rows = connection.execute(select(bodies.c.digest, bodies.c.keyframe)).all()
    bearing = {row.keyframe for row in rows} - {None}
    assert bearing <= {row.digest for row in rows if row.keyframe is None}
    assert [load(store, digest) for digest in digests[:2]] == [base + b"<p>Round 0</p>", base + b"<p>Round 1</p>"]


def test_an_error_page_in_between_costs_no_new_keyframe_of_the_page(store: Store) -> None:
    page, blocked = law(30_000), b"<h1>Request refused</h1><p>Reference 0042.</p>" * 20
    keep(store, page)
    keep(store, blocked)
    again = keep(store, page + b"<p>One line more.</p>")
    assert cost(store, again) < 500


def test_a_different_page_in_the_same_series_is_kept_alone(store: Store) -> None:
    keep(store, law(30_000, seed=1))
    other = law(30_000, seed=2)
    assert load(store, keep(store, random.Random(3).randbytes(5_000) + other)).endswith(other)
    assert keyframes(store) == 2


def test_damage_anywhere_in_a_stored_body_is_an_error_and_never_another_body(store: Store) -> None:
    first, second = law(6_000), law(6_000) + b"<p>Amended.</p>"
    digests = [keep(store, first), keep(store, second)]
    for digest, body in zip(digests, (first, second), strict=True):
        with store.reading() as connection:
            data = bytes(connection.execute(select(bodies.c.data).where(bodies.c.digest == digest)).scalar_one())
        for place in range(0, len(data), max(1, len(data) // 40)):
            spoiled = bytearray(data)
            spoiled[place] ^= 0x10
            put(store, digest, bytes(spoiled))
            with suppress(StorageError):
                assert load(store, digest) == body, "a bit that carries nothing"
        put(store, digest, data[: len(data) // 2])
        with pytest.raises(StorageError, match="damaged"):
            load(store, digest)
        put(store, digest, data)


def put(store: Store, digest: str, data: bytes) -> None:
    with store.writing() as connection:
        connection.execute(update(bodies).where(bodies.c.digest == digest).values(data=data))


def test_the_scrub_names_every_damaged_body_and_those_that_rest_on_it(store: Store) -> None:
    base = law(6_000)
    keyframe, version, apart = keep(store, base), keep(store, base + b"<p>More.</p>"), keep(store, b"apart", "other")
    put(store, keyframe, b"no frame at all")
    with store.reading() as connection:
        found = dict(verify_bodies(connection))
    assert found[apart] == ""
    assert "damaged" in found[keyframe]
    assert "damaged" in found[version]


def test_a_scrub_can_be_done_in_stretches(store: Store) -> None:
    digests = sorted(keep(store, f"page {number}".encode()) for number in range(5))
    with store.reading() as connection:
        assert [digest for digest, _ in verify_bodies(connection, limit=2)] == digests[:2]
        assert [digest for digest, _ in verify_bodies(connection, after=digests[1], limit=9)] == digests[2:]


def test_a_body_that_rests_on_a_version_is_damage(store: Store) -> None:
    base = law(6_000)
    keep(store, base)
    one, two = keep(store, base + b"<p>1</p>"), keep(store, base + b"<p>2</p>")
    with store.writing() as connection:
        connection.execute(update(bodies).where(bodies.c.digest == one).values(keyframe=two))
        connection.execute(update(bodies).where(bodies.c.digest == two).values(keyframe=one))
    with pytest.raises(StorageError, match="damaged"):
        load(store, one)


def test_a_keyframe_in_use_cannot_be_deleted(store: Store) -> None:
    base = law(6_000)
    keyframe = keep(store, base)
    keep(store, base + b"<p>More.</p>")
    with pytest.raises(StorageError), store.writing() as connection:
        connection.execute(delete(bodies).where(bodies.c.digest == keyframe))
    assert load(store, keyframe) == base


def test_a_missing_body_is_an_error(store: Store) -> None:
    with pytest.raises(StorageError, match="no body"):
        load(store, "0" * 64)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=st.lists(st.binary(max_size=400), min_size=1, max_size=4))
def test_any_bytes_in_any_order_come_back(sqlite_store: Store, versions: list[bytes]) -> None:
    digests = [keep(sqlite_store, body, series="any") for body in versions]
    assert [load(sqlite_store, digest) for digest in digests] == versions

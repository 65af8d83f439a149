"""A purge is a mark that is newer than what it forgets; marks are bounded and never forget too little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.cache.cache_key import KeyedHash
from gateway.pipeline.cache.invalidation import SKEW_S, InvalidationLog, Tag, Tagger

ONE, OTHER = KeyedHash(b"1" * 32), KeyedHash(b"2" * 32)
TAGS = st.sampled_from([Tag(bytes([number])) for number in range(6)])


def test_answer_asked_for_before_a_purge_is_forgotten_and_one_after_it_is_not() -> None:
    """Order decides, not time: both may happen within the same tick of any clock."""
    invalidations, tag = InvalidationLog(), Tag(b"t")
    before = invalidations.tick()
    invalidations.add(tag, 100.0)
    after = invalidations.tick()

    assert not invalidations.is_current([tag], before)
    assert invalidations.is_current([tag], after)
    assert invalidations.is_current([Tag(b"other")], before)


def test_purge_of_another_gateway_is_compared_by_wall_clock_with_skew() -> None:
    """What another stored is trusted only where its clock is surely behind the purge."""
    invalidations, tag = InvalidationLog(), Tag(b"t")
    invalidations.add(tag, 100.0)

    assert not invalidations.is_current_elsewhere([tag], 100.0 + SKEW_S)
    assert invalidations.is_current_elsewhere([tag], 100.1 + SKEW_S)
    assert invalidations.is_current_elsewhere([Tag(b"other")], 0.0)


@given(st.lists(st.tuples(st.booleans(), TAGS), max_size=60))
def test_marks_that_overflow_forget_more_and_never_less(events: list[tuple[bool, Tag]]) -> None:
    """With room for two tags only, whatever a purge came after is still forgotten."""
    invalidations = InvalidationLog(most=2)
    answers: list[tuple[Tag, int, bool]] = []
    for is_purge, tag in events:
        if is_purge:
            invalidations.add(tag, 1.0)
            answers = [(held, order, purged or held == tag) for held, order, purged in answers]
        else:
            answers.append((tag, invalidations.tick(), False))

    assert len(invalidations) <= 2
    for tag, order, purged in answers:
        if purged:
            assert not invalidations.is_current([tag], order)
    assert invalidations.is_current([Tag(b"t")], invalidations.tick())


def test_version_moves_with_each_mark() -> None:
    """A reader that has looked at this version need not look again."""
    invalidations = InvalidationLog()
    seen = [invalidations.version]
    invalidations.add(Tag(b"t"), 1.0)
    seen.append(invalidations.version)
    invalidations.forget_before(2.0)
    seen.append(invalidations.version)

    assert len(set(seen)) == 3
    assert not invalidations.is_current([], 1)


def test_tags_tell_apart_what_they_name() -> None:
    """Everything, a connector, an operation and a subject are four tags, and no text of one is another's."""
    tagger = Tagger((ONE,))
    tags = [
        *tagger.everything(),
        *tagger.connector("a"),
        *tagger.operation("a", "b"),
        *tagger.subject("a", "b"),
        *tagger.subject("a\0b", ""),
        *tagger.subject("a", "b\0"),
        *tagger.connector("a\0b"),
    ]

    assert len(set(tags)) == len(tags)
    assert {len(tag) for tag in tags} == {16}


def test_while_a_secret_is_rotated_tags_stand_under_both() -> None:
    """A gateway that knows only the old secret and one that writes with the new understand each other's purges."""
    rotating, old, new = Tagger((OTHER, ONE)), Tagger((ONE,)), Tagger((OTHER,))

    assert {*old.subject("a", "b"), *new.subject("a", "b")} == set(rotating.subject("a", "b"))

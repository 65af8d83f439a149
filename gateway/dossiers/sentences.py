"""Answers that portals give as free sentences, told apart by rules that are data.

Both sides are made comparable: case, Unicode form, punctuation, the vowel that carries the tone, and letters of other
alphabets that look like Latin ones do not matter. Which tone it is, and every other diacritic, does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field, field_validator

from gateway.core.settings import Frozen
from gateway.core.vietnamese import folded, with_latin_letters

SentenceKind: TypeAlias = Literal["accepted", "known", "try_again", "final"]
"""accepted: the portal has taken the message; known: it has had the dossier before; try_again: not now; final: it will
never take this message."""

MOST_SAID: Final = 4_000
"""Characters of a sentence that are read; what follows is a stack trace."""
_CLAUSE: Final = re.compile(r"[.,;:!?()\[\]|\n\r\u2028\u2029]+")
_WORD: Final = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_DENIALS: Final = frozenset({"không", "chưa", "chẳng", "ko", "not", "never"})


class SentenceRule(Frozen):
    """One rule: words that a sentence has, in this order and with nothing between, and what it then means."""

    says: str = Field(max_length=500, description="words that the sentence has, in this order")
    kind: SentenceKind = Field(
        description="accepted, known (the portal had the dossier before), try_again, or final (never taken)"
    )

    @field_validator("says")
    @classmethod
    def _has_words(cls, value: str) -> str:
        if not _words(value):
            raise ValueError("has no word")
        return value


def _each_applies(rules: tuple[SentenceRule, ...]) -> tuple[SentenceRule, ...]:
    """*rules*; raises :class:`ValueError` for one that an earlier one hides."""
    read = [(rule, _words(rule.says)) for rule in rules]
    for index, (rule, words) in enumerate(read):
        for earlier, fewer in read[:index]:
            if earlier.kind != rule.kind and _applies(fewer, words, earlier.kind):
                raise ValueError(
                    f"the rule {rule.says!r} never applies, because {earlier.says!r} comes before it and fits the same "
                    "sentences; put the longer rule first"
                )
    return rules


SentenceRules = Annotated[tuple[SentenceRule, ...], AfterValidator(_each_applies), Field(max_length=200)]
"""Rules in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class SentenceTable:
    """Rules, ready to be compared with sentences; the first that fits decides."""

    _rules: tuple[tuple[tuple[str, ...], SentenceKind], ...]

    @staticmethod
    @lru_cache(maxsize=128)
    def of(rules: Sequence[SentenceRule]) -> SentenceTable:
        """The table of *rules*, made once."""
        return SentenceTable(tuple((_words(rule.says), rule.kind) for rule in rules))

    def kind_of(self, said: str | None) -> SentenceKind | None:
        """The meaning of *said*; None where no rule fits, which is never a success.

        A sentence is no proof of acceptance where its clause denies first: ``không thành công`` has ``thành công``.
        """
        if not said:
            return None
        sentence = _words(said[:MOST_SAID])
        return next((kind for words, kind in self._rules if _applies(words, sentence, kind)), None)


def _words(value: str) -> tuple[str, ...]:
    """The words of *value* in comparable form; an empty one ends each clause."""
    found: list[str] = []
    for clause in _CLAUSE.split(with_latin_letters(value)):
        words = _WORD.findall(folded(clause))
        if words and found:
            found.append("")
        found += words
    return tuple(found)


def _applies(words: tuple[str, ...], sentence: tuple[str, ...], kind: SentenceKind) -> bool:
    return any(kind not in {"accepted", "known"} or not _denied(sentence, at) for at in _places(words, sentence))


def _places(words: tuple[str, ...], sentence: tuple[str, ...]) -> Iterator[int]:
    wanted = tuple(filter(None, words))
    for at, word in enumerate(sentence):
        if word != wanted[0]:
            continue
        # Punctuation differs from release to release; only what comes before the words is read clause by clause.
        following = [one for one in sentence[at : at + 2 * len(wanted)] if one][: len(wanted)]
        if tuple(following) == wanted:
            yield at


def _denied(sentence: tuple[str, ...], at: int) -> bool:
    """Whether a word of denial comes before the place *at*, in its clause."""
    for word in reversed(sentence[:at]):
        if not word:
            return False
        if word in _DENIALS:
            return True
    return False

"""Where the shared Redis is: refused in one sentence where it can't be used."""

from __future__ import annotations

from typing import Any, Final

import pytest
from pydantic import ValidationError

from gateway.pipeline.cache.shared.redis_settings import RedisSettings

ANSWER: Final = {"url": "redis://redis:6379/0", "key": "k" * 32}


@pytest.mark.parametrize(
    "url",
    ["redis://redis:6379/0", "rediss://redis/1", "redis://[::1]:6379?db=2", "unix:///run/redis.sock"],
)
def test_addresses_of_redis(url: str) -> None:
    """Plain, TLS and a socket file."""
    assert RedisSettings.model_validate({**ANSWER, "url": url}).url == url


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"url": "http://redis"}, "redis://"),
        ({"url": "redis://user:secret@redis"}, "no credentials"),
        ({"url": "redis://user:sec/ret@redis"}, "no credentials"),
        ({"url": "redis://"}, "redis://HOST:PORT/NUMBER"),
        ({"url": "redis://[::1/0"}, "redis://HOST:PORT/NUMBER"),
        ({"url": "redis://redis:port/0"}, "redis://HOST:PORT/NUMBER"),
        ({"url": "redis://redis:99999/0"}, "redis://HOST:PORT/NUMBER"),
        ({"url": "redis://redis/first"}, "redis://HOST:PORT/NUMBER"),
        ({"url": "redis://redis/0?nope=1"}, "redis://HOST:PORT/NUMBER"),
        ({"key": "short"}, "32 characters"),
        ({"previous_keys": ["short"]}, "32 characters"),
        ({"timeout_s": 5}, "less than or equal to 2"),
        ({"failures": 0}, "greater than or equal to 1"),
        ({"prefix": "Có dấu"}, "pattern"),
        ({"ttl": 1}, "Extra inputs"),
    ],
)
def test_what_can_not_work_is_refused_and_no_secret_is_told(change: dict[str, Any], told: str) -> None:
    """The sentence says what to change, and repeats neither key nor password."""
    with pytest.raises(ValidationError, match=told) as caught:
        RedisSettings.model_validate({**ANSWER, **change})
    assert ANSWER["key"] not in repr([error["msg"] for error in caught.value.errors()])


def test_secrets_are_not_shown() -> None:
    """Neither key nor password stands in the settings' text."""
    found = RedisSettings.model_validate({**ANSWER, "password": "mat-khau"})

    assert "mat-khau" not in repr(found)
    assert "k" * 32 not in repr(found)

"""The ledger of all gateways' quotas, in Redis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from gateway.peers.ledger import PORTION, Grant, LedgerAway, Tally
from gateway.peers.redis_link import LinkAway, RedisLink

KEPT_S: Final = 2 * 86_400
HOLD_S: Final = 10.0
"""After a loss nothing is granted for so long: every gateway asks each second, and says how far the count was. A
gateway on a busy machine may find Redis too late several times before it has said it.
"""
_TAKE: Final = f"""
local kept = redis.call('HMGET', KEYS[1], 't', 'r')
local taken, returned = tonumber(kept[1] or '0'), tonumber(kept[2] or '0')
local wanted, per_day, known = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if known > taken then
  taken, returned = known, tonumber(ARGV[4])
  redis.call('SET', KEYS[2], '1', 'PX', ARGV[5])
end
local used, units = taken - returned, 0
if wanted < 0 then units = -math.min(-wanted, used)
elseif redis.call('EXISTS', KEYS[2]) == 0 then
  units = math.min(wanted, math.ceil(math.max(0, per_day - used) / {PORTION}))
end
if units > 0 then taken = taken + units else returned = returned - units end
redis.call('HSET', KEYS[1], 't', string.format('%d', taken), 'r', string.format('%d', returned))
redis.call('EXPIRE', KEYS[1], {KEPT_S})
return {{units, math.max(0, per_day - taken + returned), taken, returned}}
"""
"""As :func:`gateway.peers.ledger.decide`, once a lost count is put right."""
_SPEND: Final = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local found = {}
for i, key in ipairs(KEYS) do
  local due = math.max(tonumber(redis.call('GET', key) or '0') or 0, now) + tonumber(ARGV[i])
  redis.call('SET', key, string.format('%d', due), 'PX', math.ceil((due - now) / 1000) + 1000)
  found[i] = string.format('%d', due - now)
end
return found
"""


class RedisLedger:
    """See :class:`gateway.peers.ledger.Ledger` and :class:`gateway.peers.caller_rates.RateLedger`."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._tallies: dict[str, tuple[date, Tally]] = {}
        self._late: dict[str, tuple[date, Grant]] = {}

    async def take(self, name: str, day: date, wanted: int, per_day: int) -> Grant:
        """See :meth:`gateway.peers.ledger.Ledger.take`. What was granted too late for the one who asked, the next one
        has, so that it is not lost for the day.
        """
        if wanted > 0 and (kept := self._late.pop(name, None)) is not None and kept[0] == day:
            return kept[1]
        key = b"%bquota:%b" % (self._link.prefix, f"{name}:{day.isoformat()}".encode())
        far = self.tally(name, day) or Tally()
        arguments = (key, key + b":hold", wanted, per_day, far.taken, far.returned, round(HOLD_S * 1000))
        try:
            found = await self._link.ask(
                lambda client: client.eval(_TAKE, 2, *arguments), lambda found: self._keep(name, day, found)
            )
        except LinkAway as error:
            raise LedgerAway(str(error)) from None
        return self._granted(name, day, found)

    def _granted(self, name: str, day: date, found: Sequence[int]) -> Grant:
        units, pool, taken, returned = (int(number) for number in found)
        self.recall(name, day, Tally(taken, returned))
        return Grant(units, pool)

    def _keep(self, name: str, day: date, found: Sequence[int]) -> None:
        grant = self._granted(name, day, found)
        if grant.units > 0:
            self._late[name] = day, grant

    def tally(self, name: str, day: date) -> Tally | None:
        """See :meth:`gateway.peers.ledger.RootLedger.tally`."""
        known = self._tallies.get(name)
        return known[1] if known is not None and known[0] == day else None

    def recall(self, name: str, day: date, tally: Tally) -> None:
        """See :meth:`gateway.peers.ledger.RootLedger.recall`."""
        known = self.tally(name, day) or Tally()
        self._tallies[name] = (day, max(known, tally))

    async def spend(self, seconds: Mapping[str, float]) -> Mapping[str, float]:
        """See :meth:`gateway.peers.caller_rates.RateLedger.spend`."""
        keys = [b"%brate:%b" % (self._link.prefix, caller.encode()) for caller in seconds]
        costs = [round(cost * 1e6) for cost in seconds.values()]
        try:
            found = await self._link.ask(lambda client: client.eval(_SPEND, len(keys), *keys, *costs))
        except LinkAway as error:
            raise LedgerAway(str(error)) from None
        return {caller: int(due) / 1e6 for caller, due in zip(seconds, found, strict=True)}

"""For the tests of those who write connectors: a scripted upstream, and a clock that stands still until it is moved.

Shipped, but nothing of the product imports it, and it imports no test framework::

    from gateway.testing import FakeUpstream

    up = FakeUpstream(NGSP, UpstreamSettings(url="https://register.example"), [sample])
    found = await parcel(query, up)

    assert found is not None
    assert up.rest[0].query == {"maXa": "28270", "soTo": "12", "soThua": "345"}
"""

from gateway.testing.clock import FakeClock, settle
from gateway.testing.upstream import FakeUpstream, InTurn, NotScripted, Said, Script, make_call

__all__ = ["FakeClock", "FakeUpstream", "InTurn", "NotScripted", "Said", "Script", "make_call", "settle"]

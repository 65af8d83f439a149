"""The whole catalogue of metrics, as one gateway with everything configured would have it.

Documentation, alert rules and dashboards are generated from it, and each query in them is held to it.
"""

from __future__ import annotations

from gateway.observe.disk_metrics import watch_disks
from gateway.observe.metrics import Metrics
from gateway.observe.sharing import Workers, watch_link, watch_quota_shares
from gateway.observe.store_metrics import watch_audit, watch_inbox, watch_lanes, watch_store, watch_streams


def whole_catalogue() -> Metrics:
    """Every metric, without any value."""
    metrics = Metrics("0", "0")
    metrics.watch_upstreams(list)
    metrics.watch_cache(lambda: 0, lambda: 0, lambda: 0)
    watch_disks(metrics, dict, dict)
    watch_store(metrics, lambda: True, lambda: 0.0, lambda: 0)
    watch_lanes(metrics, dict, dict, dict, dict, dict)
    watch_inbox(metrics, dict, dict, dict, dict, dict)
    watch_streams(metrics, lambda: 0)
    watch_audit(metrics, lambda: 0, lambda: 0)
    watch_quota_shares(metrics, dict, dict)
    watch_link(metrics, lambda: True)
    metrics.registry.register(Workers(list, list))
    return metrics

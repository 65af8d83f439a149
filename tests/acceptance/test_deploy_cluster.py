"""What ``deploy/`` promises for a cluster and a proxy: objects, sizes and times that fit each other."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from gateway.api.server import IDLE_S
from gateway.core.settings import MIB
from gateway.registry import scan
from tests.acceptance.test_deploy import DEPLOY, manifest, seconds

API: Final = {
    "Deployment": "apps/v1",
    "Service": "v1",
    "PodDisruptionBudget": "policy/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
}


def manifests() -> list[Any]:
    """All Kubernetes objects."""
    return list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8")))


def test_every_object_has_the_version_of_its_kind() -> None:
    """And a name, once for each kind."""
    named = [(one["kind"], one["metadata"]["name"]) for one in manifests()]

    assert {kind for kind, _ in named} == API.keys()
    assert all(one["apiVersion"] == API[one["kind"]] for one in manifests())
    assert len(set(named)) == len(named)


def test_pods_are_spread_over_nodes() -> None:
    """Two on one node would end together; the constraint counts the pods of this deployment."""
    spec = manifest("Deployment")["spec"]["template"]
    spread = spec["spec"]["topologySpreadConstraints"]

    assert {one["topologyKey"]: one["whenUnsatisfiable"] for one in spread} == {
        "kubernetes.io/hostname": "DoNotSchedule",
        "topology.kubernetes.io/zone": "ScheduleAnyway",
    }
    assert all(one["labelSelector"]["matchLabels"] == spec["metadata"]["labels"] for one in spread)


def test_another_configuration_rolls_the_pods() -> None:
    """The annotation is filled by the command of the file's first lines."""
    text = (DEPLOY / "kubernetes.yaml").read_text("utf-8")
    annotations = manifest("Deployment")["spec"]["template"]["metadata"]["annotations"]

    assert annotations == {"checksum/config": "CONFIG_SHA256"}
    assert "s/CONFIG_SHA256/$(sha256sum lgsp.yaml" in text.partition("apiVersion")[0]


def test_policy_and_scrape_name_ports_that_pods_have() -> None:
    """The operator's port is for the monitoring alone, and the scrape finds it by a Service with its label."""
    (container,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}
    policy, scrape = manifest("NetworkPolicy")["spec"], manifest("ServiceMonitor")["spec"]
    (service,) = [one for one in manifests() if one["kind"] == "Service" and one["metadata"]["name"].endswith("-ops")]
    by_port = {rule["ports"][0]["port"]: rule["from"] for rule in policy["ingress"]}

    assert by_port.keys() == ports
    assert [list(one["namespaceSelector"]["matchLabels"].values()) for one in by_port["ops"]] == [["monitoring"]]
    assert policy["podSelector"]["matchLabels"] == manifest("Deployment")["spec"]["selector"]["matchLabels"]
    assert scrape["selector"]["matchLabels"] == service["metadata"]["labels"]
    assert [port["name"] for port in service["spec"]["ports"]] == ["ops"]
    assert [one["port"] for one in scrape["endpoints"]] == ["ops"]


def test_proxy_allows_what_the_gateway_allows() -> None:
    """Its sizes and times are no smaller than the gateway's, and the operator's port is not behind it."""
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    said = dict(re.findall(r"^\s+(\w+) ([^;]+);", text, re.MULTILINE))
    largest = max(op.body_limit for connector in scan().values() for op in connector.operations)

    assert said["client_max_body_size"] == f"{largest // MIB}m"
    assert seconds(re.findall(r"proxy_read_timeout (\w+);", text)[0]) > 120
    assert seconds(said["keepalive_timeout"]) < IDLE_S
    assert said["proxy_next_upstream"] == "error"
    assert said["large_client_header_buffers"] == "4 16k"
    assert set(re.findall(r"server [\d.]+:(\d+)", text)) == {"8080"}
    assert text.count("{") == text.count("}")

"""Who reaches whom by the network policies of `deploy/kubernetes`, as their rules are read."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import yaml
from described import MANIFESTS, pods

Labels = Mapping[str, str]

PODS: dict[str, Labels] = {
    "postgres": {"app": "postgres"},
    "webserver": {"component": "dagster-webserver"},
    "daemon": {"component": "dagster-daemon"},
    "restricted": {"component": "user-deployments", "deployment": "restricted"},
    "public": {"component": "user-deployments", "deployment": "public"},
    "a run of restricted": {"dagster/code-location": "restricted"},
    "a run of public": {"dagster/code-location": "public"},
    **{name: {"app": f"tideline-{name}"} for name, _ in pods()},
}
"""With the labels that the chart and the launcher of runs give them."""
ELSEWHERE = "192.0.2.25"
"""Stands in the manifests for a mail server and for an inbox."""


DESCRIBED: list[Any] = list(yaml.safe_load_all(MANIFESTS.read_text("utf-8")))


def _policies(kind: str, labels: Labels) -> Iterator[Mapping[str, Any]]:
    for one in DESCRIBED:
        spec = one["spec"]
        if one["kind"] != "NetworkPolicy" or kind not in spec["policyTypes"]:
            continue
        if _selects(spec["podSelector"], labels):
            yield spec


def _selects(selector: Mapping[str, Any], labels: Labels) -> bool:
    assert selector.keys() <= {"matchLabels", "matchExpressions"}
    fits = [labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()]
    for one in selector.get("matchExpressions", ()):
        assert one["operator"] in {"In", "NotIn"}
        fits.append((labels.get(one["key"]) in one["values"]) == (one["operator"] == "In"))
    return all(fits)


def _permits(kind: str, own: Labels, other: Labels | str, port: int) -> bool:
    """Whether some policy of a pod lets it talk with another pod here, or with an address."""
    side = "from" if kind == "Ingress" else "to"
    chosen = list(_policies(kind, own))
    assert chosen, "nobody may what is not permitted"
    for rule in (rule for one in chosen for rule in one.get(kind.lower(), ())):
        if port in [one["port"] for one in rule["ports"]] and (
            side not in rule or any(_is_peer(peer, other) for peer in rule[side])
        ):
            return True
    return False


def _is_peer(peer: Mapping[str, Any], other: Labels | str) -> bool:
    if "ipBlock" in peer:
        cidr = peer["ipBlock"]["cidr"]
        return isinstance(other, str) and ip_address(other) in ip_network(cidr)
    here = "namespaceSelector" not in peer
    return here and not isinstance(other, str) and _selects(peer["podSelector"], other)


def _who_reaches(target: str, port: int) -> set[str]:
    return {
        name
        for name, labels in PODS.items()
        if name != target
        and _permits("Egress", labels, PODS[target], port)
        and _permits("Ingress", PODS[target], labels, port)
    }


@pytest.mark.parametrize(
    ("target", "port", "expected"),
    [
        ("postgres", 5432, PODS.keys() - {"postgres"}),
        ("restricted", 4266, {"webserver", "daemon"}),
        ("public", 4266, {"webserver", "daemon"}),
        ("portal", 8600, set()),
        ("audit", 3000, set()),
        ("webserver", 3000, set()),
    ],
)
def test_a_pod_is_reached_by_those_who_ask_it(target: str, port: int, expected: set[str]) -> None:
    assert _who_reaches(target, port) == expected


def test_who_tells_people_and_who_reads_the_inbox_reach_out_and_no_others() -> None:
    who = {name for name, one in PODS.items() if _permits("Egress", one, ELSEWHERE, 587)}
    own = {"remind", "doctor", "lifetimes"}
    assert who == {"restricted", "a run of restricted"} | own


def test_every_claim_that_a_pod_has_is_made() -> None:
    made = {one["metadata"]["name"] for one in DESCRIBED if one["kind"] == "PersistentVolumeClaim"}
    claimed = {
        volume["persistentVolumeClaim"]["claimName"]
        for _, pod in pods()
        for volume in pod["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert claimed == made

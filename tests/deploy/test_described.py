"""What `deploy/` promises, read from its files: by schema, and by rules of our own."""

import ipaddress
import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml
from described import (
    COMPOSE,
    DEPLOY,
    HAND,
    HARDENED,
    MANIFESTS,
    OUTWARD,
    ROOT,
    SYSTEMD,
    VALUES,
    WAYS,
    Started,
    compose,
    pods,
    units,
)

from orchestration.served_processes import KEYS, SECRETS

SCHEMA = Path(__file__).parent / "schemas" / "compose-spec.json"
SERVICES = [
    pytest.param(one, id=f"{way}-{one.name}") for way, read in WAYS.items() for one in read()
]


def test_the_compose_file_is_one_by_its_schema() -> None:
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(compose())


def test_the_schema_refuses_what_is_misspelt() -> None:
    broken = compose()
    broken["services"]["restricted"]["readonly"] = True
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(broken)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_secrets_that_it_reads_and_no_others(service: Started) -> None:
    everything = frozenset().union(*SECRETS.values())
    by_hand = everything - SECRETS["portal"]
    assert service.secrets == (by_hand if service.name == HAND else SECRETS[service.kind])


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_is_told_a_secret_where_it_is_described(service: Started) -> None:
    described = " ".join([*service.words, *service.environment.values()])
    assert "postgresql" not in described
    assert "AGE-SECRET-KEY" not in described
    assert not set(service.environment) & frozenset().union(*SECRETS.values())


CONFIGURATION = {f"{ROOT}/home/home.yaml": False}
DELETES = {
    f"{ROOT}/home": True,
    f"{ROOT}/home-inbox": True,
    f"{ROOT}/home-secrets/admin-addresses": True,
}
SEEN = {
    "restricted": DELETES,
    "lifetimes": DELETES,
    "public": {
        **CONFIGURATION,
        f"{ROOT}/home/study.yaml": False,
        f"{ROOT}/home/study-approvals": False,
        f"{ROOT}/home/public": True,
    },
    "webserver": CONFIGURATION,
    "daemon": CONFIGURATION,
    "audit": CONFIGURATION,
    "portal": {f"{ROOT}/home-inbox": True, f"{ROOT}/pieces": True},
}
"""What each sees of the folder that the home lies in, and whether it may write there. On Kubernetes
the chart's web UI and daemon are given a ConfigMap in place of home.yaml."""


@pytest.mark.parametrize("service", [one for one in SERVICES if one.values[0].kind in SEEN])
def test_a_service_sees_of_the_home_what_it_reads(service: Started) -> None:
    seen = {path: may for path, may in service.mounts.items() if path != ROOT or may}
    assert seen in (SEEN[service.kind], {} if service.chart else SEEN[service.kind])


def test_nobody_has_keys_who_does_not_read_or_look_at_them() -> None:
    for read in WAYS.values():
        assert {one.name for one in read() if one.secrets & KEYS} <= {"restricted", "doctor", HAND}


@pytest.mark.parametrize("name", compose()["services"])
def test_a_container_is_closed(name: str) -> None:
    service = compose()["services"][name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"] == {"core": 0}
    # No swap: as much memory and swap as memory.
    assert service["mem_limit"] == service["memswap_limit"]
    assert {"cpus", "pids_limit"} <= set(service)
    assert re.fullmatch(r"\S+:\d+(\.\d+)+(-\w+)?", service["image"])
    # It answers to the machine alone.
    assert all(one.startswith("127.0.0.1:") for one in service.get("ports", ()))
    if name not in {"lifetimes", HAND}:
        assert service["healthcheck"]["test"][0] == "CMD"


def test_networks_keep_the_portal_and_the_public_side_apart() -> None:
    described = compose()
    services = described["services"]
    inner = {name for name, one in described["networks"].items() if one.get("internal")}

    def meets(name: str) -> set[str]:
        return {
            other
            for other, one in services.items()
            if other != name and set(one["networks"]) & set(services[name]["networks"])
        }

    assert meets("portal") == {"postgres"}
    assert meets("audit") == {"postgres"}
    assert meets("public") == {"postgres", "webserver", "daemon"}
    # Nothing but the web UI and the daemon can ask for a run of the restricted side.
    assert meets("restricted") == {"postgres", "webserver", "daemon", "lifetimes", HAND}
    outward = {name for name, one in services.items() if set(one["networks"]) - inner}
    assert outward == {"webserver", "audit", "portal"}


def test_the_portal_believes_the_gateway_of_the_one_network_that_leads_to_it() -> None:
    described = compose()
    (addresses,) = described["networks"]["front_portal"]["ipam"]["config"]
    words = described["services"]["portal"]["command"]
    assert words[words.index("--proxy") + 1] == addresses["gateway"]
    assert ipaddress.ip_address(addresses["gateway"]) in ipaddress.ip_network(addresses["subnet"])


def test_what_leads_out_is_added_to_those_that_need_it_and_no_others() -> None:
    added = yaml.safe_load(OUTWARD.read_text("utf-8"))
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(added)
    assert added["services"] == {
        name: {"networks": ["outward"]} for name in ("restricted", "lifetimes", HAND)
    }
    assert not set(added["networks"]) & set(compose()["networks"])


@pytest.mark.parametrize("name", units())
def test_a_unit_is_hardened(name: str) -> None:
    settings = {key: values[-1] for key, values in units()[name].items()}
    expected = {
        "User": "tideline",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "LimitCORE": "0",
        "MemorySwapMax": "0",
        "CapabilityBoundingSet": "",
        "UMask": "0077",
    }
    assert {key: settings[key] for key in expected} == expected
    assert re.fullmatch(r"\d+[MG]", settings["MemoryMax"])
    if name not in {"tideline-remind", "tideline-failed@"}:
        assert (settings["IPAddressDeny"], settings["IPAddressAllow"]) == ("any", "localhost")


def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed: nothing asked systemd about the units")
    folder = tmp_path / "units"
    shutil.copytree(SYSTEMD, folder)
    for path in folder.glob("*.service"):
        text = path.read_text("utf-8")
        path.write_text(text.replace("/opt/tideline/bin/tideline", "/bin/true"), "utf-8")
    paths = {"SYSTEMD_UNIT_PATH": f"{folder}:"}
    files = sorted(
        one for one in folder.iterdir() if one.suffix in {".service", ".timer", ".target"}
    )
    done = subprocess.run(
        [tool, "verify", *files], env=paths, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run(
        [tool, "security", "--offline=true", "--threshold=25", *sorted(folder.glob("*.service"))],
        env=paths,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_timer_starts_a_unit_that_is_there() -> None:
    assert {path.stem for path in SYSTEMD.glob("*.timer")} == {
        path.stem
        for path in SYSTEMD.glob("*[!@].service")
        if "Type=oneshot" in path.read_text("utf-8")
    }


def test_somebody_is_told_where_what_a_timer_starts_fails() -> None:
    assert (SYSTEMD / "tideline-failed@.service").is_file()
    for path in SYSTEMD.glob("*.timer"):
        service = path.with_suffix(".service").read_text("utf-8")
        assert "OnFailure=tideline-failed@%N.service\n" in service.split("[Service]")[0]


SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
}


def test_every_pod_is_closed() -> None:
    values = yaml.safe_load(VALUES.read_text("utf-8"))
    deployments = values["dagster-user-deployments"]["deployments"]
    chart = [values["dagsterWebserver"], values["dagsterDaemon"], *deployments]
    for pod in chart:
        assert pod["securityContext"] == SECURITY
        assert pod["podSecurityContext"]["runAsUser"] == 10001
        assert {"requests", "limits"} == set(pod["resources"])
        for one in pod.get("initContainers", ()):
            assert one["securityContext"] == SECURITY
    for _, pod in pods():
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsUser"] == 10001
        for one in [*pod["containers"], *pod.get("initContainers", ())]:
            assert one["securityContext"] == SECURITY
            assert {"requests", "limits"} == set(one["resources"])


def test_a_run_on_kubernetes_gets_what_its_location_gets() -> None:
    values = yaml.safe_load(VALUES.read_text("utf-8"))
    for one in values["dagster-user-deployments"]["deployments"]:
        assert one["includeConfigInLaunchedRuns"] == {"enabled": True}
    # For all runs alike nothing is given, or the public location's would have it.
    launcher = yaml.safe_load((DEPLOY / "kubernetes" / "run-launcher.yaml").read_text("utf-8"))
    config = launcher["run_launcher"]["config"]
    assert not {"env_secrets", "env_vars", "volumes", "volume_mounts"} & set(config)
    container = config["run_k8s_config"]["container_config"]
    assert container["security_context"]["read_only_root_filesystem"] is True
    everywhere = values["runLauncher"]["config"]["k8sRunLauncher"]
    assert everywhere["envSecrets"] == everywhere["volumes"] == []


CHART = {
    "": {
        *("dagsterWebserver", "dagster-user-deployments", "postgresql", "rabbitmq", "redis"),
        *("generatePostgresqlPasswordSecret", "generateCeleryConfigSecret", "flower", "ingress"),
        *("runLauncher", "dagsterDaemon", "telemetry", "serviceAccount", "global", "rbacEnabled"),
    },
    "dagsterWebserver": {
        *("replicaCount", "image", "nameOverride", "enableReadOnly", "service", "workspace", "env"),
        *("envSecrets", "podSecurityContext", "securityContext", "resources", "volumeMounts"),
        "volumes",
    },
    "dagsterDaemon": {
        *("enabled", "image", "env", "envSecrets", "runCoordinator", "podSecurityContext"),
        *("securityContext", "resources", "volumeMounts", "volumes"),
    },
    "deployment": {
        *("name", "image", "port", "dagsterApiGrpcArgs", "includeConfigInLaunchedRuns", "env"),
        *("envSecrets", "podSecurityContext", "securityContext", "resources", "volumeMounts"),
        *("volumes", "initContainers"),
    },
}
"""Keys that the chart knows, read in its sources (dagster-io/dagster, helm/dagster/schema and
helm/dagster/templates): its schema, of which 100 kB are Kubernetes' own, is not in this tree."""


def test_the_values_name_nothing_that_the_chart_does_not_know() -> None:
    values = yaml.safe_load(VALUES.read_text("utf-8"))
    assert set(values) <= CHART[""]
    for name in ("dagsterWebserver", "dagsterDaemon"):
        assert set(values[name]) <= CHART[name]
    for one in values["dagster-user-deployments"]["deployments"]:
        assert set(one) <= CHART["deployment"]
        assert set(one["image"]) == {"repository", "tag", "pullPolicy"}


def test_the_image_is_pinned_has_a_user_and_no_secret() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    words = [line.split() for line in text.splitlines() if line and line[0].isupper()]
    images = [line[1] for line in words if line[0] == "FROM"]
    assert len(images) == 2
    for image in images:
        assert re.fullmatch(r"docker\.io/library/python:3\.11\.\d+-slim-bookworm", image)
    last = words[[line[0] for line in words].index("FROM", 1) :]
    assert [line[1] for line in last if line[0] == "USER"] == ["10001:10001"]
    assert last[-1][0] == "CMD"
    assert "ENTRYPOINT" not in [line[0] for line in words]
    assert "--constraint constraints.txt" in text
    for line in words:
        if line[0] in {"ENV", "ARG"}:
            assert not re.search(r"KEY|PASSWORD|TOKEN|IDENTITY|_URL", " ".join(line)), line
    # Only the program goes into the build, so a file of secrets beside it can't.
    ignored = (DEPLOY.parent / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[1] == "*"
    copied = {
        one
        for line in words
        if line[0] == "COPY" and "--from=build" not in line
        for one in line[1:-1]
    }
    assert copied == {one[1:] for one in ignored if one.startswith("!")}


@pytest.mark.parametrize("file", [COMPOSE, VALUES, MANIFESTS, HARDENED])
def test_no_file_holds_a_secret(file: Path) -> None:
    assert not re.search(
        r"://[^@\s]+:[^@\s]+@|AGE-SECRET-KEY-|PRIVATE KEY", file.read_text("utf-8")
    )

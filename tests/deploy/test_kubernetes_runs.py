"""A run on Kubernetes: the Job that the launcher asks for is executed here as the process it names.

No cluster runs here. A server on the loopback takes the place of its API, and starts what a Job's
container would: its arguments, its variables, and those of the Secrets that it names.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._cli.job import _create_run
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from described import DEPLOY, VALUES
from listening import free_ports, serves_code

from orchestration.cli.session import Session
from orchestration.instance_files import instance_template
from orchestration.served_processes import Address, Process, code_server, workspace
from resources.base.runs.run_locks import holders
from resources.wiring.commands import instance_configuration

pytest.importorskip("dagster_k8s", reason="the extra kubernetes is not installed")
pytestmark = pytest.mark.slow

PATIENCE = 300


@dataclass
class Cluster:
    """What has the place of the cluster's API.

    Attributes:
        secrets: the variables of each Secret.
        jobs: what was asked for.
        pods: what was started for it.
        may_start: held until a node has room for pods.
    """

    secrets: dict[str, dict[str, str]]
    jobs: list[dict[str, Any]] = field(default_factory=list)
    pods: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    may_start: threading.Event = field(default_factory=threading.Event)

    def take(self, job: dict[str, Any]) -> None:
        self.jobs.append(job)
        threading.Thread(target=self._start, args=(job,)).start()

    def _start(self, job: dict[str, Any]) -> None:
        assert self.may_start.wait(PATIENCE)
        (container,) = job["spec"]["template"]["spec"]["containers"]
        given = {one["name"]: one["value"] for one in container["env"] if "value" in one}
        for one in container["envFrom"]:
            given |= self.secrets[one["secretRef"]["name"]]
        kept = {
            name: one
            for name, one in os.environ.items()
            if not name.startswith(("TIDELINE_", "DAGSTER_"))
        }
        words = [sys.executable, "-m", *container["args"]]
        self.pods.append(subprocess.Popen(words, env={**kept, **given}))


def _handler(cluster: Cluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/apis/batch/v1/namespaces/tideline/jobs"
            job = json.loads(self.rfile.read(int(self.headers["content-length"])))
            cluster.take(job)
            answer = json.dumps(job).encode()
            self.send_response(201)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    return Handler


@pytest.fixture
def cluster(session: Session, tmp_path: Path) -> Iterator[Cluster]:
    """Its Secrets hold what a run of the home needs; the database is one login's here."""
    given = session.environment()
    dagsters = {name: given[name] for name in given if not name.startswith("TIDELINE_")}
    made = Cluster(
        {
            "tideline-restricted-login": {"TIDELINE_PG_URL": given["TIDELINE_PG_URL"]},
            "tideline-public-login": {},
            "tideline-dagster-login": dagsters,
            "tideline-keys": {},
        }
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{server.server_port}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": at}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "nobody"}}],
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config), "utf-8")
    yield made
    made.may_start.set()
    server.shutdown()
    server.server_close()
    for one in made.pods:
        one.kill()
        one.wait()


def _container_context(name: str, home: Path) -> str:
    """As the chart gives it to a code server of its values (`k8sContainerContext`)."""
    deployments = yaml.safe_load(VALUES.read_text("utf-8"))["dagster-user-deployments"]
    (one,) = [one for one in deployments["deployments"] if one["name"] == name]
    variables = {each["name"]: each["value"] for each in one["env"]} | {"TIDELINE_HOME": str(home)}
    del variables["DAGSTER_HOME"]
    given = {
        "env_secrets": [each["name"] for each in one["envSecrets"]],
        "env_vars": [f"{key}={value}" for key, value in variables.items()],
        "volumes": one["volumes"],
        "volume_mounts": one["volumeMounts"],
        "resources": one["resources"],
    }
    return json.dumps({"k8s": given})


@pytest.fixture
def instance(
    session: Session, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """That of `tideline serve instance --with run-launcher.yaml`, but for where the API is."""
    own = yaml.safe_load((DEPLOY / "kubernetes" / "run-launcher.yaml").read_text("utf-8"))
    where = own["run_launcher"]["config"]
    where |= {"load_incluster_config": False, "kubeconfig_file": str(tmp_path / "kubeconfig")}
    configuration = yaml.safe_load(instance_configuration(instance_template(), session.home))
    folder = tmp_path / "instance"
    folder.mkdir()
    (folder / "dagster.yaml").write_text(yaml.safe_dump({**configuration, **own}), "utf-8")
    for name, value in session.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    monkeypatch.setenv("DAGSTER_K8S_NAMESPACE", "tideline")
    with dg.DagsterInstance.from_config(str(folder)) as made:
        yield made


@pytest.fixture
def launch(session: Session, instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Any]:
    """Launches a job of the restricted location, whose code server runs."""
    port = free_ports(["restricted"])["restricted"]
    command = code_server(Process.RESTRICTED, "127.0.0.1", port)
    image = {"DAGSTER_CURRENT_IMAGE": "tideline:0.1.0"}
    given = _container_context("restricted", session.home.root)
    context = {"DAGSTER_CLI_API_GRPC_CONTAINER_CONTEXT": given}
    server = subprocess.Popen(command, env={**os.environ, **image, **context})
    file = tmp_path / "workspace.yaml"
    file.write_text(workspace({"restricted": Address("127.0.0.1", port)}), "utf-8")

    def launched(job: str) -> str:
        until = time.monotonic() + PATIENCE
        while not serves_code(port):
            assert server.poll() is None
            assert time.monotonic() < until
            time.sleep(0.25)
        with WorkspaceProcessContext(instance, WorkspaceFileTarget([str(file)])) as process:
            request = process.create_request_context()
            location = request.get_code_location("restricted")
            (repository,) = location.get_repositories().values()
            run = _create_run(
                instance, location, repository, repository.get_full_job(job), {}, None, None, None
            )
            instance.launch_run(run.run_id, request)
            return run.run_id

    yield launched
    server.terminate()
    server.wait(60)


def test_a_run_becomes_a_closed_job_with_what_its_location_has(
    session: Session, instance: dg.DagsterInstance, cluster: Cluster, launch: Any
) -> None:
    run_id = launch("lifetimes")
    storage: Any = instance.run_storage
    # No node has room yet; the run is nobody's to declare dead.
    with storage.connect() as connection:
        assert holders(connection, [run_id]) == {run_id: 1}
    (job,) = cluster.jobs
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["automountServiceAccountToken"] is False
    assert pod["serviceAccountName"] == "tideline"
    assert {one["secretRef"]["name"] for one in container["envFrom"]} == set(cluster.secrets)
    places = {one["mountPath"] for one in container["volumeMounts"]}
    assert {"/srv/tideline/home", "/srv/tideline/home-inbox", "/tmp"} <= places

    cluster.may_start.set()
    until = time.monotonic() + PATIENCE
    while not (run := instance.get_run_by_id(run_id)) or not run.is_finished:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert run.status is dg.DagsterRunStatus.SUCCESS
    while True:
        with storage.connect() as connection:
            if not holders(connection, [run_id]):
                break
        assert time.monotonic() < until
        time.sleep(0.2)

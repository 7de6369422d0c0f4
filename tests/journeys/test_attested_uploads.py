"""Attestations from end to end (PEP 740): sent by twine and uv in a run of GitHub Actions, verified, served, verified again."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypi_attestations import Provenance
from sigstore.models import TrustedRoot
from sigstore.verify import Verifier

from tests.attestations.samples import GITHUB as REAL
from tests.attestations.signing import Sigstore
from tests.journeys.attesting import GITHUB, SLSA, at_github, attest, beside, widened_trust_root
from tests.journeys.publishing_clients import Wheel, fresh_name, wheel
from tests.journeys.trusted_site import Site, running_site, succeeded
from tests.support.clients import pip_install, run, said, uv_install
from tests.support.openid.provider import Provider, running_provider
from tests.support.publishing import fields_of
from tests.support.runs import Run

pytestmark = pytest.mark.journey

MEBIBYTE = 1024**2
JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, slots=True)
class Attested:
    """The site, who signs, and a provider whose tokens are those of GitHub: the site has its keys under that name."""

    site: Site
    sigstore: Sigstore
    trust_root: Path
    provider: Provider

    def publisher(self, name: str) -> Run:
        """A run that may publish the project of this name."""
        self.site.console("keep_keys", issuer=GITHUB, jwks=self.provider.keys())
        run = at_github(name)
        self.site.trusts(run, self.provider, project=name)
        return run

    def listed(self, file: Wheel) -> Mapping[str, Any]:
        """What the index says of a file."""
        with self.site.http() as client:
            page = client.get(f"/simple/{file.name}/", headers={"Accept": JSON}).json()
        [entry] = (entry for entry in page["files"] if entry["filename"] == file.path.name)
        return dict(entry)

    def served(self, file: Wheel) -> str:
        """The provenance document, from where the index says it is."""
        with self.site.http() as client:
            answer = client.get(self.listed(file)["provenance"])
        assert answer.status_code == 200
        return answer.text


@pytest.fixture(scope="module")
def attested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attested]:
    folder = tmp_path_factory.mktemp("attested")
    sigstore = Sigstore()
    trust_root = widened_trust_root(sigstore, folder)
    with running_provider(folder) as provider, running_site(folder) as site:
        installed = site.server.run("trust-root", "update", str(trust_root))
        assert installed.returncode == 0, installed.stderr
        yield Attested(site, sigstore, trust_root, provider)


@pytest.mark.parametrize("client", ["twine", "uv"])
def test_attestations_are_verified_kept_and_served(client: str, attested: Attested, tmp_path: Path) -> None:
    name = fresh_name()
    publisher, file = attested.publisher(name), wheel(tmp_path, name)
    attestation = attest(attested.sigstore, file)
    path, site = beside(file.path, attestation), attested.site
    publish = site.by_uv if client == "uv" else site.by_twine
    assert succeeded(publish(file, path, provider=attested.provider, run=publisher))

    assert attested.listed(file)["provenance"].startswith(f"{site.server.base_url}/integrity/{name}/1.0/")
    [bundle] = json.loads(attested.served(file))["attestation_bundles"]
    assert bundle["attestations"] == [attestation]
    assert bundle["publisher"]["repository"] == f"acme/{name}"
    assert_verifies(attested, file)
    assert site.console("file", filename=file.path.name)["attested"] is True


def assert_verifies(attested: Attested, file: Wheel) -> None:
    """What is served names its publisher, and sigstore agrees that this one has signed these bytes."""
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(attested.trust_root)))
    for bundle in Provenance.model_validate_json(attested.served(file)).attestation_bundles:
        for attestation in bundle.attestations:
            policy = bundle.publisher._as_policy()
            _kind, payload = verifier.verify_dsse(attestation.to_bundle(), policy)
            [subject] = json.loads(payload)["subject"]
            assert subject == {
                "name": file.path.name,
                "digest": {"sha256": attested.listed(file)["hashes"]["sha256"]},
            }


def test_a_release_really_attested_on_github_passes_the_tool_of_its_readers(
    attested: Attested, tmp_path: Path
) -> None:
    path = tmp_path / REAL.filename
    path.write_bytes(REAL.path.read_bytes())
    file = Wheel(path, "pypi-attestations", "0.0.19")
    attestations = [
        beside(path, each, kind=kind) for each, kind in zip(REAL.objects(), ("publish", "slsa"), strict=True)
    ]
    publisher = attested.publisher(file.name)
    theirs = str(REAL.publisher["repository"])
    owner, _, repository = theirs.partition("/")
    workflow = f"{theirs}/.github/workflows/release.yml@refs/tags/v0.0.19"
    said_by_github = {
        "repository": theirs, "repository_owner": owner, "job_workflow_ref": workflow, "ref": "refs/tags/v0.0.19",
    }  # fmt: skip
    publisher = Run("github", {**publisher.claims, **said_by_github}, publisher.wanted)
    attested.site.console(
        "publisher", username="alice", project=file.name, issuer=GITHUB,
        wanted={"owner": owner, "repository": repository, "workflow": "release.yml"},
    )  # fmt: skip
    assert succeeded(attested.site.by_twine(file, *attestations, provider=attested.provider, run=publisher))

    (tmp_path / "provenance.json").write_text(attested.served(file))
    read = run([sys.executable, "-c", _READER, "provenance.json", path], cwd=tmp_path, HOME=str(tmp_path))
    assert read.returncode == 0, read.stderr
    assert read.stdout.split() == [f"GitHub:{theirs}"] * 2


_READER = """
import sys
from pathlib import Path
from pypi_attestations import Distribution, Provenance
for bundle in Provenance.model_validate_json(Path(sys.argv[1]).read_text()).attestation_bundles:
    for attestation in bundle.attestations:
        attestation.verify(bundle.publisher, Distribution.from_file(Path(sys.argv[2])), offline=True)
        print(f"{bundle.publisher.kind}:{bundle.publisher.repository}")
"""


@pytest.mark.parametrize("install", [pip_install, uv_install])
def test_attested_releases_are_installed_as_all_others(
    install: Callable[..., Path], attested: Attested, tmp_path: Path
) -> None:
    name = fresh_name()
    publisher, file = attested.publisher(name), wheel(tmp_path, name)
    path = beside(file.path, attest(attested.sigstore, file))
    assert succeeded(attested.site.by_uv(file, path, provider=attested.provider, run=publisher))
    assert attested.listed(file)["provenance"]
    trust = attested.site.trust
    python = install(attested.site.server.base_url, name, folder=tmp_path / "installed", env=trust)
    module = file.path.name.partition("-")[0]
    assert run([python, "-c", f"import {module}"], cwd=tmp_path).returncode == 0


Forge = Callable[[Sigstore, Wheel], object]

FORGED: Mapping[str, tuple[Forge, str]] = {
    "of other bytes": (lambda own, file: attest(own, file, sha256="0" * 64), "attestation_subject"),
    "of another file name": (
        lambda own, file: attest(own, file, name="other-1.0-py3-none-any.whl"),
        "attestation_subject",
    ),
    "of another version": (
        lambda own, file: attest(own, file, name=file.path.name.replace("1.0", "1.1")),
        "attestation_subject",
    ),
    "by another repository": (lambda own, file: attest(own, file, repository="evil"), "attestation_identity"),
    "of an unknown kind": (
        lambda own, file: attest(own, file, predicate="https://example.org/v1"),
        "attestation_predicate",
    ),
    "under an authority that nobody knows": (
        lambda _own, file: attest(Sigstore(), file),
        "attestation_invalid",
    ),
    "that says something else than was signed": (
        lambda own, file: {
            **attest(own, file),
            "envelope": attest(own, file, predicate=SLSA)["envelope"],
        },
        "attestation_invalid",
    ),
    "that is none": (lambda _own, _file: {"version": 1}, "attestation_malformed"),
}


@pytest.mark.parametrize("forged", FORGED)
def test_an_upload_with_an_attestation_that_fails_publishes_nothing(
    forged: str, attested: Attested, tmp_path: Path
) -> None:
    # TP-32
    forge, code = FORGED[forged]
    name = fresh_name()
    publisher, file = attested.publisher(name), wheel(tmp_path, name)
    token = attested.site.token(attested.provider, publisher)
    attestation = forge(attested.sigstore, file)
    assert_refused(attested.site, file, token=token, field=json.dumps([attestation]), code=code)
    assert_told(attested.site, file, beside(file.path, attestation), token=token)


def test_two_attestations_of_one_kind_publish_nothing(attested: Attested, tmp_path: Path) -> None:
    # TP-32
    name = fresh_name()
    publisher, file = attested.publisher(name), wheel(tmp_path, name)
    token = attested.site.token(attested.provider, publisher)
    twice = [attest(attested.sigstore, file) for _ in range(2)]
    assert_refused(attested.site, file, token=token, field=json.dumps(twice), code="attestation_repeated")
    written = [beside(file.path, each, kind=kind) for each, kind in zip(twice, "ab", strict=True)]
    assert_told(attested.site, file, *written, token=token)


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("[]", "attestation_empty"),
        ("{}", "attestation_malformed"),
        ("[", "attestation_malformed"),
        (json.dumps([{}] * 5), "attestation_too_large"),
        (json.dumps([{"version": "1" * 200_000}]), "attestation_malformed"),  # as long as one may be
        (json.dumps(["x" * 10 * MEBIBYTE]), "form_too_large"),
    ],
    ids=["empty", "object", "torn", "many", "long", "ten megabytes"],
)
def test_what_is_no_list_of_attestations_publishes_nothing(
    field: str, code: str, attested: Attested, tmp_path: Path
) -> None:
    # TP-32
    name = fresh_name()
    publisher, file = attested.publisher(name), wheel(tmp_path, name)
    token = attested.site.token(attested.provider, publisher)
    assert_refused(attested.site, file, token=token, field=field, code=code)


def test_attestations_with_a_token_of_a_person_publish_nothing(attested: Attested, tmp_path: Path) -> None:
    # TP-32
    name = fresh_name()
    file, token = wheel(tmp_path, name), attested.site.console.token(name=name)
    attestation = attest(attested.sigstore, file)
    field = json.dumps([attestation])
    assert_refused(attested.site, file, token=token, field=field, code="attestation_unexpected")
    assert_told(attested.site, file, beside(file.path, attestation), token=token)
    with attested.site.http() as client:
        assert client.get(f"/simple/{name}/").status_code == 404


def test_the_same_upload_passes_once_its_attestation_is_right(attested: Attested, tmp_path: Path) -> None:
    name = fresh_name()
    publisher, file = attested.publisher(name), wheel(tmp_path, name)
    token = attested.site.token(attested.provider, publisher)
    wrong, right = attest(Sigstore(), file), attest(attested.sigstore, file)
    assert_refused(attested.site, file, token=token, field=json.dumps([wrong]), code="attestation_invalid")
    assert send(attested.site, file, token=token, field=json.dumps([right])).status_code == 200
    assert_verifies(attested, file)


def assert_refused(site: Site, file: Wheel, *, token: str, field: str, code: str) -> None:
    """Refused for just this reason, and nothing of it is left: no row, no name taken, no blob."""
    before = site.console.counts()
    answer = send(site, file, token=token, field=field)
    assert (answer.status_code // 100, answer.headers["strongroom-refusal"]) == (4, code), answer.text
    assert site.console.counts() == before


def assert_told(site: Site, file: Wheel, *attestations: Path, token: str) -> None:
    """What twine prints of the refusal says that it is the attestation; nothing is left of this upload either."""
    before = site.console.counts()
    refused = site.with_token(file, token, *attestations)
    assert refused.returncode != 0
    assert "attest" in said(refused).partition("Response from")[2].lower()
    assert site.console.counts() == before


def send(site: Site, file: Wheel, *, token: str, field: str) -> httpx.Response:
    """The upload as tools make it, with this text as its attestations."""
    fields = fields_of(file.path, name=file.name, version=file.version) | {"attestations": field}
    with site.http() as client, file.path.open("rb") as content:
        return client.post(
            "/legacy/",
            data=fields,
            files={"content": (file.path.name, content, "application/octet-stream")},
            auth=("__token__", token),
        )

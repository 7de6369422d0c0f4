"""A site over HTTPS with a project that an identity of a real OpenID provider may publish, and the clients that do."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from twine.utils import DEFAULT_REPOSITORY

from tests.journeys.publishing_clients import Wheel
from tests.support.clients import said, twine_upload, uv_publish
from tests.support.console import Console, console_of
from tests.support.detour import detour
from tests.support.openid.provider import Provider
from tests.support.patience import SECONDS
from tests.support.publishing import add_person
from tests.support.runs import Run, environment_of
from tests.support.server import Server, running_server
from tests.support.tls import Certificate, certificate

Done = subprocess.CompletedProcess[str]

PUBLIC_INDEX = f"https://{urlsplit(DEFAULT_REPOSITORY).hostname}"
"""The one index for which ``twine`` exchanges identity tokens by itself."""


@dataclass(frozen=True, slots=True)
class Site:
    """The server, its console, and whom its clients trust."""

    server: Server
    console: Console
    certificate: Certificate

    @property
    def audience(self) -> str:
        """What identity tokens for it say they are for."""
        return self.server.base_url

    def http(self) -> httpx.Client:
        """A client of a kind that knows nothing of publishing."""
        return httpx.Client(
            base_url=self.server.base_url, verify=self.server.verify, trust_env=False, timeout=SECONDS
        )

    def trusts(self, run: Run, provider: Provider, *, project: str) -> int:
        """Make the project and add the publisher, as its owner alice; returns the publisher's id."""
        issuer = run.claims.get("iss", provider.issuer)
        self.console("project", username="alice", name=project)
        added = self.console("publisher", username="alice", project=project, issuer=issuer, wanted=run.wanted)
        return int(added)

    def mint(self, identity: str, **asked: Any) -> httpx.Response:
        """Post an identity token, as every tool does."""
        with self.http() as client:
            return client.post("/_/oidc/mint-token", json={"token": identity, **asked})

    def token(self, provider: Provider, run: Run, **asked: Any) -> str:
        """A token for a fresh identity token of this run."""
        answer = self.mint(provider.token(audience=self.audience, **run.claims), **asked)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def refusal(self, identity: str) -> str:
        """The code with which an identity token is refused, after which nothing is left of the exchange."""
        before = self.console.counts()
        answer = self.mint(identity)
        assert answer.status_code // 100 == 4, answer.text
        assert self.console.counts() == before
        return answer.headers["strongroom-refusal"]

    def by_uv(self, file: Wheel, *attestations: Path, provider: Provider, run: Run) -> Done:
        """``uv publish --trusted-publishing always`` in the run."""
        with self._inside(run, provider) as env:
            return uv_publish(self.server.base_url, file.path, *attestations, env=env)

    def by_twine(self, file: Wheel, *attestations: Path, provider: Provider, run: Run) -> Done:
        """``twine upload`` in the run; as it asks no other index, the public one's name leads to this site."""
        with self._inside(run, provider) as env, detour(self.server.port) as proxy:
            return twine_upload(
                PUBLIC_INDEX,
                file.path,
                *attestations,
                options=_options(attestations),
                env={**env, "HTTPS_PROXY": proxy},
            )

    def with_token(self, file: Wheel, token: str, *attestations: Path) -> Done:
        """``twine upload`` with a token that somebody has got."""
        return twine_upload(
            self.server.base_url,
            file.path,
            *attestations,
            password=token,
            options=_options(attestations),
            env=self.trust,
        )

    @contextmanager
    def _inside(self, run: Run, provider: Provider) -> Iterator[Mapping[str, str]]:
        with environment_of(run, provider, audience=self.audience) as variables:
            yield {**self.trust, **variables}

    @property
    def trust(self) -> dict[str, str]:
        """By which variables clients find the authority of the site's certificate."""
        authority = str(self.certificate.authority)
        return {"SSL_CERT_FILE": authority, "REQUESTS_CA_BUNDLE": authority}


def _options(attestations: Sequence[Path]) -> list[str]:
    return ["--verbose", *(["--attestations"] if attestations else [])]


def succeeded(done: Done) -> bool:
    """Whether a client did; shows what it said where it did not."""
    assert done.returncode == 0, said(done)
    return True


@contextmanager
def running_site(folder: Path, **how: Any) -> Iterator[Site]:
    """A site with the account alice, until the block ends; ``how`` as ``running_server`` takes it."""
    own = certificate(folder / "tls", "localhost", PUBLIC_INDEX.removeprefix("https://"))
    with running_server(folder / "data", certificate=own, **how) as server, console_of(server) as console:
        add_person(server)
        yield Site(server, console, own)

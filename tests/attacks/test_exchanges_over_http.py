"""Many requests at the same moment, to a server of four workers, with what is good for one: an identity token, a single-use token."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.artifacts.building import build_wheel
from tests.support.console import Console, console_of
from tests.support.openid.provider import Provider, running_provider
from tests.support.patience import SECONDS
from tests.support.publishing import add_person, listed, upload
from tests.support.runs import in_github
from tests.support.server import Server, running_server

pytestmark = pytest.mark.slow

EXCHANGES = 32
UPLOADS = 64
RUN = in_github("widget")
Answers = list[httpx.Response]


@pytest.fixture
def server(tmp_path: Path, fresh_database_url: str | None) -> Iterator[Server]:
    """A server of four workers, on the database that the run is about."""
    env = {"STRONGROOM_SERVER__WORKERS": "4"}
    with running_server(tmp_path / "data", database_url=fresh_database_url, env=env) as running:
        add_person(running)
        yield running


@pytest.fixture
def console(server: Server) -> Iterator[Console]:
    with console_of(server) as console:
        yield console


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture
def trusted(console: Console, provider: Provider) -> None:
    """The project widget, which the run may publish."""
    console("issuer", url=provider.issuer, kind="github")
    console("project", username="alice", name="widget")
    console("publisher", username="alice", project="widget", issuer=provider.issuer, wanted=RUN.wanted)


def at_once(calls: Sequence[Callable[[], httpx.Response]]) -> Answers:
    """Their answers, in order; all of them start at the same moment, on connections of their own."""
    lined_up = threading.Barrier(len(calls))

    def run(call: Callable[[], httpx.Response]) -> httpx.Response:
        lined_up.wait(timeout=SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def exchanging(server: Server, identity: str) -> Callable[[], httpx.Response]:
    def post() -> httpx.Response:
        address = f"{server.base_url}/_/oidc/mint-token"
        return httpx.post(address, json={"token": identity}, timeout=SECONDS, trust_env=False)

    return post


def uploading(server: Server, path: Path, *, token: str, version: str) -> Callable[[], httpx.Response]:
    return lambda: upload(server, path, token=token, name="widget", version=version)


def outcomes(answers: Answers) -> Counter[tuple[int, str]]:
    """Statuses and stable codes."""
    return Counter((answer.status_code, answer.headers.get("strongroom-refusal", "")) for answer in answers)


def test_an_identity_token_exchanged_by_many_gives_one_token(
    server: Server, console: Console, provider: Provider, trusted: None
) -> None:
    # TP-10
    identity = provider.token(audience=server.base_url, **RUN.claims)
    heard = at_once([exchanging(server, identity)] * EXCHANGES)
    assert outcomes(heard) == {(200, ""): 1, (422, "identity_reused"): EXCHANGES - 1}
    counts = console.counts()
    assert (counts["Token"], counts["Minted"], counts["UsedIdentity"]) == (1, 1, 1)


def test_many_identity_tokens_at_once_give_as_many_tokens(
    server: Server, console: Console, provider: Provider, trusted: None
) -> None:
    """Nobody has the provider's keys yet, and one of four processes goes for them."""
    tokens = [provider.token(audience=server.base_url, **RUN.claims) for _ in range(8)]
    heard = at_once([exchanging(server, identity) for identity in tokens])
    assert outcomes(heard) == {(200, ""): 8}
    assert len({answer.json()["token"] for answer in heard}) == console.counts()["Token"] == 8


@pytest.mark.parametrize("whose", ["alice", "publisher"])
def test_a_single_use_token_used_by_many_publishes_one_file(
    whose: str, server: Server, console: Console, provider: Provider, trusted: None, tmp_path: Path
) -> None:
    # TP-25
    token = single_use_token(whose, server, console, provider)
    wheels = [build_wheel(tmp_path, name="widget", version=f"{number}.0") for number in range(UPLOADS)]
    heard = at_once(
        [uploading(server, path, token=token, version=f"{number}.0") for number, path in enumerate(wheels)]
    )
    assert outcomes(heard) == {(200, ""): 1, (403, "token_used_up"): UPLOADS - 1}
    assert len(listed(server, "widget")) == 1
    counts = console.counts()
    assert (counts["Release"], counts["File"], counts["TakenFilename"]) == (1, 1, 1)


def single_use_token(whose: str, server: Server, console: Console, provider: Provider) -> str:
    if whose == "alice":
        return console.token(name="once", uses=1)
    identity = provider.token(audience=server.base_url, **RUN.claims)
    asked = {"token": identity, "features": ["single-use-token"]}
    answer = httpx.post(f"{server.base_url}/_/oidc/mint-token", json=asked, timeout=SECONDS, trust_env=False)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def test_a_pending_publisher_used_by_two_at_once_makes_one_project(
    server: Server, console: Console, provider: Provider
) -> None:
    # TP-21
    console("issuer", url=provider.issuer, kind="github")
    console("pending", username="alice", name="widget", issuer=provider.issuer, wanted=RUN.wanted)
    tokens = [provider.token(audience=server.base_url, **RUN.claims) for _ in range(2)]
    heard = at_once([exchanging(server, identity) for identity in tokens])
    assert outcomes(heard) == {(200, ""): 2}
    counts = console.counts()
    assert (counts["Project"], counts["Publisher"], counts["PendingPublisher"]) == (1, 1, 0)
    assert (counts["Token"], console("owners", project="widget")) == (2, ["alice"])

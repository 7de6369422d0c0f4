"""Chooses the database and the data folder before Django reads its settings, and lends servers to tests."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.support.postgresql import fresh_database, running_cluster
from tests.support.server import Server, migrate, prepared_server, running_server
from tests.support.skips import ALLOWED_SKIPS, SkipGate, read_allowed_skips

_RESOURCES = pytest.StashKey[ExitStack]()
# A busy machine is no failure: nothing is timed but in `bench`.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")

_DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "live_server",
    "empty_database_url",
    "fresh_database_url",
    "database_url_of_module",
    "server",
    "stopped_server",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("strongroom")
    group.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="the database under the tests; a PostgreSQL cluster of their own is started and removed",
    )
    group.addoption(
        "--touching-database",
        action="store_true",
        help="only tests that touch the database; the others are the same on every database",
    )
    group.addoption(
        "--without-database",
        action="store_true",
        help="only tests that touch no database",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Sets Django up before pytest-django looks whether somebody has, which it does in the same hook, last."""
    resources = config.stash[_RESOURCES] = ExitStack()
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # The controller has cleaned the environment and started the cluster; each worker takes a folder of its own.
        _set_environment(STRONGROOM_DATA=str(Path(os.environ["STRONGROOM_DATA"]) / worker))
    else:
        _prepare_run(config, resources)
    if not config.getoption("numprocesses", default=None):
        # Not in the controller of ``-n``: it runs no tests, and a worker that found the name in its environment would
        # read the settings before this function has chosen its folder.
        os.environ["DJANGO_SETTINGS_MODULE"] = "strongroom.settings"
        import django

        django.setup()
        _hash_passwords_quickly()


def _prepare_run(config: pytest.Config, resources: ExitStack) -> None:
    for key in [key for key in os.environ if key.startswith("STRONGROOM_")]:
        del os.environ[key]
    folder = tempfile.mkdtemp(prefix="strongroom-tests-")
    resources.callback(shutil.rmtree, folder, ignore_errors=True)
    _set_environment(STRONGROOM_DATA=folder)
    if config.option.database == "postgresql" and not config.option.collectonly:
        cluster = resources.enter_context(running_cluster())
        _set_environment(STRONGROOM_DATABASE_URL=cluster.url("strongroom"))
    if os.environ.get("CI") == "true":
        config.pluginmanager.register(SkipGate(read_allowed_skips(ALLOWED_SKIPS)))


def _hash_passwords_quickly() -> None:
    """As in real life, but for the cost: thousands of tests begin with an account. Servers under test take the real one."""
    from strongroom.accounts.hashing import Argon2id

    Argon2id.memory_cost, Argon2id.time_cost = 64, 1  # type: ignore[misc]


def _set_environment(**values: str) -> None:
    os.environ.update(values)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_RESOURCES].close()


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.option.database}"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names a case by its place where its value is bytes or vast: many of those are made anew in each process."""
    if isinstance(val, bytes) or (isinstance(val, int) and abs(val) >= 1 << 64):
        return argname
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    everything, items[:] = list(items), [item for item in items if _is_chosen(item, config)]
    config.hook.pytest_deselected(items=list(set(everything).difference(items)))


def _is_chosen(item: pytest.Item, config: pytest.Config) -> bool:
    if item.get_closest_marker("sqlite") and config.option.database != "sqlite":
        return False
    touching, without = config.option.touching_database, config.option.without_database
    return _touches_database(item) == touching if touching or without else True


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & _DATABASE_FIXTURES)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Tests on SQLite use a real file in WAL mode, in the run's data folder, as the server does; never ``:memory:``.

    On PostgreSQL each worker has a database of its own (``test_strongroom_gw0``).
    """
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"] == "strongroom.sqlite":
        Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        database.setdefault("TEST", {})["NAME"] = database["NAME"]
    else:
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


@pytest.fixture
def real_password_cost(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords are hashed as slowly as by a server."""
    from strongroom.accounts import hashing, passwords

    monkeypatch.setattr(hashing.Argon2id, "memory_cost", hashing.MEMORY_COST)
    monkeypatch.setattr(hashing.Argon2id, "time_cost", hashing.TIME_COST)
    passwords._decoy.cache_clear()
    yield
    passwords._decoy.cache_clear()


@pytest.fixture
def empty_database_url(pytestconfig: pytest.Config) -> Iterator[str | None]:
    """The address of a PostgreSQL database without a table; None on SQLite."""
    if pytestconfig.option.database == "sqlite":
        yield None
        return
    with fresh_database(os.environ["STRONGROOM_DATABASE_URL"]) as url:
        yield url


@pytest.fixture(scope="session")
def _tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL database with all tables and nothing in them: to copy it is faster than to migrate."""
    with fresh_database(os.environ["STRONGROOM_DATABASE_URL"]) as url:
        migrate(tmp_path_factory.mktemp("tables"), database_url=url)
        yield url


@pytest.fixture(scope="module")
def database_url_of_module(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of a PostgreSQL database with all tables, for the servers of a file; None on SQLite."""
    yield from _copied_tables(request)


@pytest.fixture
def fresh_database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of a PostgreSQL database with all tables, for one test's server; None on SQLite."""
    yield from _copied_tables(request)


def _copied_tables(request: pytest.FixtureRequest) -> Iterator[str | None]:
    if request.config.option.database == "sqlite":
        yield None
        return
    tables: str = request.getfixturevalue("_tables")
    with fresh_database(tables, template=tables.rpartition("/")[2]) as url:
        yield url


@pytest.fixture
def server(tmp_path: Path, fresh_database_url: str | None) -> Iterator[Server]:
    """A running server of a new instance, on the database that the run is about."""
    with running_server(tmp_path / "data", database_url=fresh_database_url) as running:
        yield running


@pytest.fixture
def stopped_server(tmp_path: Path, fresh_database_url: str | None) -> Iterator[Server]:
    """The server of a new instance before its first start."""
    with prepared_server(tmp_path / "data", database_url=fresh_database_url) as prepared:
        yield prepared

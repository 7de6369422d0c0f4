"""The composition root: which part answers which path, and what each part is given."""

import asyncio
import gc
import shutil
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import partial
from typing import Any

import django
from django.conf import settings

django.setup()

# Models may be imported only from here on.
from a2wsgi import WSGIMiddleware  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import translation  # noqa: E402

from strongroom.accounts import links, passwords  # noqa: E402
from strongroom.api.endpoints import Endpoints  # noqa: E402
from strongroom.api.integrity import integrity  # noqa: E402
from strongroom.api.project_json import project_json  # noqa: E402
from strongroom.api.table import table  # noqa: E402
from strongroom.api.threads import with_connection  # noqa: E402
from strongroom.api.upload import PATH, Upload  # noqa: E402
from strongroom.audit import aging, seals_file  # noqa: E402
from strongroom.audit.downloads import Downloads  # noqa: E402
from strongroom.audit.models import Entry  # noqa: E402
from strongroom.audit.sinks import configured as sinks  # noqa: E402
from strongroom.blobs.local import LocalBlobs  # noqa: E402
from strongroom.factors import challenges, keys, totp_enrollment  # noqa: E402
from strongroom.index.app import Index  # noqa: E402
from strongroom.index.ports import Pulse  # noqa: E402
from strongroom.index.private import Application, Private, ProjectOf  # noqa: E402
from strongroom.index.pulse import SqlitePulse  # noqa: E402
from strongroom.index.readers import Readers  # noqa: E402
from strongroom.kernel import logs  # noqa: E402
from strongroom.kernel.periodic import Periodic  # noqa: E402
from strongroom.notices.queue import deliver_due  # noqa: E402
from strongroom.personal_data import erase  # noqa: E402
from strongroom.projects.pages import NEWEST_SERIAL_SQL, NOTIFY_CHANNEL, RowPages  # noqa: E402
from strongroom.publish import expiring, leaks  # noqa: E402
from strongroom.recovery.remind import remind_due  # noqa: E402
from strongroom.signin import browsers, confirmations, devices, session, tickets  # noqa: E402
from strongroom.throttle import limits  # noqa: E402
from strongroom.trust import sweep as trust  # noqa: E402
from strongroom.web import redirects, saying  # noqa: E402
from strongroom.web.bridge import Bridge  # noqa: E402
from strongroom.web.reading import Gate  # noqa: E402
from strongroom.web.wsgi import application as web  # noqa: E402
from strongroom.webhooks import log as webhook_log  # noqa: E402
from strongroom.webhooks.couriers import Couriers  # noqa: E402

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Measured: more bridge threads are slower, not faster, and each keeps a database connection open.
_WEB_THREADS = 4


class Strongroom:
    """The whole site as one ASGI application."""

    def __init__(self) -> None:
        blobs = LocalBlobs(settings.CONFIG.data / "blobs")
        blobs.sweep_drafts()
        pulse = _pulse()
        index = Index(pages=RowPages(), pulse=pulse, blobs=blobs, ready=_is_ready)
        self._downloads = Downloads()
        for_readers = _for_readers(self._downloads)
        self._index = for_readers(index, index.project_of)
        self._upload = Upload(blobs, heard=pulse.heard)
        self._lookups = [
            (lookup.handles, for_readers(lookup, lookup.project_of))
            for lookup in (project_json(), integrity())
        ]
        self._api = Endpoints(table(heard=pulse.heard))
        pages: Any = WSGIMiddleware(web, workers=_WEB_THREADS)  # its own names for the shapes of ASGI
        self._web = Bridge(pages)
        self._work: tuple[Periodic, ...] = (
            Periodic("mail", partial(with_connection, deliver_due), seconds=0.5),
            Periodic("sealing", partial(with_connection, seals_file.seal), seconds=5),
            Periodic("webhooks", partial(with_connection, Couriers(with_connection).turn), seconds=1),
            Periodic("housekeeping", partial(with_connection, _keep_house), seconds=3600),
        )
        self._relays = sinks.relays(say=_say)
        self._work += tuple(
            Periodic(relay.name, partial(with_connection, relay.turn), seconds=1) for relay in self._relays
        )
        if settings.CONFIG.site.access != "public":
            self._work += (Periodic("downloads", partial(with_connection, self._downloads.flush), seconds=1),)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Installers first: they are nearly all requests."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif Index.handles(scope["path"]):
            await self._index(scope, receive, send)
        elif scope["path"] in {PATH, PATH.rstrip("/")}:
            await self._upload(scope, receive, send)
        elif lookup := next((app for handles, app in self._lookups if handles(scope["path"])), None):
            await lookup(scope, receive, send)
        elif self._api.handles(scope["path"]):
            await self._api(scope, receive, send)
        else:
            await self._web(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        # What is loaded by now stays for ever: no collection need walk it, and pages make no cycles.
        gc.freeze()
        gc.set_threshold(50_000, 50, 50)
        passwords.warm_up()
        for work in self._work:
            work.start()
        await send({"type": "lifespan.startup.complete"})
        loading = asyncio.get_running_loop().run_in_executor(None, keys.warm_up)
        await receive()
        await loading
        for work in self._work:
            work.stop()
        for close in (self._downloads.close, *(relay.close for relay in self._relays)):
            await asyncio.get_running_loop().run_in_executor(None, with_connection, close)
        await send({"type": "lifespan.shutdown.complete"})


def _for_readers(downloads: Downloads) -> Callable[[Application, ProjectOf], Application]:
    """What puts an application behind the gate of a private site; on a public one it stays as it is."""
    if settings.CONFIG.site.access == "public":
        return lambda application, _project_of: application
    readers = Readers(Gate(), proxies=settings.CONFIG.server.trusted_proxies)
    login_for = partial(redirects.path_with_next, "login")
    return lambda application, project_of: Private(
        application, readers=readers, project_of=project_of, login_for=login_for, downloads=downloads
    )


def _say(entries: Sequence[Entry]) -> list[str]:
    """What sinks say of entries, to machines and so in English."""
    with translation.override("en"):
        names = saying.names_of(entries)
        return [saying.sentence(entry, names, shows_origin=True) for entry in entries]


def _pulse() -> Pulse:
    if settings.CONFIG.database_url:
        from strongroom.index.postgresql import PostgresPulse  # psycopg is loaded only where it is needed

        return PostgresPulse(settings.CONFIG.database_url, NOTIFY_CHANNEL, NEWEST_SERIAL_SQL)
    return SqlitePulse(settings.SQLITE_FILE, NEWEST_SERIAL_SQL)


def _is_ready() -> bool:
    """Whether this node can take writes: its database answers, its disk has room."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return shutil.disk_usage(settings.CONFIG.data).free > settings.CONFIG.uploads.max_file_size


def _keep_house() -> None:
    """Delete what has expired and decides nothing any more; tell people of what goes on or ends soon."""
    session.sweep()
    tickets.sweep()
    confirmations.sweep()
    browsers.sweep()
    challenges.sweep()
    totp_enrollment.sweep()
    links.sweep()
    limits.sweep()
    devices.sweep()
    leaks.sweep()
    expiring.sweep()
    trust.sweep()
    webhook_log.sweep()
    aging.age()
    erase.finish_all()
    remind_due()
    expiring.remind_due()
    trust.remind_due()


logs.set_up()
app = Strongroom()

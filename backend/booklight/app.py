"""The sidecar as an ASGI app: its routes, the book beside them, and the middleware around them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from booklight.api.error_handlers import add_error_handlers
from booklight.api.middleware import API, MCP, REQUEST_ID, HeadersAndLogMiddleware
from booklight.api.openapi import Api
from booklight.api.outer_middleware import BookCorsMiddleware, ForwardedMiddleware
from booklight.api.routes import sidecar_router
from booklight.api.sse import StreamingMiddleware
from booklight.api.static_site import site_routes
from booklight.auth.authenticator import Authenticator
from booklight.auth.client_address import TrustedProxies
from booklight.auth.insights_access import InsightsAccess
from booklight.auth.oidc import Login, open_login
from booklight.auth.origins import AllowedOrigins, origin_of
from booklight.auth.rate_limits import RefusalLimit, TurnLimits, open_limits
from booklight.auth.secret import load_secret
from booklight.auth.tokens import READER_HEADER, Tokens
from booklight.insights.endpoint import InsightsEndpoint, ShowsInsights
from booklight.lifecycle import Components, Sidecar, choose_components, load_assembly
from booklight.mcp_server.endpoint import HEADERS, McpEndpoint
from booklight.ops.metrics import STATE, Metrics
from booklight.ops.redaction import WithoutText, log_error
from booklight.ops.tracing import Tracing
from booklight.settings import Settings
from booklight.sharing.endpoint import ShareEndpoint, SharesAnswers

LOGGERS_OF_TEXT = ("chatkit", "openai.agents")
"""Loggers of libraries that would write what readers asked into the log when an answer fails."""


def create_app(
    settings: Settings,
    *,
    site: Path | None = None,
    components: Components | None = None,
    startup_timeout: float = 0,
    on_start: Callable[[Sidecar], None] | None = None,
) -> ASGIApp:
    """Return the app; `site` is the folder of a built book to serve beside it, at the book's own baseUrl.

    Citations point at `settings.book_base_url`; whoever serves a site on an address of its own sets it to that.
    `components` are used instead of those that the settings name. They are opened while the app already serves; for
    `startup_timeout` seconds at most it waits for the database, and until the others were tried, before it does.
    `on_start` is called with the sidecar as it starts. Raises SettingsError, and PagesUnreadable for a `site` that is
    no built book.
    """
    components = components or choose_components(settings)
    metrics, tracing = Metrics(), Tracing(settings.otlp_endpoint)
    guards = _open_guards(settings, components, metrics)

    async def close_shared() -> None:
        await guards.limits.close()
        await tracing.close()

    sidecar = Sidecar(
        components,
        build_chat=lambda: load_assembly()(settings).build_chat(
            components.database.require(),
            components.model.require(),
            components.index.require,
            authenticator=guards.authenticator,
            limits=guards.limits,
            metrics=metrics,
            tracer=tracing.tracer,
        ),
        close_shared=close_shared,
        retention=None if settings.retention_days is None else timedelta(days=settings.retention_days),
        share_days=settings.share_days,
    )
    mcp = _mcp(settings, components, guards)
    for library in LOGGERS_OF_TEXT:
        logging.getLogger(library).addFilter(WithoutText())
    api = Api(
        title="Booklight",
        version=version("booklight"),
        lifespan=lambda _: _running(sidecar, startup_timeout, on_start, mcp, metrics),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.include_router(sidecar_router(sidecar, guards.authenticator, metrics, guards.refusals, guards.origins))
    api.router.routes.append(Route(f"{API}/openapi.json", api.send_document))
    if mcp is not None:
        api.router.routes.append(Route(MCP, mcp, methods=["POST"]))
    api.router.routes.extend(_insights_routes(settings, components, guards))
    if (sharing := _sharing(settings, components, guards)) is not None:
        api.include_router(sharing.router())
    if site is not None:
        api.router.routes.extend(site_routes(site))
    add_error_handlers(api, metrics, guards.refusals)
    asked, told = ["Authorization", "Content-Type", *HEADERS], [READER_HEADER, REQUEST_ID, "Retry-After"]
    api.add_middleware(StreamingMiddleware)
    traced = HeadersAndLogMiddleware(api, tracing.tracer)
    within = BookCorsMiddleware(traced, guards.origins, request=asked, answer=told)
    return ForwardedMiddleware(within, TrustedProxies(settings.trusted_proxies))


@dataclass(frozen=True, slots=True)
class _Guards:
    """What is asked before a request is answered: who the reader is, how much they may, and from which page."""

    login: Login | None
    authenticator: Authenticator
    limits: TurnLimits
    refusals: RefusalLimit
    origins: AllowedOrigins


def _open_guards(settings: Settings, components: Components, metrics: Metrics) -> _Guards:
    login = open_login(settings, metrics.count_key_fetch)
    base = None if settings.book_base_url is None else origin_of(settings.book_base_url)

    def origins_of_book() -> set[str]:
        index = components.index.opened
        built_for = None if index is None else origin_of(index.info.site_url)
        return {origin for origin in (base, built_for) if origin is not None}

    return _Guards(
        login,
        Authenticator(Tokens(load_secret(settings)), login=login, anonymous=settings.anonymous_readers),
        open_limits(settings, metrics),
        RefusalLimit(settings.refusals_per_minute_per_address, metrics),
        AllowedOrigins(settings.allowed_origins, origins_of_book),
    )


def _mcp(settings: Settings, components: Components, guards: _Guards) -> McpEndpoint | None:
    if not settings.mcp:
        return None
    return McpEndpoint(
        lambda: load_assembly()(settings).build_mcp_server(components.index.require),
        authenticator=guards.authenticator,
        limits=guards.limits,
        refusals=guards.refusals,
        origins=guards.origins,
        wait_for_index=components.index.wait,
    )


def _insights_routes(settings: Settings, components: Components, guards: _Guards) -> Sequence[BaseRoute]:
    """Return the routes of the insights, none where nothing opens them."""
    key, claim = settings.insights_key, settings.insights_claim
    if key is None and claim is None:
        return ()

    def build() -> ShowsInsights:
        assembly = load_assembly()(settings)
        return assembly.build_insights(components.database.require(), components.index.require)

    access = InsightsAccess(key=None if key is None else key.get_secret_value(), claim=claim, login=guards.login)
    return InsightsEndpoint(cache(build), access, guards.refusals).routes()


def _sharing(settings: Settings, components: Components, guards: _Guards) -> ShareEndpoint | None:
    if not settings.share_days:
        return None

    def build() -> SharesAnswers:
        assembly = load_assembly()(settings)
        return assembly.build_sharing(components.database.require(), lambda: components.index.opened)

    return ShareEndpoint(
        cache(build), authenticator=guards.authenticator, refusals=guards.refusals, origins=guards.origins
    )


@asynccontextmanager
async def _running(
    sidecar: Sidecar,
    startup_timeout: float,
    on_start: Callable[[Sidecar], None] | None,
    mcp: McpEndpoint | None,
    metrics: Metrics,
) -> AsyncIterator[dict[str, Metrics]]:
    """Open the components, enforce retention and run `mcp` while the app serves, and close everything when it ends."""
    work = [sidecar.open, sidecar.enforce_retention] + ([] if mcp is None else [mcp.run])
    tasks = [asyncio.create_task(one()) for one in work]
    for task in tasks:
        task.add_done_callback(_log_failure)
    if on_start is not None:
        on_start(sidecar)
    if startup_timeout:
        # An index that is not there is not waited for: health is answered all the while.
        await _wait_until_tried(sidecar, startup_timeout)
    yield {STATE: metrics}
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await sidecar.close()


async def _wait_until_tried(sidecar: Sidecar, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await sidecar.wait_until_tried()
    except TimeoutError:
        return


def _log_failure(task: asyncio.Task[None]) -> None:
    failure = None if task.cancelled() else task.exception()
    if failure is not None:
        log_error("the sidecar cannot be opened or kept", failure)

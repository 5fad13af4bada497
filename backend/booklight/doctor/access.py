"""Check who may ask and how often: origins, the secret, the site's login, Redis; and where spans are sent."""

from urllib.parse import urlsplit

import httpx

from booklight.auth.jwks import KeysUnavailable, fetch_keys
from booklight.auth.rate_limit_storage import RateLimitStorageUnavailable, RedisRateLimitStorage
from booklight.auth.secret import key_file, load_secret
from booklight.doctor.diagnostics import Diagnostic
from booklight.ops.open_files import describe_shortage, mend_shortage
from booklight.ops.tracing import traces_url
from booklight.settings import Settings, SettingsError

COLLECTOR_SECONDS = 5.0
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


async def check_access(settings: Settings) -> list[Diagnostic]:
    """Check what decides who may ask, and how often."""
    return [
        _check_origins(settings),
        _check_secret(settings),
        await _check_login(settings),
        await _check_limits(settings),
        _check_connections(settings),
    ]


async def check_traces(settings: Settings) -> list[Diagnostic]:
    """Send an empty request to the collector of spans, if there is one."""
    if settings.otlp_endpoint is None:
        return []
    remedy = "start the collector, or correct BOOKLIGHT_OTLP_ENDPOINT: it takes OTLP over HTTP, on port 4318 as a rule"
    failure = await _ask_collector(settings.otlp_endpoint)
    if failure is None:
        return [Diagnostic("traces", f"the collector at {settings.otlp_endpoint} takes spans")]
    return [Diagnostic("traces", f"the collector at {settings.otlp_endpoint} takes no spans: {failure}", remedy)]


async def _ask_collector(endpoint: str) -> str | None:
    """Return why the collector takes nothing, or None if it does."""
    try:
        async with httpx.AsyncClient(timeout=COLLECTOR_SECONDS) as client:
            # No spans at all are a request without a body.
            answer = await client.post(traces_url(endpoint), headers={"Content-Type": "application/x-protobuf"})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return type(error).__name__
    return None if answer.is_success else f"status {answer.status_code}"


async def _check_login(settings: Settings) -> Diagnostic:
    url = settings.jwt_jwks_url
    if url is None:
        return Diagnostic("login", "none: readers are anonymous")
    beside = "anonymous readers may ask too" if settings.anonymous_readers else "nobody else may ask"
    if urlsplit(url).scheme == "http" and urlsplit(url).hostname not in LOOPBACK and not settings.development:
        remedy = "use https for BOOKLIGHT_JWT_JWKS_URL: whoever is on the way could put in keys of their own"
        return Diagnostic("login", f"the keys are fetched from {url} without encryption", remedy)
    try:
        keys = await fetch_keys(url)
    except KeysUnavailable as failure:
        remedy = "correct BOOKLIGHT_JWT_JWKS_URL, or see to it that it can be reached from here"
        return Diagnostic("login", f"the keys at {url} cannot be fetched: {failure}", remedy)
    return Diagnostic("login", f"{len(keys)} keys for readers of {settings.jwt_issuer}; {beside}")


async def _check_limits(settings: Settings) -> Diagnostic:
    if settings.redis_url is None:
        own = "counted in memory, by each worker for itself; BOOKLIGHT_REDIS_URL lets several workers share one count"
        return Diagnostic("limits", own)
    storage = RedisRateLimitStorage(settings.redis_url.get_secret_value())
    try:
        await storage.ping()
    except RateLimitStorageUnavailable as failure:
        remedy = "start Redis, or correct BOOKLIGHT_REDIS_URL; until then each worker counts by itself"
        return Diagnostic("limits", f"Redis does not answer: {failure}", remedy)
    finally:
        await storage.close()
    return Diagnostic("limits", "Redis answers, and counts for all workers")


def _check_connections(settings: Settings) -> Diagnostic:
    if (shortage := describe_shortage(settings)) is not None:
        return Diagnostic("connections", shortage, mend_shortage(settings))
    bounds = f"{settings.max_connections}, and {settings.max_connections_per_address} of an address"
    return Diagnostic("connections", f"a worker serves {bounds}, and may open as many files as they need")


def _check_origins(settings: Settings) -> Diagnostic:
    named = ", ".join(settings.allowed_origins)
    return Diagnostic("origins", named or "only pages of the sidecar's own origin, and of the book's, may ask")


def _check_secret(settings: Settings) -> Diagnostic:
    if settings.secret_key is not None:
        return Diagnostic("secret", "BOOKLIGHT_SECRET_KEY is long and varied")
    kept = key_file(settings)
    if not kept.exists():
        return Diagnostic("secret", f"{kept} is not there yet: `booklight serve` makes it")
    try:
        load_secret(settings)
    except SettingsError as error:
        return Diagnostic("secret", str(error), f"remove {kept}, or set BOOKLIGHT_SECRET_KEY")
    return Diagnostic("secret", f"made by the sidecar, and kept in {kept}")

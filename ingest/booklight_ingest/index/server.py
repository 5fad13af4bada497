"""The connection to a Qdrant server, and what its errors mean to an operator."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
from qdrant_client import AsyncQdrantClient
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from booklight_ingest.errors import IndexUnavailable
from booklight_ingest.index.failover import ADMINISTRATION_SECONDS, SEARCH_SECONDS, Failover

DEFAULT_PORT = 6333
UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404
SHOWN_ERROR = 200


class Server:
    """A Qdrant server at one address or several.

    `seconds` is how long a request of `client` may take that says nothing else; those of `writer`, which changes points
    and fields, may take long. They are not told how long: 1.16.3 refuses a change whose address names a time.
    `transport` replaces the network below the clients.
    """

    def __init__(
        self,
        urls: Sequence[str],
        api_key: str | None = None,
        *,
        seconds: int = SEARCH_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        addresses = [_with_port(url) for url in urls]
        self._failover = Failover(addresses)
        self._has_key = api_key is not None

        def connect(seconds: int) -> AsyncQdrantClient:
            # As a header of ours, the key draws no warning on http, which is how a private network is set up. The check
            # of versions would be one more request, and warns instead of failing.
            client = AsyncQdrantClient(
                url=addresses[0],
                headers={} if api_key is None else {"api-key": api_key},
                timeout=seconds,
                check_compatibility=False,
                transport=transport,
            )
            client.http.client.add_middleware(self._failover)
            return client

        self.client, self.writer = connect(seconds), connect(ADMINISTRATION_SECONDS)

    async def may_write(self) -> bool:
        """Say whether the key may change anything, by asking for a change of nothing. Raises IndexUnavailable."""
        with self.errors("read"):
            try:
                return await self.client.update_collection_aliases([])
            except UnexpectedResponse as error:
                if error.status_code == FORBIDDEN and self._has_key:
                    return False
                raise

    async def close(self) -> None:
        """Let go of connections."""
        await self._failover.close()
        await self.client.close()
        await self.writer.close()

    @contextmanager
    def errors(self, what: str, *, gone: str = "") -> Iterator[None]:
        """Say in one line that the index could not be read, searched or written, and why; or that it is `gone`."""
        try:
            yield
        except UnexpectedResponse as error:
            if error.status_code == NOT_FOUND and gone:
                raise IndexUnavailable(gone) from error
            raise IndexUnavailable(f"the index on Qdrant could not be {what}: {self._reason(error, what)}") from error
        except ResponseHandlingException as error:
            raise IndexUnavailable(f"the index on Qdrant could not be {what}: {error.source}") from error
        except (ApiException, QdrantException, ValueError, ssl.SSLError) as error:
            raise IndexUnavailable(f"the index on Qdrant could not be {what}: {error}") from error

    def _reason(self, error: UnexpectedResponse, what: str) -> str:
        refused = error.status_code in {UNAUTHORIZED, FORBIDDEN}
        if refused and not self._has_key:
            return "it wants a key, set BOOKLIGHT_QDRANT_API_KEY"
        if error.status_code == FORBIDDEN and what == "written":
            return "BOOKLIGHT_QDRANT_API_KEY is a key that may only read: set one that may write"
        if refused:
            return "it refused the key, check BOOKLIGHT_QDRANT_API_KEY"
        return f"status {error.status_code} {error.reason_phrase} {_said(error)}".strip()


def _with_port(url: str) -> str:
    """Return an address with the port that is asked, Qdrant's where none is named."""
    parts = urlsplit(url)
    named = parts.port is not None
    return url if named else parts._replace(netloc=f"{parts.netloc}:{DEFAULT_PORT}").geturl()


def _said(error: UnexpectedResponse) -> str:
    """Return what the server said of an error, in one line; nothing where it is not JSON of Qdrant's."""
    try:
        said = error.structured()["status"]["error"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f"({' '.join(str(said).split())[:SHOWN_ERROR]})"

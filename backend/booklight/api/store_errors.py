"""The store's errors as clients see them."""

from collections.abc import Iterator
from contextlib import contextmanager

from chatkit.store import NotFoundError

from booklight.errors import NotFound, NotReady, ThreadBusy
from booklight.store.database import StoreUnavailable
from booklight.store.leases import TurnLost


@contextmanager
def client_errors() -> Iterator[None]:
    """Translate the store's errors to those of a request."""
    try:
        yield
    except NotFoundError:
        raise NotFound("There is no such conversation or message.") from None
    except StoreUnavailable as error:
        raise NotReady("The database cannot be reached; please try again in a moment.") from error
    except TurnLost as error:
        raise ThreadBusy("This conversation is being answered elsewhere; load it again.") from error

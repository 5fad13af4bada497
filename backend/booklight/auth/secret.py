"""The secret that signs readers' tokens: the operator's, or one made once and kept beside the database."""

import hashlib
import os
import secrets
from pathlib import Path

from booklight.settings import Settings

_AFTER_SCHEME = ":///"


def load_secret(settings: Settings) -> bytes:
    """Return the signing key, 32 bytes. Raises OSError when a key of our own can be neither read nor kept."""
    if settings.secret_key is not None:
        secret = settings.secret_key.get_secret_value().encode()
    else:
        secret = _kept_secret(_folder(settings) / "secret.key")
    return hashlib.sha256(secret).digest()


def _folder(settings: Settings) -> Path:
    return Path(settings.database_url.get_secret_value().partition(_AFTER_SCHEME)[2].partition("?")[0]).parent


def _kept_secret(path: Path) -> bytes:
    """Return the secret in `path`, making it first if need be; of several workers that start at once, one wins."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()

"""The secret that signs readers' tokens: the operator's, or one made once and kept beside the database."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from booklight.key_strength import is_strong
from booklight.settings import Settings, SettingsError

_AFTER_SCHEME = ":///"


def load_secret(settings: Settings) -> bytes:
    """Return the signing key, 32 bytes. Raises SettingsError when one of our own cannot be read, kept, or is weak."""
    if settings.secret_key is not None:
        return hashlib.sha256(settings.secret_key.get_secret_value().encode()).digest()
    path = key_file(settings)
    try:
        secret = _kept_secret(path)
    except OSError as error:
        raise SettingsError(
            f"the key that signs readers' tokens cannot be kept in {path} ({error.strerror}): set BOOKLIGHT_SECRET_KEY,"
            " or let it be written"
        ) from None
    if not is_strong(secret.decode(errors="replace")):
        raise SettingsError(f"{path} holds no key that Booklight made: remove it, and a new one is made")
    return hashlib.sha256(secret).digest()


def key_file(settings: Settings) -> Path:
    """Return where a key is kept that is made here: beside the SQLite file."""
    database = settings.database_url.get_secret_value().partition(_AFTER_SCHEME)[2].partition("?")[0]
    return Path(database).parent / "secret.key"


def _kept_secret(path: Path) -> bytes:
    """Return the secret in `path`, making it first if need be; of several workers that start at once, one wins."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            _write_private(made, secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                os.link(made, path)
        finally:
            made.unlink(missing_ok=True)
    return path.read_bytes()


def _write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, and return when the disk has it whole."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())

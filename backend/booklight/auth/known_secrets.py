"""The secrets that stand in examples: anyone can read them, so that outside development none is taken for a secret."""

from urllib.parse import unquote, urlsplit

EXAMPLES = frozenset(
    {
        *("…", "sk-…", "secret", "password", "postgres", "booklight", "example", "changeme", "change-me"),
        *("change-me-too", "at least 32 random characters", "the key given to vLLM with --api-key"),
        "a key of the proxy",
    }
)


def is_example(secret: str) -> bool:
    """Say whether a secret, or the password of a URL, is one of an example."""
    return secret.strip() in EXAMPLES


def url_password(url: str) -> str | None:
    """Return the password in a database's URL, if there is one; None as well for what is no URL."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return None
    return None if password is None else unquote(password)

"""Key strength: whether the key that signs readers' tokens is long and varied enough that nobody guesses it."""

STRONG_LENGTH = 32
# A key of random letters and digits has about 25 different ones among its first 32.
STRONG_VARIETY = 12
MAKE_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


def is_strong(key: str) -> bool:
    """Say whether `key` is at least STRONG_LENGTH characters long, and STRONG_VARIETY of them are different."""
    return len(key) >= STRONG_LENGTH and len(set(key)) >= STRONG_VARIETY


def describe_key(key: str, name: str = "BOOKLIGHT_SECRET_KEY") -> str:
    """Return what may be said of the key called `name`: how long and how varied it is."""
    return f"{name} has {len(key)} characters, {len(set(key))} of them different"

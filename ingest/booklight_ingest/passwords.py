"""Passwords in URLs: whatever is printed of a setting or an error is printed without them."""

import re

MASK = "***"
_USER_INFO = re.compile(r"(?<=://)[^\s/?#]*(?=@)")


def mask_passwords(text: str) -> str:
    """Return `text` with MASK for what stands before the host in each of its URLs: a user, a password, or a token."""
    return _USER_INFO.sub(MASK, text)

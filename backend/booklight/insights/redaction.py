"""Take out of readers' words what may tell who they are, or open something: addresses, numbers and keys.

Rather too much than too little: a long number that is no telephone's is taken out too.
"""

import re

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_CREDENTIALS = re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s/@:]+:[^\s/@]+@", re.IGNORECASE)
_QUERY = re.compile(r"\b(https?://[^\s?#]+)[?#]\S+")
# Keys as providers begin them, JSON Web Tokens, and what else is long and mixes letters with digits.
_PREFIXED = re.compile(
    r"\b(?:sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|npm|pypi|hf|AKIA|ASIA|AIza|ya29)[-_.]?[\w.-]{12,}"
)
_JWT = re.compile(r"\beyJ[\w-]{6,}(?:\.[\w-]+){1,2}")
_SECRET = re.compile(r"(?<![\w/.-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w/-])")
_ASSIGNED = re.compile(
    r"(?i)\b((?:password|passwd|secret|token|api[_-]?key)\s*(?:is\s+|[:=]\s*))[\"']?[^\s\"']{4,}[\"']?"
)
_BEARER = re.compile(r"(?i)\b(bearer\s+)[\w.+/=-]{8,}")
# Seven digits or more, however they are grouped; dates and versions have fewer.
_NUMBER = re.compile(r"(?<![\w.])(?!\d{4}-\d\d-\d\d(?!\d))(?:\+|00|\()?\d(?:[\s()./-]{0,2}\d){6,}(?!\w)")


def redact(text: str) -> str:
    """Return `text` with e-mail addresses, telephone and other long numbers, keys and passwords replaced."""
    text = _CREDENTIALS.sub(r"\1[key]@", text)
    text = _QUERY.sub(r"\1", text)
    text = _EMAIL.sub("[e-mail]", text)
    text = _BEARER.sub(r"\1[key]", text)
    text = _ASSIGNED.sub(r"\1[key]", text)
    for pattern in (_JWT, _PREFIXED, _SECRET):
        text = pattern.sub("[key]", text)
    return _NUMBER.sub("[number]", text)

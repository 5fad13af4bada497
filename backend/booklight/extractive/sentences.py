"""Sentences: a paragraph of Markdown taken apart where a reader would."""

import re

# What looks like the end of a sentence and is not: inside code, links and bold print, after a number that counts
# headings, an abbreviation or an initial. "No." is one before a number alone.
_OPAQUE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|!?\[[^\]]*\]\([^)]*\)|\*\*(?=\S).+?\*\*|__(?=\S).+?__", re.DOTALL)
_SENTENCE_END = re.compile(
    r"(?:[.!?…]+[\"'”’)\]*_]*(?=\s+[\"'“‘(\[*_`]*[^\W_a-z])|[.!?…]+[\"'”’)\]*_]*(?=\s+`)|[。！？]+[」』”]?)\s*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|etc|approx|resp|incl|fig|eq|sec|ch|vol|pp?|mr|mrs|ms|dr|prof|st|jr|sr|inc|ltd|al)"
    r"|(?<!\w)[A-Z]|^\W*\d+)\.$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\bno\. \d", re.IGNORECASE)


def split_sentences(paragraph: str) -> list[str]:
    """Return the sentences of one paragraph, white space made single."""
    text = " ".join(paragraph.split())
    opaque = [match.span() for pattern in (_OPAQUE, _NUMBER) for match in pattern.finditer(text)]
    sentences: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        inside = any(left < end.start() < right for left, right in opaque)
        if inside or _ABBREVIATION.search(text[start : end.end()].rstrip()):
            continue
        sentences.append(text[start : end.end()].strip())
        start = end.end()
    return [sentence for sentence in [*sentences, text[start:].strip()] if sentence]

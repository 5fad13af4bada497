"""Languages: which stems and stop words a word gets.

A word's script tells more than the locale of its page: `plugins` in a Russian book is English, and a Russian word in a
book that never set its locale is Russian. Only between languages of one script the locale decides.
"""

import re
from functools import cache

from stop_words import LANGUAGE_MAPPING, get_stop_words

# Locales by their language, and Snowball's name of it.
SNOWBALL = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
# Scripts, as a range of characters, and the languages written in them, the likeliest first. Serbian has two.
_SCRIPTS = {
    re.compile("[\u0400-\u052f]"): ("ru", "uk", "bg", "be", "sr", "mk", "kk", "ky", "mn"),
    re.compile("[\u0370-\u03ff\u1f00-\u1fff]"): ("el",),
    re.compile("[\u0530-\u058f]"): ("hy",),
    re.compile("[\u0590-\u05ff]"): ("he", "yi"),
    re.compile("[\u0600-\u06ff]"): ("ar", "fa", "ur"),
    re.compile("[\u0900-\u097f]"): ("hi", "ne", "mr"),
    re.compile("[\u0b80-\u0bff]"): ("ta",),
    re.compile("[\u0e00-\u0e7f]"): ("th",),
    re.compile("[\uac00-\ud7af\u1100-\u11ff]"): ("ko",),
    re.compile("[\u3040-\u30ff]"): ("ja",),
    re.compile("[\u3400-\u9fff\uf900-\ufaff]"): ("zh", "ja"),
}
_OTHERS = frozenset(language for languages in _SCRIPTS.values() for language in languages if language != "sr")
# "isn't" and "we'll" are split at their apostrophes, so what is left of them stands here too.
STOP_WORDS = frozenset(
    """
    a about above after again against ain all also am an and any are aren as at be because been before being below
    between both but by can could couldn d did didn do does doesn doing don down during each else few for from further
    get gets getting got had hadn has hasn have haven having he her here hers him his how i if in instead into is isn it
    its itself just let like ll m made make makes many may me might more most much must my myself need no nor not now of
    off on once one only or other our ours out over own please re s same shall she should shouldn so some such t than
    that the their theirs them then there these they this those through to too under until up us use used using ve very
    want wants was wasn we were weren what when where whether which while who whom whose why will with within without
    won would wouldn you your yours
    """.split()  # noqa: SIM905  (a list literal would be a line a word)
)


def language_of_word(word: str, locale: str) -> str:
    """Return the language, as locales begin, that `word` is in by its script and the locale of its page."""
    language = base_language(locale)
    if word.isascii():
        return "en" if language in _OTHERS else language
    for script, languages in _SCRIPTS.items():
        if script.match(word):
            return language if language in languages else languages[0]
    return language


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a language in lower case; none where nobody has listed them."""
    if language == "en":
        return STOP_WORDS
    listed = "nb" if language == "no" else language
    return frozenset(get_stop_words(listed)) if listed in LANGUAGE_MAPPING else frozenset()


def base_language(locale: str) -> str:
    """Return the language of a locale: `pt` of `pt-BR`."""
    return re.split("[-_]", locale, maxsplit=1)[0].lower()

"""What is said around a model's answer: why quotations take its place, that it rests on nothing, how it ended.

A file of sentences for each language that the sidecar speaks; which one a reader gets, their page's locale says.
"""

from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

LANGUAGES = ("en", "ar", "de", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "uk", "zh")


class Notices(BaseModel):
    """The sentences of one language; `search_page`, `search_chapter` and `search_book` have a place for the words.

    `caveat` stands above an answer that no passage supports and `nearest` below it, with `unsupported` as a notice. The
    next are notices above quotations, by what kept the model from answering; `cut_` says how an answer ended early. The
    last five are errors: they stand in place of an answer, or end it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    caveat: str
    unsupported: str
    nearest: str
    model_down: str
    model_lost: str
    model_silent: str
    too_long: str
    reader_budget: str
    everybody_budget: str
    cut_length: str
    cut_filtered: str
    cut_unfinished: str
    cut_repetition: str
    index_down: str
    lost_searching: str
    model_unreachable: str
    went_wrong: str
    not_kept: str
    search_page: str
    search_chapter: str
    search_book: str


def language_of(locale: str) -> str:
    """Return which of LANGUAGES a locale is in, English where none is."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else "en"


def notices_of(locale: str) -> Notices:
    """Return the sentences for a locale."""
    return _load(language_of(locale))


def every_language() -> list[Notices]:
    """Return the sentences of all languages."""
    return [_load(language) for language in LANGUAGES]


@cache
def _load(language: str) -> Notices:
    return Notices.model_validate_json(files(__name__).joinpath(f"{language}.json").read_text(encoding="utf-8"))

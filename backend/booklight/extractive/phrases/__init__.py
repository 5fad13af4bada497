"""What the extractive model says in its own words, in the reader's language: a file of sentences for each."""

from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from booklight.llm.notices import LANGUAGES as LANGUAGES
from booklight.llm.notices import language_of


class Phrases(BaseModel):
    """The sentences of one language; `searched_for` has a place for the words.

    `hellos` and `thanks` are the words that greetings and thanks are made of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    greeting: str
    welcome: str
    no_question: str
    nearby: str
    not_covered: str
    not_on_page: str
    not_in_chapter: str
    elsewhere: str
    nearest: str
    searched_for: str
    hellos: str
    thanks: str


def phrases_of(locale: str) -> Phrases:
    """Return the sentences for a locale, the English ones where there are no others."""
    return load_phrases(language_of(locale))


@cache
def load_phrases(language: str) -> Phrases:
    """Return the sentences of one of LANGUAGES."""
    return Phrases.model_validate_json(files(__name__).joinpath(f"{language}.json").read_text(encoding="utf-8"))

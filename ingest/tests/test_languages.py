"""Which stop words a language has."""

from booklight_ingest.languages import stop_words


def test_languages_have_stop_words_of_their_own() -> None:
    assert "der" in stop_words("de")
    assert "der" not in stop_words("en")
    assert stop_words("no") == stop_words("nb") != frozenset()
    assert stop_words("xx") == frozenset()

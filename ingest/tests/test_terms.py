from unicodedata import normalize

import pytest

from booklight_ingest.terms import MAX_TERM, cut_text, split_names, split_terms


def test_words_are_stemmed_and_stop_words_dropped() -> None:
    assert split_terms("How do I deploy the sites?") == ["deploy", "site"]


def test_what_an_apostrophe_leaves_is_no_term() -> None:
    assert split_terms("I'd say it isn't what we'll deploy, they've said") == ["say", "deploy", "said"]


@pytest.mark.parametrize("written", ["setChunkSize", "set_chunk_size", "set-chunk-size", "SetChunkSize"])
def test_an_identifier_is_found_whole_and_in_parts_however_it_is_written(written: str) -> None:
    assert split_terms(written) == ["setchunks", "set", "chunk", "size"]


def test_acronyms_stay_together() -> None:
    assert split_terms("HTMLElement i18n utf8") == ["htmlelement", "html", "element", "i18n", "utf8"]


def test_a_dotted_name_is_one_term_and_its_parts() -> None:
    assert split_terms("docusaurus.config.js.") == ["docusaurusconfigj", "docusaurus", "config", "js"]


def test_an_accent_may_be_left_out() -> None:
    assert split_terms("naïve café") == split_terms("naive cafe")


def test_decomposed_and_full_width_letters_are_the_same_words() -> None:
    assert split_terms("cafe\u0301 \uff21\uff22\uff23") == split_terms("café ABC")


def test_stop_words_of_english_are_words_elsewhere() -> None:
    assert split_terms("will der die Installation", "de") == ["installation"]
    assert split_terms("will der die Installation", "en") == ["der", "die", "instal"]
    assert split_terms("die installatie", "xx") == ["die", "installati"]


@pytest.mark.parametrize(
    ("text", "locale", "terms"),
    [
        ("куда идут пчёлы", "ru", ["идут", "пчел"]),
        ("куда идут пчёлы", "en", ["идут", "пчел"]),
        ("the plugins", "ru", ["plugin"]),
        ("the plugins", "ja", ["plugin"]),
        ("μέλισσες", "en", ["μελισσ"]),
        ("de la abeja", "es", ["abej"]),
    ],
)
def test_stems_and_stop_words_are_of_a_word_s_language(text: str, locale: str, terms: list[str]) -> None:
    assert split_terms(text, locale) == terms


def test_a_locale_picks_its_stemmer() -> None:
    assert split_terms("éditions françaises", "fr-CA") == split_terms("édition française", "fr")


def test_scripts_without_spaces_are_cut_into_pairs() -> None:
    assert split_terms("検索する") == ["検索", "索す", "する"]
    assert split_terms("猫") == ["猫"]


def test_a_script_changes_within_a_word() -> None:
    assert split_terms("Docusaurus入門") == ["docusaurus", "入門"]


def test_vowel_signs_do_not_split_hindi() -> None:
    assert split_terms("हिन्दी", "hi") == split_terms("  हिन्दी! ", "hi")
    assert len(split_terms("हिन्दी", "hi")) == 1


@pytest.mark.parametrize("text", ["", "   ", "🎉🎉", "?!…", "---", "\u0000"])
def test_text_without_words_has_no_terms(text: str) -> None:
    assert split_terms(text) == []


def test_a_very_long_token_is_cut() -> None:
    (term,) = split_terms("x" * 10_000)
    assert len(term) <= MAX_TERM


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How do I write a plugin for Vim?", {"vim"}),
        ("Vim is old. Editors die.", set()),
        ("can I use CrewAI here", {"crew", "ai"}),
        ("What is it? Docker, or the GGUF file", {"gguf"}),
        ("VIM EDITOR", set()),
        ("How Do I Deploy My Site?", set()),
        ("what I want", set()),
        ("", set()),
    ],
)
def test_names_have_capitals_that_no_sentence_or_title_explains(question: str, names: set[str]) -> None:
    assert split_names(question) == names


def test_the_nouns_of_german_are_no_names() -> None:
    assert split_names("wie schreibe ich ein Plugin", "de") == set()
    assert split_names("wie schreibe ich ein Plugin", "en") == {"plugin"}


@pytest.mark.parametrize(
    "text", ["set-chunk-size.js, v1.2.3 (a_b) __x__ -y.", "Ask `a[1]`\tor a--b..c; d.-e", "x.y- .z"]
)
def test_one_letter_of_another_script_changes_no_other_word(text: str) -> None:
    assert split_terms(f"{text} 🎉 Ω") == [*split_terms(text), "ω"]
    assert split_names(f"Is {text} from Zurich 🎉 now") == split_names(f"Is {text} from Zurich now")


@pytest.mark.parametrize("text", ["", "bees", "ﷺ" * 10, "bees ﷺ dance ﷺ", "e\u0301" * 20, "🦉" * 20])
def test_a_text_is_cut_by_what_is_read_of_it(text: str) -> None:
    cut = cut_text(text, 20)
    assert text.startswith(cut)
    assert len(normalize("NFKC", cut)) <= 20
    assert cut == text or len(text) > 20 or len(normalize("NFKC", text)) > 20

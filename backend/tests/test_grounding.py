"""Whether what is said rests on a passage: by its marks, by its words, or not at all."""

import pytest

from backend.tests.small_book import FEEDING, SMOKER, WAGGLE, make_chunk
from booklight.contracts import Passage
from booklight.llm.declining import declines, states_nothing
from booklight.llm.grounding import (
    find_support,
    may_cite,
    sentence_before,
    sentences,
    without_caveat,
)
from booklight.llm.notices import LANGUAGES, notices_of
from booklight.llm.whole_question import whole_question

PASSAGES = [Passage(chunk, 1.0) for chunk in (WAGGLE, SMOKER, FEEDING)]


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("Light the smoker before you open a hive, because smoke hides the alarm scent.", 2),
        ("Bees need about 15 kg of honey for the winter.", 3),
        ("A waggle dance is a figure of eight.", 1),
        ("Never leave a lit smoker in the grass.", 2),
        ("Leave a lit smoker in the grass.", None),
        ("Bees need about 25 kg of honey for the winter.", None),
        ("A yearly subscription costs $20.", None),
        ("Light the Acme smoker before you open a hive.", None),
        ("Yes.", None),
    ],
)
def test_a_sentence_is_cited_by_its_words_where_a_passage_says_the_same(sentence: str, label: int | None) -> None:
    assert find_support(sentence, PASSAGES) == label


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("You should light your smoker first, since that masks the guards' alarm.", True),
        ("It is lit before opening.", True),
        ("Put 3 sheets of paper into the smoker.", False),
        ("A yearly subscription to the service is cheap and includes everything.", False),
        ("Zünde den Smoker an, bevor du den Bienenstock öffnest.", True),
        ("Run this", True),
    ],
)
def test_a_mark_counts_where_its_passage_has_the_numbers_and_some_words(sentence: str, holds: bool) -> None:
    assert may_cite(PASSAGES[1], sentence, PASSAGES) is holds


def test_what_a_mark_is_about_is_the_sentence_or_the_code_before_it() -> None:
    text = "One. Two is 2.5 long. "
    assert sentence_before(text, len(text)).strip() == "Two is 2.5 long."
    assert sentence_before("Run:\n\n```bash\nnpm i x\n```", 100) == "npm i x"
    assert [one.text.strip() for one in sentences("# A b\n\nOne. Two!\n\n```\nno. code.\n```\nThree.")] == [
        *("# A b", "One.", "Two!", "Three.")
    ]


@pytest.mark.parametrize(
    ("text", "question", "nothing"),
    [
        ("The book does not seem to cover that.", "What does it cost?", True),
        ("The passages do not mention the price of a smoker.", "What is the price of a smoker?", True),
        ("Hello! How can I help you today?", "Hi", True),
        ("You are welcome!", "Thanks", True),
        ("Which smoker do you mean?", "How big is it?", True),
        ("The smoker does not calm bees.", "Does the smoker calm bees?", False),
        ("The book does not say. A smoker costs $20.", "What does a smoker cost?", False),
        ("Yes, a smoker is needed.", "Is a smoker needed?", False),
        ("There is no information about prices in the passages.", "What are the prices?", True),
        ("No, the book does not cover this.", "Is there an app?", True),
        ("No, text in an inactive tab is not searched.", "Is text in an inactive tab searched?", False),
        ("The assistant does not answer from drafts.", "Does the assistant answer from drafts?", False),
        ("Questions on this page are not kept.", "Are the questions on this page kept?", False),
    ],
)
def test_small_talk_and_not_covered_state_nothing(text: str, question: str, nothing: bool) -> None:
    assert states_nothing(text, question) is nothing


@pytest.mark.parametrize(
    ("locale", "text", "question", "nothing"),
    [
        ("de", "Das Buch behandelt dieses Thema nicht.", "Was kostet ein Abo?", True),
        ("de", "Dazu steht nichts im Buch.", "Was kostet ein Abo?", True),
        ("de", "Ein Abo kostet nichts.", "Was kostet ein Abo?", False),
        ("es", "El libro no menciona el precio.", "¿Cuál es el precio?", True),
        ("fr", "Le livre ne parle pas de cela.", "Combien coûte un abonnement ?", True),
        ("fr", "Un abonnement ne coûte pas 20 euros.", "Combien coûte un abonnement ?", False),
        ("ru", "В книге об этом не говорится.", "Сколько стоит подписка?", True),
        ("de", "Ja.", "Gibt es eine App?", False),
        ("en", "No.", "Is there an app?", False),
    ],
)
def test_not_covered_is_told_in_other_languages(locale: str, text: str, question: str, nothing: bool) -> None:
    assert states_nothing(text, question, locale) is nothing


def test_not_covered_is_told_from_small_talk() -> None:
    assert declines("The book does not cover that.")
    assert not declines("You are welcome!")


def test_what_was_added_for_readers_is_taken_off_again() -> None:
    for said in map(notices_of, LANGUAGES):
        assert without_caveat(f"{said.caveat}\n\nIt costs $20.\n\n{said.nearest}\n\n- Hives") == "It costs $20."
    assert without_caveat("It costs $20.") == "It costs $20."


def test_a_passage_in_another_script_is_compared_in_its_own_way() -> None:
    passage = Passage(make_chunk("ミツバチは八の字に踊り、仲間に食べ物の場所を教えます。"), 1.0)
    assert find_support("ミツバチは八の字に踊ります。", [passage]) == 1
    assert find_support("年間購読料は二十ドルです。", [passage]) is None


@pytest.mark.parametrize(
    ("asked", "whole"),
    [
        (["What is a hive?"], "What is a hive?"),
        (["What is a hive?", "And why?"], "What is a hive? And why?"),
        (["What is a hive?", "And why?", "How does it work?"], "What is a hive? How does it work?"),
        (
            ["What is a hive?", "How many eggs does the queen lay in a day?"],
            "How many eggs does the queen lay in a day?",
        ),
        (["And?"], "And?"),
        ([], ""),
    ],
)
def test_a_question_that_points_back_is_made_whole(asked: list[str], whole: str) -> None:
    assert whole_question(asked) == whole

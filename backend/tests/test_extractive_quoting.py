"""What is quoted from given passages, how surely, and how it reads."""

import pytest

from booklight.extractive.question import ParsedQuestion
from booklight.extractive.quoting import Quotation, quote
from booklight.extractive.section import parse_section


def read(text: str, *passages: tuple[str, str], topic: str | None = None, likely: float = 0.9) -> Quotation | None:
    """Ask `text` of passages, each a heading and its Markdown, best first."""
    sections = [
        parse_section(rank, f"[^{rank + 1}]", ["Bees", heading], markdown)
        for rank, (heading, markdown) in enumerate(passages)
    ]
    return quote(ParsedQuestion(text, topic), sections, likely)


def answer(text: str, *passages: tuple[str, str], topic: str | None = None) -> str:
    quoted = read(text, *passages, topic=topic)
    assert quoted is not None
    return quoted.text


STING = ("Does a sting kill the bee?", "Yes. The sting tears out. It stays in the skin and pumps venom.")
TITLES = (
    "How do I paint a hive?",
    "To paint a hive, choose a light colour. Let it dry for two days.\n\nSpray · Brush\n\n**Spray**\n\n"
    "```sh\nspray --coats 2\n```\n\n**Brush**\n\n```sh\nbrush --coats 1\n```",
)
WORDS = ("Glossary", "| Word | Means |\n| --- | --- |\n| drone | a male bee |\n| nuc | a small colony |")


def test_a_yes_answers_its_own_heading_and_brings_it() -> None:
    assert answer("Does a sting kill a bee?", STING).startswith("**Does a sting kill the bee?** Yes. The sting tears")


def test_a_yes_is_no_answer_to_another_question() -> None:
    passage = ("Does the smoke reach the brood?", "No. The smoke stays under the lid.")
    assert answer("Is there smoke under the lid?", passage) == "The smoke stays under the lid.[^1]"


def test_a_sentence_that_leans_on_its_heading_comes_with_it() -> None:
    assert answer(
        "What does the queen excluder keep out?", ("The queen excluder", "It keeps the queen out of the honey.")
    ) == ("**The queen excluder** It keeps the queen out of the honey.[^1]")


def test_a_sentence_that_leans_on_what_is_not_quoted_is_left_out() -> None:
    passage = ("Moving", "Close the hive.\n\n```sh\nclose hive\n```\n\nThe new entrance confuses the foragers.")
    assert read("What confuses the foragers at an entrance?", passage) is None


def test_a_row_of_tab_labels_is_never_quoted() -> None:
    assert "Spray · Brush" not in answer("Should I spray or brush?", TITLES)


def test_how_to_brings_the_paragraph_and_the_code_that_was_asked_for() -> None:
    assert answer("How do I paint a hive with a brush?", TITLES) == (
        "To paint a hive, choose a light colour. Let it dry for two days.[^1]\n\n"
        "**Brush**\n\n```sh\nbrush --coats 1\n```"
    )
    assert "spray --coats 2" in answer("How do I paint a hive?", TITLES)


def test_a_short_follow_up_asks_in_the_form_of_the_question_before() -> None:
    assert "brush --coats 1" in answer("And by brush?", TITLES, topic="How do I paint a hive?")


def test_a_glossary_row_defines_a_word() -> None:
    mention = ("Drones", "The drone leaves the hive at noon.")
    assert answer("What is a drone?", mention, WORDS) == (
        "**Glossary**[^2]\n\n| Word | Means |\n| --- | --- |\n| drone | a male bee |"
    )


def test_a_mention_is_no_definition() -> None:
    quoted = read("What is a drone?", ("Flights", "The drone leaves the hive at noon."))
    assert quoted is not None
    assert not quoted.sure


def test_what_no_passage_knows_weighs_against_being_sure() -> None:
    passage = ("Spring work", "The paint of a hive should be free of lead.")
    known, unknown = read("Which paint for a hive?", passage), read("Which Zibblewort paint for a hive?", passage)
    assert known is not None
    assert known.sure
    assert unknown is None or not unknown.sure


def test_a_heading_with_every_known_word_comes_near_where_the_search_has_little_hope() -> None:
    passage = ("How is honey filtered?", "Pour the honey through a cloth.")
    quoted = read("How do I filter honey effortlessly and thriftily?", passage, likely=0.05)
    assert quoted == Quotation("Pour the honey through a cloth.[^1]", sure=False)


def test_a_heading_leads_in_a_table_without_a_second_punctuation_mark() -> None:
    table = ("What do the colours mean?", "| Colour | Year |\n| --- | --- |\n| white | 2026 |\n| yellow | 2027 |")
    assert answer("What do the colours mean?", table) == (
        "**What do the colours mean?**[^1]\n\n| Colour | Year |\n| --- | --- |\n| white | 2026 |\n| yellow | 2027 |"
    )


def test_a_row_that_has_the_key_words_answers_without_its_neighbours() -> None:
    table = ("Options", "| Option | Sets |\n| --- | --- |\n| `lid` | the colour of the lid |\n| `floor` | the floor |")
    assert answer("How do I change the colour of the lid?", table).endswith("| `lid` | the colour of the lid |")


def test_quotations_from_one_passage_are_one_with_one_mark() -> None:
    passage = ("Wax", "Wax melts at 62 degrees. Bees sweat. Wax of old combs melts slowly.")
    assert answer("When does wax of combs melt?", passage).count("[^1]") == 1


def test_a_number_is_quoted_where_a_number_is_asked_for() -> None:
    passages = (("Eggs", "A queen lays eggs of two kinds."), ("Laying", "A queen lays 2,000 eggs."))
    assert answer("How many eggs does a queen lay?", *passages).startswith("A queen lays 2,000 eggs.")


FEEDING = (
    "Is old feed moved?",
    "The new feed starts clean, and the Apiguard strip stays as it is. A worker drinks feed.",
)
COMPARING = (
    "Judging without a feed",
    "A judge tastes as a feed would and then names the few frames, combs, queens and yards that did best.",
)
FRAMES = ("How many frames may a hive hold?", "Above that a hive weighs 40 kg, and the scales say how long to wait.")


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("Which feeds can I use?", FEEDING),
        ("Which feed is best?", COMPARING),
        ("How long may a frame be?", FRAMES),
    ],
)
def test_a_sentence_that_only_mentions_what_is_asked_for_is_no_sure_answer(text: str, passage: tuple[str, str]) -> None:
    quoted = read(text, passage)
    assert quoted is None or not quoted.sure


@pytest.mark.parametrize(
    ("text", "heading", "sentence"),
    [
        ("Which feeds can I use?", "Feed for weak hives", "As a feed the bees take Apiinvert."),
        ("Which feeds can I use?", "Feed for weak hives", "Any feed with 60 percent of sugar will do."),
        ("Which feeds can I use?", "Which feed should I use?", "Thin syrup in spring, thick syrup in autumn."),
        ("Which bees gather pollen?", "Work", "Old worker bees gather the pollen."),
        ("How long may a frame be?", "Frames", "A frame may be 43 cm wide."),
        ("What else can bees eat?", "Winter", "Bees can eat candy where syrup would freeze."),
    ],
)
def test_a_sentence_that_names_what_is_asked_for_is_a_sure_answer(text: str, heading: str, sentence: str) -> None:
    assert read(text, (heading, sentence)) == Quotation(f"{sentence}[^1]", sure=True)

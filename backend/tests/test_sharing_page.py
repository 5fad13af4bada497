"""The page of a shared answer: its numbers stand where the answer cites, and its words are in every language."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from booklight.llm.notices import LANGUAGES
from booklight.sharing.cited_markdown import NumberedSource, collect_sources, place_marks, render_markdown
from booklight.sharing.contracts import SharedAnswer, SharedPart
from booklight.sharing.page import render_gone, render_shared, words_by_language

BOOK = "https://bees.example/book"
PLACES = Path(__file__).parents[2] / "site-plugin/src/__tests__/fixtures/citation-places.json"
AS_IN_THE_PANEL = json.loads(PLACES.read_text("utf-8"))


def part(text: str, *cited: tuple[int | None, str], description: str | None = None) -> SharedPart:
    """Return a part of an answer that cites pages at places."""
    annotations = [
        {
            "type": "annotation",
            "index": index,
            "source": {"type": "url", "title": f"Of {page}", "url": page, "description": description},
        }
        for index, page in cited
    ]
    return SharedPart.model_validate({"type": "output_text", "text": text, "annotations": annotations})


def rendered(text: str, *cited: tuple[int | None, str]) -> str:
    """Return the HTML of an answer, with `[n]` for the links of its numbers."""
    one = part(text, *cited)
    sources = collect_sources([one])
    html = render_markdown(one, sources)
    for source in sources.values():
        name = f"{source.number}: {source.title}"
        link = f'<a class="cite" href="{source.link}" aria-label="{name}">{source.number}</a>'
        html = html.replace(link, f"[{source.number}]")
    return html.strip()


@pytest.mark.parametrize(
    ("text", "places", "html"),
    [
        ("Bees dance. They eat.", [11, 21], "<p>Bees dance.[1] They eat.[2]</p>"),
        ("Bees dance.", [11, 11], "<p>Bees dance.[1][2]</p>"),
        ("Bees dance. \n\nSo.", [12, None], "<p>Bees dance.[1]</p>\n<p>So.</p>"),
        ("🐝 dance.", [8], "<p>🐝 dance.[1]</p>"),
        ("**Bees**", [8], "<p><strong>Bees</strong>[1]</p>"),
        ("```python\na = 1\n```", [19], '<pre><code class="language-python">a = 1\n</code></pre>\n<p>[1]</p>'),
        ("`a⟦b`", [3], "<p><code>a⟦b</code></p>"),
        ("# One", [5], "<h3>One[1]</h3>"),
        ("> Bees", [6], "<blockquote>\n<p>Bees[1]</p>\n</blockquote>"),
        ("Bees", [99], "<p>Bees</p>"),
    ],
)
def test_numbers_stand_where_the_answer_cites(text: str, places: list[int | None], html: str) -> None:
    assert rendered(text, *[(place, f"{BOOK}/{at}") for at, place in enumerate(places)]) == html


@pytest.mark.parametrize("example", AS_IN_THE_PANEL["marks"], ids=lambda example: repr(example["marked"]))
def test_marks_are_placed_as_in_the_panel(example: dict[str, Any]) -> None:
    marked = re.sub(r"⟦(\d)⟧", lambda mark: f"⟦{chr(0xE000 + int(mark[1]))}⟧", example["marked"])
    assert place_marks(example["text"], [(index, number) for index, number in example["places"]]) == marked


@pytest.mark.parametrize("example", AS_IN_THE_PANEL["fragments"], ids=lambda example: example["opened"])
def test_a_passage_is_named_in_its_link_as_in_the_panel(example: dict[str, str]) -> None:
    source = NumberedSource(1, "Bees", example["href"], None, [example["passage"]])
    assert source.link == example["opened"]


def test_a_number_at_the_end_of_a_row_stands_in_its_last_cell() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    assert "<td>2 [1]</td>" in rendered(table, (len(table), BOOK))


def test_equal_pages_are_one_source_and_what_is_no_web_page_is_none() -> None:
    one = part("One. Two. Three.", (4, f"{BOOK}/a"), (9, f"{BOOK}/a"), (16, "javascript:alert(1)"))
    sources = collect_sources([one])
    assert [(source.number, source.url) for source in sources.values()] == [(1, f"{BOOK}/a")]
    assert render_markdown(one, sources).count('class="cite"') == 2
    assert "javascript" not in render_markdown(one, sources)


def test_text_that_looks_like_a_number_of_ours_is_none() -> None:
    assert rendered("a⟦\ue001⟧b", (1, BOOK)) == "<p>ab</p>"


def test_a_source_is_followed_to_its_first_words() -> None:
    one = part("Yes.", (4, f"{BOOK}/a#b"), description="Bees - the honey-bees - dance in eights, always…")
    (source,) = collect_sources([one]).values()
    assert source.link == f"{BOOK}/a#b:~:text=Bees%20%2D%20the%20honey%2Dbees%20%2D%20dance"


def shared_answer(**changed: Any) -> SharedAnswer:
    """Return a shared answer."""
    given: dict[str, Any] = {
        "question": "Do <bees> dance?",
        "content": [part("Yes.", (4, BOOK), description="<i>Bees</i> dance.")],
        "notices": [],
        "cut": False,
        "language": "en",
        "expires_at": datetime(2026, 12, 24, tzinfo=UTC),
    }
    return SharedAnswer(**given | changed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_every_language(language: str) -> None:
    words = words_by_language()[language]
    page = unescape(render_shared(shared_answer(language=language, cut=True, page_url=BOOK), "abc").html)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert words.until.format(date="2026-12-24") in page
    for said in (words.title, words.sources, words.cut, words.book):
        assert said in page
    assert words.gone in unescape(render_gone(language).html)


def test_there_are_no_other_words() -> None:
    assert {*words_by_language()} == {*LANGUAGES}
    assert len({words.title for words in words_by_language().values()}) == len(LANGUAGES)


def test_what_is_not_there_leaves_no_trace() -> None:
    page = render_shared(shared_answer(content=[part("Yes.")]), "abc").html
    for absent in ("<ol", "Sources", "broke off", "Read on", "<blockquote"):
        assert absent not in page


def test_texts_are_no_html() -> None:
    page = render_shared(shared_answer(quoted_text="<u>marked</u>"), "abc").html
    assert "Do &lt;bees&gt; dance?" in page
    assert "&lt;i&gt;Bees&lt;/i&gt; dance." in page
    assert "&lt;u&gt;marked&lt;/u&gt;" in page

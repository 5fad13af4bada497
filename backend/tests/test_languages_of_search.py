"""Books in Russian and Japanese are searched as well as English ones: each of a dozen pages, with 15 questions."""

from pathlib import Path

import pytest

from booklight.contracts import SearchRequest
from booklight.evaluation.questions import load_questions
from booklight.evaluation.report import Group, evaluate
from booklight.evaluation.run import ask_all
from booklight.search.passages import search
from booklight_ingest.chunks import split_book
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.index.live import open_index
from booklight_ingest.index.sync import sync_index
from booklight_ingest.pages import Book, Page, Site

BOOKS = Path(__file__).parent / "fixtures" / "books"
# What English books reach, see the handbook's page on how good search is, less ten points.
LEAST_NDCG = 0.70
LEAST_RECALL = 0.80


def read_book(language: str) -> Book:
    """Return the book in a folder as its site would describe it."""
    pages = tuple(
        Page(path=f"/docs/{file.stem}", source=file.name, title=file.read_text().split("\n")[0][2:], locale=language)
        for file in sorted((BOOKS / language).glob("*.md"))
    )
    site = Site(title=language, url="https://book.example", base_url="/", locale=language, site_dir=".", commit=None)
    return Book(version=1, site=site, pages=pages)


async def figures(language: str, folder: Path) -> Group:
    """Index the book and ask its questions."""
    book = read_book(language)
    await sync_index([book], [*split_book(book, BOOKS / language)], folder, SentenceVectors())
    index = await open_index(folder, SentenceVectors())
    questions = load_questions(BOOKS / language / "questions.jsonl")
    results = await ask_all(index, questions, book.pages)
    await index.close()
    return evaluate(questions, results).all


@pytest.mark.parametrize("language", ["ru", "ja"])
async def test_it_reaches_what_english_books_reach(language: str, tmp_path: Path) -> None:
    found = await figures(language, tmp_path)
    assert found.section.ndcg >= LEAST_NDCG
    assert found.section.recall[5] >= LEAST_RECALL


@pytest.mark.parametrize("language", ["ru", "ja"])
async def test_no_right_word_is_corrected(language: str, tmp_path: Path) -> None:
    book = read_book(language)
    await sync_index([book], [*split_book(book, BOOKS / language)], tmp_path, NoEmbedder())
    index = await open_index(tmp_path, NoEmbedder())
    for question in load_questions(BOOKS / language / "questions.jsonl"):
        found = await search(index, SearchRequest([question.question]))
        assert found.searched_for is None
    await index.close()

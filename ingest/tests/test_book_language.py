"""A book that is plainly written in another language than its locale says (R14)."""

from pathlib import Path

import pytest

from booklight_ingest import book_language
from booklight_ingest.book_language import as_written, plain_language
from booklight_ingest.pages import Book, Page, Site
from booklight_ingest.sources import BookSource

POLISH = """Przed otwarciem ula zapal podkurzacz, bo dym zagłusza zapach, którym strażniczki ostrzegają inne pszczoły.
Potem zdejmij daszek i powoli wyjmij pierwszą ramkę. Jeżeli pszczoły są niespokojne, odczekaj chwilę i dodaj trochę
dymu. Nigdy nie zostawiaj zapalonego podkurzacza w trawie, ponieważ latem łatwo o pożar. Królowa składa dziennie do
dwóch tysięcy jaj, a robotnice karmią ją mleczkiem. Na zimę rodzina potrzebuje około piętnastu kilogramów miodu.
"""
GERMAN = """Zünde den Smoker an, bevor du den Stock öffnest, denn der Rauch überdeckt den Duft, mit dem die Wächterinnen
andere Bienen warnen. Danach nimm den Deckel ab und zieh langsam die erste Wabe heraus. Sind die Bienen unruhig, so
warte einen Augenblick und gib etwas mehr Rauch. Lass den brennenden Smoker niemals im Gras stehen, weil es im Sommer
schnell brennt. Die Königin legt am Tag bis zu zweitausend Eier, und die Arbeiterinnen füttern sie mit Gelée royale.
"""
RUSSIAN = """Прежде чем открыть улей, разожгите дымарь, потому что дым перебивает запах, которым сторожевые пчёлы
предупреждают остальных. Затем снимите крышку и медленно выньте первую рамку. Если пчёлы беспокойны, немного подождите
и добавьте дыма. Никогда не оставляйте зажжённый дымарь в траве, потому что летом легко устроить пожар. Матка
откладывает до двух тысяч яиц в день, а рабочие пчёлы кормят её маточным молочком.
"""
JAPANESE = """巣箱を開ける前に燻煙器に火をつけてください。煙は見張りの蜂が仲間に危険を知らせる匂いを隠してくれます。
それからふたを外し、最初の巣枠をゆっくりと取り出します。蜂が落ち着かないときは少し待って、煙をもう少し足します。
火のついた燻煙器を草の上に置いてはいけません。夏は火事になりやすいからです。女王蜂は一日に二千個まで卵を産み、
働き蜂はローヤルゼリーで女王蜂を育てます。冬を越すために群れはおよそ十五キロの蜂蜜を必要とします。
"""
ENGLISH = """Light the smoker before you open a hive, because smoke hides the scent by which guards warn the others.
Then take off the roof and slowly pull out the first frame. If the bees are restless, wait for a moment and add some
smoke. Never leave a lit smoker in the grass, as in summer it is easy to start a fire. The queen lays up to two
thousand eggs a day, and the workers feed her with royal jelly. A colony needs about fifteen kilograms for the winter.
"""
CODE = """---
title: Install
---

```bash
npm install the-package
```

Use `npm start`, <Link to='/a'>{name}</Link>.

"""


def book(root: Path, *texts: str, locale: str = "en", locales: tuple[str, ...] = ("en",)) -> BookSource:
    for at, text in enumerate(texts):
        (root / f"{at}.mdx").write_text(text, encoding="utf-8")
    pages = tuple(Page(path=f"/{at}", source=f"{at}.mdx", title="T", locale=locale) for at in range(len(texts)))
    site = Site(title="T", url="https://b.example", base_url="/", locale=locale, site_dir=".", locales=locales)
    return BookSource(Book(version=1, site=site, pages=pages), root)


@pytest.mark.parametrize(
    ("text", "language"), [(POLISH, "pl"), (GERMAN, "de"), (RUSSIAN, "ru"), (JAPANESE, "ja"), (ENGLISH, "en")]
)
@pytest.mark.parametrize("pages", [1, 2, 5])
def test_the_language_of_a_book_is_seen_among_its_code(tmp_path: Path, text: str, language: str, pages: int) -> None:
    given = book(tmp_path, *[f"{CODE}{text}\n{CODE}"] * pages)
    assert plain_language(given) == (language if language != "en" else None)
    told = book(tmp_path, *[text] * pages, locale=f"{language}-XX", locales=(f"{language}-XX",))
    assert plain_language(told) is None


def test_english_that_is_said_to_be_something_else_is_seen(tmp_path: Path) -> None:
    assert plain_language(book(tmp_path, ENGLISH, ENGLISH, locale="pl", locales=("pl",))) == "en"


@pytest.mark.parametrize("texts", [(), ("",), (CODE, CODE), ("Ule.", "Pszczoły."), (POLISH, ENGLISH)])
def test_what_does_not_tell_is_left_as_it_is(tmp_path: Path, texts: tuple[str, ...]) -> None:
    assert plain_language(book(tmp_path, *texts)) is None


@pytest.mark.parametrize("texts", [(POLISH, "Ule."), (ENGLISH, ENGLISH)])
def test_where_nothing_is_to_be_told_apart_the_slow_model_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: tuple[str, ...]
) -> None:
    monkeypatch.setattr(book_language, "_identifier", lambda: pytest.fail("was loaded"))
    assert plain_language(book(tmp_path, *texts)) is None


@pytest.mark.parametrize("locales", [("en", "pl"), ()])
def test_pages_that_have_yet_to_be_translated_are_no_fault(tmp_path: Path, locales: tuple[str, ...]) -> None:
    assert plain_language(book(tmp_path, ENGLISH, ENGLISH, locale="pl", locales=locales)) is None


def test_a_book_is_taken_for_what_it_is(tmp_path: Path) -> None:
    written = as_written(book(tmp_path, POLISH, POLISH), "pl").book
    assert {written.site.locale, *(page.locale for page in written.pages)} == {"pl"}

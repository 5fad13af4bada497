"""A small book for tests of the agent: passages about bees, and a search over them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from booklight.contracts import Found, Passage, SearchRequest
from booklight_ingest.chunks import Chunk
from booklight_ingest.terms import split_terms

HIVES = "/book/docs/hives"


def make_chunk(text: str, *, page: str = "Hives", heading: str | None = None, path: str = HIVES) -> Chunk:
    """Return a chunk of the chapter `Keeping bees` with the fields that an answer shows."""
    anchor = None if heading is None else heading.lower().replace(" ", "-")
    return Chunk(
        id=f"{path}#{anchor} {text[:40]}",
        path=path,
        url=path if anchor is None else f"{path}#{anchor}",
        anchor=anchor,
        heading=heading,
        breadcrumbs=tuple(part for part in ("Keeping bees", page, heading) if part),
        page_title=page,
        chapter_number=1,
        chapter_path="/book/docs",
        chapter_title="Keeping bees",
        lesson_slug=path.rsplit("/", 1)[-1],
        source="docs/hives.mdx",
        position=0,
        text=text,
        token_count=len(text.split()),
        content_hash="",
        site="https://bees.example/book/",
        locale="en",
        docs_instance="default",
        docs_version="current",
    )


WAGGLE = make_chunk(
    "A waggle dance is a figure of eight that tells other bees where food is. It points at the sun. "
    "The longer the run, the farther the food.",
    page="Dances",
    heading="The waggle dance",
    path="/book/docs/dances",
)
SMOKER = make_chunk(
    "Light the smoker before you open a hive, because smoke hides the alarm scent of the guard bees.\n\n"
    "To light it:\n\n1. Put paper at the bottom.\n2. Add dry pine needles.\n3. Pump until the smoke is cool.\n\n"
    "Never leave a lit smoker in the grass.",
    heading="Using a smoker",
)
FEEDING = make_chunk(
    "Bees need about 15 kg of honey for the winter. Weigh the hive in September.\n\n"
    'Mix the syrup with this script:\n\n```python title="syrup.py"\ndef syrup(sugar):\n    return sugar / 2\n```\n\n'
    "| Month | Feed |\n| --- | --- |\n| August | thin syrup |\n| September | thick syrup |\n",
    page="Feeding",
    heading="Feeding for winter",
    path="/book/docs/feeding",
)
QUEEN = make_chunk(
    "The queen lays up to 2,000 eggs a day. Workers feed her royal jelly.", page="The queen", path="/book/docs/queen"
)
SMALL_BOOK = (WAGGLE, SMOKER, FEEDING, QUEEN)


@dataclass
class SmallSearch:
    """Finds the chunks that share words with a query, those that share most first, and remembers what it was asked."""

    chunks: Sequence[Chunk] = SMALL_BOOK
    asked: list[SearchRequest] = field(default_factory=list)

    async def __call__(self, request: SearchRequest) -> Found:
        self.asked.append(request)
        wanted = set(split_terms(" ".join([*request.queries, request.selection or ""])))
        inside = [chunk for chunk in self.chunks if request.scope != "current_page" or chunk.path == request.page.path]
        scored = [Passage(chunk, _shared(chunk, wanted)) for chunk in inside]
        passages = sorted((passage for passage in scored if passage.score), key=lambda passage: -passage.score)
        return Found(tuple(passages), answerability=1.0, found=bool(passages), in_scope=bool(passages))


def _shared(chunk: Chunk, wanted: set[str]) -> float:
    terms = set(split_terms(" ".join([*chunk.breadcrumbs[1:], chunk.text])))
    return float(len(wanted & terms))

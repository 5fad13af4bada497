"""Two witnesses of a page: its source says what the author wrote, its HTML what readers see.

The two are laid side by side at the headings that both have. Between two of these, the source is taken where it holds
nothing that only a build can know and its words are those of the HTML; else the HTML. So an author's own syntax needs
no rule: the words differ, and readers see the HTML's. Lazy tabs and diagrams, which no HTML holds, are the source's.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from booklight_ingest.anchors import align, normal
from booklight_ingest.mdx import Block, Computed, Item, SourceHeading

# Words, and the doubled signs that an author's own syntax is made of, as in `[[term]]`: the page does not show them.
WORD = re.compile(r"[^\W_]+|\[\[|\]\]|\{\{|\}\}|==|%%|\+\+|\^\^")


@dataclass(slots=True)
class Tally:
    """How many sections were taken from which witness, and the paths of the pages that have hardly any text."""

    from_source: int = 0
    from_html: int = 0
    nearly_empty: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count what `other` counted as well."""
        self.from_source += other.from_source
        self.from_html += other.from_html
        self.nearly_empty += other.nearly_empty


def choose(written: Sequence[Item], built: Sequence[Item], title: str, tally: Tally) -> list[Item]:
    """Return the items of the page `title`, each part from the witness to be believed, headings with their ids there.

    The heading that is the page's title is left out.
    """
    written, built = without_title(written, title), without_title(built, title)
    ours = [item for item in written if isinstance(item, SourceHeading) and not item.unbuilt]
    theirs = [item for item in built if isinstance(item, SourceHeading)]
    pairs = align(ours, theirs)
    left = _parts(written, [ours[here] for here, _ in pairs])
    right = _parts(built, [theirs[there] for _, there in pairs])
    chosen: list[Item] = []
    for said, seen in zip(left, right, strict=True):
        shown = [item for item in said if not isinstance(item, Computed) and not item.unbuilt]
        plain = not any(isinstance(item, Computed) for item in said) and _same(shown, seen)
        if _has_text(said if plain else seen):
            tally.from_source += plain
            tally.from_html += not plain
        chosen += _linked(said, seen) if plain else [*seen, *_unbuilt(said)]
    return chosen


def without_title(items: Sequence[Item], title: str) -> Sequence[Item]:
    """Return `items` without the heading that is the page's `title`."""
    match items:
        case [SourceHeading(level=1, text=text), *rest] if normal(text) == normal(title):
            return rest
    return items


def _parts(items: Iterable[Item], headings: Sequence[SourceHeading]) -> list[list[Item]]:
    """What stands before the first of `headings`, and from each to the next."""
    parts: list[list[Item]] = [[]]
    waiting = iter(headings)
    following = next(waiting, None)
    for item in items:
        if item is following:
            parts.append([])
            following = next(waiting, None)
        parts[-1].append(item)
    return parts


def _same(shown: Sequence[Item], seen: Sequence[Item]) -> bool:
    """Whether the two say the same words under as many headings."""
    ours, theirs = _words(shown), _words(seen)
    # Nearly always they are in the same order, which is seen sooner than that they are as many of each.
    return (ours == theirs or Counter(ours) == Counter(theirs)) and len(_headings(shown)) == len(_headings(seen))


def _words(items: Iterable[Item]) -> list[str]:
    return WORD.findall("\n".join([item.text for item in items if not isinstance(item, Computed)]))


def _headings(items: Iterable[Item]) -> list[SourceHeading]:
    return [item for item in items if isinstance(item, SourceHeading)]


def _has_text(items: Iterable[Item]) -> bool:
    return any(isinstance(item, Block) for item in items)


def _linked(said: Iterable[Item], seen: Iterable[Item]) -> list[Item]:
    """The items of the source, the headings among them with their ids on the page."""
    ids = iter([heading.slug for heading in _headings(seen)])
    return [
        replace(item, slug=next(ids)) if isinstance(item, SourceHeading) and not item.unbuilt else item for item in said
    ]


def _unbuilt(said: Iterable[Item]) -> list[Item]:
    return [item for item in said if not isinstance(item, Computed) and item.unbuilt]

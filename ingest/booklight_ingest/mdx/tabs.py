"""Tabs: the row of labels where the group begins, and each label again above its tab."""

from booklight_ingest.mdx.block_builder import Closer, Composition, Tabs
from booklight_ingest.mdx.blocks import Block
from booklight_ingest.mdx.components import attribute_text, attribute_value
from booklight_ingest.mdx.excerpts import plain_text
from booklight_ingest.mdx.inline import escape
from booklight_ingest.mdx.scanner import Tag
from booklight_ingest.mdx.values import Scope, to_text


def open_tabs(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """`<Tabs values={[{label, value}]}>`: reserves the place of the row until its labels are known."""
    page.flush()
    tabs = Tabs(_labels(tag, scope), attribute_text(tag, "defaultValue", scope) if "lazy" in tag.attributes else None)
    page.tabs.append(tabs)
    out, place, containers = page.out, len(page.out), page.containers

    def close() -> None:
        page.flush()
        page.tabs.remove(tabs)
        if tabs.labels and not page.hidden:
            out.insert(place, Block("label", " · ".join(map(escape, tabs.labels)), containers))

    return close


def open_tab(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """`<TabItem value="…" label="…">`."""
    page.flush()
    value = attribute_text(tag, "value", scope)
    known = page.tabs[-1].by_value if page.tabs else {}
    label = attribute_text(tag, "label", scope) or known.get(value, value)
    if page.tabs and label:
        page.tabs[-1].labels.append(label)
    page.label(label)
    unbuilt = bool(page.tabs and page.tabs[-1].only) and page.tabs[-1].only != value
    page.unbuilt += unbuilt

    def close() -> None:
        page.flush()
        page.unbuilt -= unbuilt

    return close


def _labels(tag: Tag, scope: Scope) -> dict[str, str]:
    values = attribute_value(tag.attributes.get("values"), scope)
    entries = [entry for entry in values if isinstance(entry, dict)] if isinstance(values, list) else []
    return {to_text(entry.get("value")): plain_text(entry.get("label")) for entry in entries}

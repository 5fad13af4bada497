"""Tabs: the label of each is the title of what stands in it."""

from booklight_ingest.mdx.block_builder import BlockBuilder, Closer, Tabs
from booklight_ingest.mdx.components import attribute_text, labels_of
from booklight_ingest.mdx.scanner import Tag


def open_tabs(page: BlockBuilder, tag: Tag) -> Closer:
    """`<Tabs values={[{label, value}]}>`."""
    page.flush()
    only = attribute_text(tag, "defaultValue") if "lazy" in tag.attributes else None
    tabs = Tabs(labels_of(tag), only, [])
    page.tabs.append(tabs)
    page.tab_labels.append(tabs.labels)
    place = len(page.out)

    def close() -> None:
        page.flush()
        page.tabs.remove(tabs)
        page.name_tabs(place, tabs.labels)

    return close


def open_tab(page: BlockBuilder, tag: Tag) -> Closer:
    """`<TabItem value="…" label="…">`."""
    leave = page.enter_titled()
    value = attribute_text(tag, "value") or ""
    tabs = page.tabs[-1] if page.tabs else Tabs({}, None, [])
    label = attribute_text(tag, "label") or tabs.by_value.get(value, value)
    first = not tabs.labels
    tabs.labels.append(label)
    page.title(label)
    unbuilt = tabs.only is not None and (
        tabs.only != value if tabs.only else not first and "default" not in tag.attributes
    )
    page.unbuilt += unbuilt

    def close() -> None:
        leave()
        page.unbuilt -= unbuilt

    return close

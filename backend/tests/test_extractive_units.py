"""Taking a passage apart into sentences and other units."""

import pytest

from booklight.extractive.sentences import split_sentences
from booklight.extractive.units import Kind, split_units


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Use e.g. Node.js v20.1. Then run `a. B`. Done.", ["Use e.g. Node.js v20.1.", "Then run `a. B`.", "Done."]),
        ("See [A. B](x). It works (Fig. 3). OK.", ["See [A. B](x).", "It works (Fig. 3).", "OK."]),
        ("He said “Stop.” Then left.", ["He said “Stop.”", "Then left."]),
        ("**1. Keep it short. Very.** Yes.", ["**1. Keep it short. Very.** Yes."]),
        ("3. Begin here", ["3. Begin here"]),
        ("Run it. `npm` follows.", ["Run it.", "`npm` follows."]),
        ("Version 2. and lower case", ["Version 2. and lower case"]),
        ("蜂は踊る。餌を知らせる。", ["蜂は踊る。", "餌を知らせる。"]),
        ("no end", ["no end"]),
        ("No. The door stays shut.", ["No.", "The door stays shut."]),
        ("See no. 5 there.", ["See no. 5 there."]),
        ("", []),
    ],
)
def test_sentences(paragraph: str, expected: list[str]) -> None:
    assert split_sentences(paragraph) == expected


def test_units_of_markdown() -> None:
    text = """# Heading

Prose one. Prose two:

- item *one*
  - child
- item two

  ```sh
  run
  ```

> Quoted. Twice.

````md
```js
```
````

| a | b |
| --- | --- |
| 1 | 2 |
"""
    units = split_units(text)
    assert [(unit.kind, unit.text) for unit in units] == [
        (Kind.SENTENCE, "Prose one."),
        (Kind.SENTENCE, "Prose two:"),
        (Kind.ITEM, "- item *one*"),
        (Kind.ITEM, "- child"),
        (Kind.ITEM, "- item two\n\n  ```sh\n  run\n  ```"),
        (Kind.SENTENCE, "Quoted."),
        (Kind.SENTENCE, "Twice."),
        (Kind.CODE, "````md\n```js\n```\n````"),
        (Kind.ROW, "| 1 | 2 |"),
    ]
    assert [unit.indent for unit in units if unit.kind is Kind.ITEM] == [0, 1, 0]
    assert units[-1].head == "| a | b |\n| --- | --- |"
    assert [unit.leads_in for unit in units[:3]] == [False, True, False]

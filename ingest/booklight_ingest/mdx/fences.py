"""Code blocks: their language and title, the comments that only highlight, and fences that only wrap MDX."""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

WRAPPER = re.compile(r"\s*(`{3,})mdx-code-block\s*")
TITLE = re.compile(r"title=([\"'])(.*?)\1")
LINE_RANGE = re.compile(r"\{[\d,-]+\}")
TICKS = re.compile(r"`{3,}")
COMMENTS = {
    "js": r"// *{}",
    "block": r"/\* *{} *\*/",
    "jsx": r"\{{ */\* *{} *\*/ *\}}",
    "hash": r"# *{}",
    "html": r"<!-- *{} *-->",
    "dashes": r"-- *{}",
    "wasm": r";; *{}",
    "percent": r"% *{}",
    "quote": r"(?:_ *)?['‘’] *{}",
    "rem": r"[Rr][Ee][Mm]\b *{}",
    "bang": r"! *{}",
    "ml": r"\(\* *{} *\*\)",
    "cobol": r"\*> *{}",
}
DIRECTIVE = "(?:highlight-next-line|highlight-start|highlight-end)"
POPULAR = "js block jsx hash html"
# Which comments can highlight a line, by language; in any other language the popular ones can.
STYLES: Mapping[str, str] = {
    **dict.fromkeys(["js", "javascript", "ts", "typescript"], "js block"),
    **dict.fromkeys(["jsx", "tsx"], "js block jsx"),
    **dict.fromkeys(["python", "py", "bash"], "hash"),
    **dict.fromkeys(["markdown", "md"], "html jsx hash"),
    **dict.fromkeys(["tex", "latex", "matlab"], "percent"),
    **dict.fromkeys(["lua", "haskell"], "dashes"),
    **dict.fromkeys(["vb", "vba", "visual-basic", "vbnet"], "quote rem"),
    **dict.fromkeys(["ocaml", "sml"], "ml"),
    "html": "js block html",
    "sql": "dashes block",
    "wasm": "wasm",
    "batch": "rem",
    "basic": "rem bang",
    "fsharp": "js ml",
    "fortran": "bang",
    "cobol": "cobol",
}


def fences_plugin(md: MarkdownIt) -> None:
    """Take away the fences that hide MDX from other tools, so that what they hold is read as part of the page.

    ```mdx-code-block
    <Tabs>
    ```
    """
    md.core.ruler.before("block", "mdx_code_block", _unwrap)


def write_fence(code: str, language: str, title: str) -> str:
    """Return `code` as a fence that nothing in it can close."""
    longest = max((len(run) for run in TICKS.findall(code)), default=2)
    ticks = "`" * max(3, longest + 1)
    title = title.replace('"', "'")
    info = language + (f' title="{title}"' if title else "")
    return f"{ticks}{info}\n{code}\n{ticks}"


def read_fence(info: str, content: str) -> str:
    """Return a fence as its reader sees it: language and title kept, highlighting comments gone."""
    language, _, meta = info.strip().partition(" ")
    language = language.partition("{")[0]
    title = TITLE.search(meta)
    code = content.removesuffix("\n")
    if language and not LINE_RANGE.search(info):
        code = drop_highlights(code, language)
    return write_fence(code, language, title[2] if title else "")


def drop_highlights(code: str, language: str) -> str:
    """Return `code` without the lines that only tell the highlighter what to do."""
    if "highlight-" not in code:
        return code
    styles = STYLES.get(language.lower(), POPULAR).split()
    pattern = re.compile("|".join(COMMENTS[style].format(DIRECTIVE) for style in styles))
    return "\n".join(line for line in code.split("\n") if not pattern.fullmatch(line.strip()))


def _unwrap(state: StateCore) -> None:
    if "mdx-code-block" not in state.src:
        return
    lines, closing = state.src.split("\n"), ""
    for number, line in enumerate(lines):
        if closing and line.strip() == closing:
            lines[number], closing = "", ""
        elif not closing and (opening := WRAPPER.fullmatch(line)):
            lines[number], closing = "", opening[1]
    state.src = "\n".join(lines)

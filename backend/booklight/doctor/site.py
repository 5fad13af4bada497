"""Check a deployed pair of book and sidecar from outside, as the browser of a reader would use it.

One question is asked and one citation followed; the conversation is deleted again.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from pydantic import ValidationError
from selectolax.lexbor import LexborHTMLParser

from booklight.contracts import IndexStatus, Readiness
from booklight.doctor.diagnostics import Diagnostic
from booklight_ingest.pages import Book

PAGE_SECONDS, ANSWER_SECONDS = 30.0, 180.0
# The plugin's options as Docusaurus writes them into the site's main script, as JSON or as what a minifier makes of it.
ASSISTANT_URL = re.compile(r"""\bassistantUrl["']?\s*:\s*["']([^"'\\]*)["']""")
ASKED_HEADERS = "authorization,content-type"
NOT_A_PAGE = "give the address of the book as readers open it"


class Stopped(Exception):
    """What the next checks need is missing; `diagnostic` says why."""

    def __init__(self, part: str, found: str, remedy: str) -> None:
        super().__init__(found)
        self.diagnostic = Diagnostic(part, found, remedy)


async def diagnose_site(url: str) -> list[Diagnostic]:
    """Check the book at `url` and the sidecar that it names. The checks end at the first that all others need."""
    diagnostics: list[Diagnostic] = []
    async with httpx.AsyncClient(follow_redirects=True, timeout=PAGE_SECONDS) as client:
        try:
            await _Visit(client, diagnostics).run(url)
        except Stopped as stop:
            diagnostics.append(stop.diagnostic)
    return diagnostics


class _Visit:
    """One visit to a book: each step adds what it found."""

    def __init__(self, client: httpx.AsyncClient, diagnostics: list[Diagnostic]) -> None:
        self._client, self._diagnostics = client, diagnostics

    async def run(self, url: str) -> None:
        """Take every step."""
        page = await self._open_page(url)
        book = await self._find_book(page)
        assistant = await self._find_assistant(page)
        await self._check_origin(page, assistant)
        await self._check_sidecar(assistant)
        await self._compare_commits(assistant, book)
        headers = {"Origin": _origin(str(page.url)), "Authorization": f"Bearer {await self._begin_session(assistant)}"}
        citation = await self._ask(assistant, book, headers)
        await self._client.post(f"{assistant}/forget", headers=headers)
        if citation is not None:
            await self._follow(citation, page)

    def _found(self, part: str, found: str, remedy: str | None = None) -> None:
        self._diagnostics.append(Diagnostic(part, found, remedy))

    async def _open_page(self, url: str) -> httpx.Response:
        page = await self._fetch("page", url, NOT_A_PAGE)
        if "html" not in page.headers.get("content-type", ""):
            raise Stopped("page", f"{url} is no HTML page", NOT_A_PAGE)
        self._found("page", f"{page.url} is served")
        return page

    async def _find_book(self, page: httpx.Response) -> Book:
        """Return the book's pages.json, which lies at the site's base URL: the page's address, or one above it."""
        places = _folders(str(page.url))
        for place in places:
            answer = await self._client.get(f"{place}booklight/pages.json")
            if answer.is_success and "html" not in answer.headers.get("content-type", ""):
                return self._read_book(answer)
        remedy = "add docusaurus-plugin-booklight to docusaurus.config, build again, and deploy the whole build folder"
        raise Stopped("plugin", f"there is no booklight/pages.json at {places[-1]} or below", remedy)

    def _read_book(self, answer: httpx.Response) -> Book:
        try:
            book = Book.model_validate_json(answer.content)
        except ValidationError:
            remedy = "build the book again with the plugin of this version"
            raise Stopped("plugin", f"{answer.url} is no pages.json that this version reads", remedy) from None
        self._found("plugin", f"{len(book.pages)} pages in {answer.url}")
        return book

    async def _find_assistant(self, page: httpx.Response) -> str:
        """Return where the page's scripts say that the sidecar is."""
        scripts = LexborHTMLParser(page.text).css("script[src]")
        for script in reversed(scripts):
            answer = await self._client.get(urljoin(str(page.url), script.attributes["src"] or ""))
            if found := ASSISTANT_URL.search(answer.text):
                return urljoin(str(page.url), str(found[1]) or "/").rstrip("/")
        remedy = "deploy the pages and the scripts of one build, and empty the cache of the host"
        raise Stopped("plugin", f"no script of {page.url} knows the assistant", remedy)

    async def _check_origin(self, page: httpx.Response, assistant: str) -> None:
        origin = _origin(str(page.url))
        if _origin(assistant) == origin:
            self._found("origin", f"the sidecar is at {assistant}, on the book's own origin")
            return
        if (urlsplit(origin).scheme, urlsplit(assistant).scheme) == ("https", "http"):
            remedy = "put HTTPS before the sidecar and name that address in assistantUrl: browsers refuse http there"
            raise Stopped("origin", f"the book is at {origin}, the sidecar at {assistant}", remedy)
        if await self._may_call(origin, assistant):
            self._found("origin", f"{assistant} lets pages of {origin} call it")
            return
        remedy = f"set BOOKLIGHT_ALLOWED_ORIGINS={origin} for the sidecar; a proxy before it must pass OPTIONS on"
        raise Stopped("origin", f"{assistant} does not let pages of {origin} call it", remedy)

    async def _may_call(self, origin: str, assistant: str) -> bool:
        """Ask what a browser asks before it sends a question from another origin."""
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": ASKED_HEADERS}
        try:
            answer = await self._client.options(f"{assistant}/chatkit", headers={"Origin": origin, **asked})
        except httpx.HTTPError as error:
            raise _unreachable(assistant, error) from None
        allowed = answer.headers.get("access-control-allow-headers", "").lower()
        named = answer.headers.get("access-control-allow-origin") in (origin, "*")
        return answer.is_success and named and all(name in allowed for name in ASKED_HEADERS.split(","))

    async def _check_sidecar(self, assistant: str) -> None:
        try:
            answer = await self._client.get(f"{assistant}/ready")
        except httpx.HTTPError as error:
            raise _unreachable(assistant, error) from None
        try:
            readiness = Readiness.model_validate_json(answer.content)
        except ValidationError:
            remedy = "let assistantUrl end in /assistant, and have the proxy pass that path to the sidecar"
            raise Stopped("sidecar", f"{assistant}/ready answers {answer.status_code}: no sidecar", remedy) from None
        if not readiness.ready:
            reasons = " ".join(part.reason for part in readiness.parts.values() if part.reason)
            raise Stopped("sidecar", f"not ready: {reasons}", "run `booklight doctor` where the sidecar runs")
        self._found("sidecar", f"{assistant} is ready")

    async def _compare_commits(self, assistant: str, book: Book) -> None:
        status = IndexStatus.model_validate_json((await self._client.get(f"{assistant}/index")).content)
        of = f"{status.chunks} chunks of {status.pages} pages"
        if status.commit == book.site.commit:
            self._found("index", f"{of}, of the commit that is deployed, {status.commit or 'which is not known'}")
        else:
            stale = f"{of}, of commit {status.commit}; the book that is deployed is of {book.site.commit}"
            self._found("index", stale, "run `booklight index` on the build that is deployed")

    async def _begin_session(self, assistant: str) -> str:
        answer = await self._client.post(f"{assistant}/session")
        if answer.is_success:
            self._found("session", "a reader's token is given")
            return str(answer.json()["token"])
        remedy = "where readers have to sign in (BOOKLIGHT_ANONYMOUS_READERS), ask a question in the browser instead"
        raise Stopped("session", f"no token for an anonymous reader: status {answer.status_code}", remedy)

    async def _ask(self, assistant: str, book: Book, headers: Mapping[str, str]) -> str | None:
        """Ask about the first heading of the book, on its page, and return where the first citation leads."""
        page = next((one for one in book.pages if one.headings), book.pages[0])
        question = page.headings[0].text if page.headings else page.title
        body = {"query": question, "context": {"page_context": {"path": page.path}}}
        try:
            answer = await self._client.post(f"{assistant}/chatkit", json=body, headers=headers, timeout=ANSWER_SECONDS)
        except httpx.HTTPError as error:
            raise _unreachable(assistant, error) from None
        events = _read_events(answer.text) if answer.is_success else {}
        if "done" not in events:
            raise Stopped("answer", f"{question!r}: {_fault(answer, events)}", "look into the log of the sidecar")
        citation = _first_citation(events.get("item.done", {}))
        said = f"{question!r} is answered ({events['done'].get('answer') or 'of no kind'})"
        if citation is None:
            self._found(
                "answer", f"{said}, without a citation", "run `booklight doctor --model` where the sidecar runs"
            )
        else:
            self._found("answer", f"{said}, with a citation")
        return citation

    async def _follow(self, citation: str, page: httpx.Response) -> None:
        here = _origin(str(page.url))
        if _origin(citation) != here:
            remedy = f"let `url` in docusaurus.config be {here} and index again, or set BOOKLIGHT_BOOK_BASE_URL"
            self._found("citation", f"{citation} is not on {here}", remedy)
            return
        cited = await self._fetch("citation", citation, "deploy the build that was indexed, or index what is deployed")
        anchor = unquote(urlsplit(citation).fragment)
        ids = {node.attributes.get("id") for node in LexborHTMLParser(cited.text).css("[id]")}
        if anchor and anchor not in ids:
            remedy = "index the build that is deployed"
            self._found("citation", f"{citation} leads to a page without {anchor!r}", remedy)
        else:
            self._found("citation", f"{citation} leads to its passage")

    async def _fetch(self, part: str, url: str, remedy: str) -> httpx.Response:
        try:
            answer = await self._client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Stopped(part, f"{url} cannot be reached: {_reason(error)}", remedy) from None
        if not answer.is_success:
            raise Stopped(part, f"{url} answers with status {answer.status_code}", remedy)
        return answer


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _folders(url: str) -> list[str]:
    """Return the folder that a page is in and those above it, the innermost first, each with a slash at its end."""
    steps = [step for step in urlsplit(url).path.split("/") if step]
    return ["/".join([_origin(url), *steps[:count], ""]) for count in range(len(steps), -1, -1)]


def _unreachable(assistant: str, error: Exception) -> Stopped:
    remedy = "start the sidecar where readers can reach it, or correct the plugin's assistantUrl"
    return Stopped("sidecar", f"{assistant} cannot be reached: {_reason(error)}", remedy)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _read_events(stream: str) -> dict[str, dict[str, Any]]:
    """Return the last event of each name in a stream of the simple dialect."""
    found = re.findall(r"^event: (\S+)\ndata: (.*)$", stream, re.MULTILINE)
    return {name: json.loads(data) for name, data in found}


def _first_citation(message: Mapping[str, Any]) -> str | None:
    annotations = (one for part in message.get("content", ()) for one in part["annotations"])
    return next((str(one["source"]["url"]) for one in annotations if "url" in one["source"]), None)


def _fault(answer: httpx.Response, events: Mapping[str, Mapping[str, Any]]) -> str:
    if not answer.is_success:
        return f"status {answer.status_code}"
    return str(events["error"].get("message")) if "error" in events else "the answer broke off"

"""What of readers' words is shown to authors: nothing that tells who they are or opens anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booklight.insights.redaction import redact


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Mail me at anna.weber+book@mail.example.org, please", "Mail me at [e-mail], please"),
        ("Call +49 (0)30 1234 5678 or 0171/1234567.", "Call [number] or [number]."),
        ("my number is 555-867-5309", "my number is [number]"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN DE89 [number]"),
        ("card 4111 1111 1111 1111", "card [number]"),
        ("Why does sk-proj-abcDEF1234567890xyz fail?", "Why does [key] fail?"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[key]"),
        ("AKIAIOSFODNN7EXAMPLE is refused", "[key] is refused"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer [key]"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "token [key]"),
        ("password: hunter22", "password: [key]"),
        ("api_key='s3cr3t-value'", "api_key=[key]"),
        ("postgresql://ann:secret@db.example/books", "postgresql://[key]@db.example/books"),
        ("https://site.example/reset?code=123&user=ann", "https://site.example/reset"),
        ("9f86d081884c7d659a2feaa0c55ad015", "[key]"),
    ],
)
def test_what_tells_who_asked_or_opens_something_is_taken_out(said: str, shown: str) -> None:
    assert redact(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "Which versions of Python and Node are required, 3.11 or 3.12?",
        "What changed on 2026-11-29?",
        "Why does BOOKLIGHT_TURNS_PER_MINUTE_PER_ADDRESS have no effect?",
        "How do I call `search_book_content(queries, search_scope=...)`?",
        "Is /booklight/docs/retrieval/how-search-ranks the right page?",
        "Does it fit in 1024 MB, or 100,000 bytes?",
        "Warum geht der Teig nicht auf? 为什么？",
        "What is docusaurus-plugin-content-docs for?",
    ],
)
def test_ordinary_questions_stay_as_they_are(said: str) -> None:
    assert redact(said) == said


@given(st.text(max_size=300))
def test_any_text_is_redacted_once_and_for_all(text: str) -> None:
    once = redact(text)
    assert redact(once) == once

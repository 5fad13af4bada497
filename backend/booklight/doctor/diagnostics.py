"""The diagnostics of a set-up, one for each part of it, as lines or as one JSON document."""

from dataclasses import asdict, dataclass

from booklight_ingest.passwords import mask_passwords


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What was found of a part. Where something is wrong, `remedy` says what to do."""

    part: str
    found: str
    remedy: str | None = None

    @property
    def ok(self) -> bool:
        """Whether there is nothing to do."""
        return self.remedy is None


def diagnostics_document(diagnostics: list[Diagnostic]) -> dict[str, object]:
    """Return diagnostics as one JSON document."""
    return {
        "ok": all(one.ok for one in diagnostics),
        "diagnostics": [asdict(_shown(one)) | {"ok": one.ok} for one in diagnostics],
    }


def diagnostic_lines(diagnostics: list[Diagnostic]) -> list[str]:
    """Return diagnostics as lines: `ok` or `wrong`, the part, what was found, and what to do."""
    diagnostics = [_shown(one) for one in diagnostics]
    lines = [f"{'ok   ' if one.ok else 'wrong'}  {one.part:<10} {one.found}" for one in diagnostics]
    remedies = [f"\n{'':18}→ {one.remedy}" if one.remedy else "" for one in diagnostics]
    return [line + remedy for line, remedy in zip(lines, remedies, strict=True)]


def _shown(one: Diagnostic) -> Diagnostic:
    """Return a diagnostic as it may be printed."""
    remedy = None if one.remedy is None else mask_passwords(one.remedy)
    return Diagnostic(one.part, mask_passwords(one.found), remedy)

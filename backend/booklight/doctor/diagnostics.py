"""What an examination of a set-up comes to: a finding for each part, as lines or as one document."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a part. Where something is wrong, `remedy` says what to do."""

    part: str
    found: str
    remedy: str | None = None

    @property
    def ok(self) -> bool:
        """Whether there is nothing to do."""
        return self.remedy is None


def findings_fields(findings: list[Finding]) -> dict[str, object]:
    """Return findings as one JSON document."""
    return {"ok": all(one.ok for one in findings), "findings": [asdict(one) | {"ok": one.ok} for one in findings]}


def finding_lines(findings: list[Finding]) -> list[str]:
    """Return findings as lines: `ok` or `wrong`, the part, what was found, and what to do."""
    lines = [f"{'ok   ' if one.ok else 'wrong'}  {one.part:<10} {one.found}" for one in findings]
    remedies = [f"\n{'':18}→ {one.remedy}" if one.remedy else "" for one in findings]
    return [line + remedy for line, remedy in zip(lines, remedies, strict=True)]

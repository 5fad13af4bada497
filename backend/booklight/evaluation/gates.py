"""Gates: the least that figures may be, so that a change that spoils the search fails in CI."""

from collections.abc import Iterable
from dataclasses import dataclass

from booklight.evaluation.questions import QuestionsUnreadable
from booklight.evaluation.report import Evaluation, figures


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure and the least it may be, as in `ndcg@10=0.7`."""

    figure: str
    least: float


def parse_gate(text: str) -> Gate:
    """Read `figure=least`. Raises QuestionsUnreadable."""
    figure, _, least = text.partition("=")
    try:
        gate = Gate(figure.strip().lower(), float(least))
    except ValueError:
        gate = None
    # Nothing is below NaN: such a gate would never close.
    if gate is None or not 0 <= gate.least <= 1:
        raise QuestionsUnreadable(f"{text!r} is not a gate: write it like ndcg@10=0.7, with a number from 0 to 1")
    return gate


def missed_gates(evaluation: Evaluation, gates: Iterable[Gate]) -> list[str]:
    """Return a line for each gate that the run does not pass. Raises QuestionsUnreadable for an unknown figure."""
    known = figures(evaluation)
    missed = []
    for gate in gates:
        if gate.figure not in known:
            raise QuestionsUnreadable(f"there is no figure {gate.figure!r}: use one of {', '.join(known)}")
        if known[gate.figure] < gate.least:
            missed.append(f"{gate.figure} is {known[gate.figure]:.3f}, and must be at least {gate.least:g}")
    return missed

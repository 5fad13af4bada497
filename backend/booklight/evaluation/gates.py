"""Gates: what figures have to reach, or must not exceed, so that a change that spoils them fails in CI."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from booklight.evaluation.questions import QuestionsUnreadable


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure and its bound, as in `ndcg@10=0.7`; `at_most` says that the figure must not exceed it."""

    figure: str
    bound: float
    at_most: bool = False


def parse_gate(text: str, *, at_most: bool = False) -> Gate:
    """Read `figure=bound`. Raises QuestionsUnreadable."""
    figure, _, bound = text.partition("=")
    try:
        gate = Gate(figure.strip().lower(), float(bound), at_most)
    except ValueError:
        gate = None
    # Nothing is below NaN: such a gate would never close.
    if gate is None or not 0 <= gate.bound <= 1:
        raise QuestionsUnreadable(f"{text!r} is not a gate: write it like ndcg@10=0.7, with a number from 0 to 1")
    return gate


def missed_gates(known: Mapping[str, float], gates: Iterable[Gate]) -> list[str]:
    """Return a line for each gate that the figures do not pass. Raises QuestionsUnreadable for an unknown figure."""
    missed = []
    for gate in gates:
        if gate.figure not in known:
            raise QuestionsUnreadable(f"there is no figure {gate.figure!r}: use one of {', '.join(known)}")
        value = known[gate.figure]
        if value > gate.bound if gate.at_most else value < gate.bound:
            bound = "at most" if gate.at_most else "at least"
            missed.append(f"{gate.figure} is {value:.3f}, and must be {bound} {gate.bound:g}")
    return missed

"""Two ways of doing the same, measured in turn in one run: how many times as much one takes, round by round."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as much ours takes as the baseline: the median of the rounds, and the least and the most."""

    ours: tuple[float, ...]
    baseline: tuple[float, ...]

    @property
    def rounds(self) -> Sequence[float]:
        """The ratio of each round."""
        return [own / other for own, other in zip(self.ours, self.baseline, strict=True)]

    def misses(self, target: float) -> bool:
        """Say whether the ratio is above `target` by more than its spread: in every round."""
        return min(self.rounds) > target

    def __str__(self) -> str:
        return f"{median(self.rounds):.2f} ({min(self.rounds):.2f}–{max(self.rounds):.2f})"

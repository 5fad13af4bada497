"""Several ways of doing the same, measured in turn in one run: the median of the rounds, and how far they lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Rounds:
    """A figure of each round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure that is told."""
        return median(self.values)

    def misses(self, target: float) -> bool:
        """Say whether the figure is above `target` by more than its spread: in every round."""
        return min(self.values) > target

    def __format__(self, form: str) -> str:
        """Return the median, with the least and the most, each as `form` says."""
        return f"{self.median:{form}} ({min(self.values):{form}}–{max(self.values):{form}})"


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as much ours takes as the baseline, round by round."""

    ours: tuple[float, ...]
    baseline: tuple[float, ...]

    @property
    def rounds(self) -> Rounds:
        """The ratio of each round."""
        return Rounds(tuple(own / other for own, other in zip(self.ours, self.baseline, strict=True)))

    def misses(self, target: float) -> bool:
        """Say whether the ratio is above `target` in every round."""
        return self.rounds.misses(target)

    def __str__(self) -> str:
        return f"{self.rounds:.2f}"


def p95(times: Sequence[float]) -> float:
    """Return what 95 of 100 stay below."""
    return quantiles(times, n=20)[-1]

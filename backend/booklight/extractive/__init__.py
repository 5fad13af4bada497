"""The model that needs no model: it searches like any other, then answers in the book's own words."""

from booklight.extractive.choosing import Tier as Tier
from booklight.extractive.judges import BlockJudge as BlockJudge
from booklight.extractive.model import NAME as NAME
from booklight.extractive.model import ExtractiveModel as ExtractiveModel
from booklight.extractive.scores import ScoreBlocks as ScoreBlocks
from booklight.extractive.scores import no_judge as no_judge
from booklight.extractive.steps import tier_of as tier_of

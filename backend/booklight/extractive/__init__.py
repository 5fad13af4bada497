"""The model that needs no model: it searches like any other, then answers in the book's own words."""

from booklight.extractive.model import NAME as NAME
from booklight.extractive.model import ExtractiveModel as ExtractiveModel
from booklight.extractive.steps import NOT_COVERED as NOT_COVERED

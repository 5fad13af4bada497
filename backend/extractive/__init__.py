"""The model that needs no model: it searches like any other, then answers in the book's own words."""

from backend.extractive.model import NAME as NAME
from backend.extractive.model import ExtractiveModel as ExtractiveModel
from backend.extractive.steps import NOT_COVERED as NOT_COVERED

"""A model around another: all that a subclass does not change is left to the other."""

from collections.abc import AsyncIterator
from typing import Any

from agents import Model, ModelResponse, OpenAIChatCompletionsModel, OpenAIResponsesModel
from agents.items import TResponseStreamEvent
from agents.retry import ModelRetryAdvice, ModelRetryAdviceRequest


class WrappedModel(Model):
    """Does as `model` does."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def get_response(self, *asked: Any, **options: Any) -> ModelResponse:
        """Answer as the model does."""
        return await self._model.get_response(*asked, **options)

    def stream_response(self, *asked: Any, **options: Any) -> AsyncIterator[TResponseStreamEvent]:
        """Stream the model's answer."""
        return self._model.stream_response(*asked, **options)

    def get_retry_advice(self, request: ModelRetryAdviceRequest) -> ModelRetryAdvice | None:
        """Advise as the model does."""
        return self._model.get_retry_advice(request)

    def _supports_default_prompt_cache_key(self) -> bool:
        """Say, as a run asks of OpenAI's models alone, whether their server keeps prompts."""
        if isinstance(self._model, OpenAIResponsesModel | OpenAIChatCompletionsModel | WrappedModel):
            return self._model._supports_default_prompt_cache_key()
        return False

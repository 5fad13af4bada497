"""Connect a model on a server, as the settings name it. Nothing else but the wiring knows which model runs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from agents import (
    Model,
    ModelSettings,
    RunConfig,
    set_trace_provider,
    set_tracing_export_api_key,
)
from agents.tracing.processors import default_processor
from agents.tracing.provider import DefaultTraceProvider
from openai import AsyncOpenAI, Timeout

from booklight.llm.client import ModelClient, ModelConnection
from booklight.llm.served_model import ChatCompletionsModel, ResponsesModel
from booklight.settings import Settings, SettingsError, model_key, tracing_key

OPENAI_URL = "https://api.openai.com/v1"

CONNECT_SECONDS = 10.0
# Only a request that failed before its first byte is made again, with back-off and heeding Retry-After.
RETRIES = 2


@dataclass(frozen=True, slots=True)
class ConnectedModel:
    """The answering model: its public name, the model itself, how to run it, and how to let go of it.

    A model that `reads_first` is given passages with the question, and its answers are held against them; one that does
    not calls the search tool itself. `takes_tools` says whether it may call any.
    """

    name: str
    model: Model
    run_config: RunConfig
    close: Callable[[], Awaitable[None]]
    reads_first: bool = False
    takes_tools: Callable[[], bool] = lambda: True


def hold_model(name: str, model: Model, settings: Settings) -> ConnectedModel:
    """Return a model that runs in this process, and has nothing to close."""
    _set_tracing(settings)
    return ConnectedModel(name, model, _run_config(model), _nothing_to_close)


def connect_model(settings: Settings) -> ConnectedModel:
    """Return the model on a server that `settings.model` names; no request is made yet. Raises SettingsError.

    Tracing is off, whatever the environment says, unless the settings ask for it: it sends questions to OpenAI.
    """
    _set_tracing(settings)
    provider, _, name = settings.model.partition(":")
    if provider != "openai" or not name:
        raise SettingsError(f"BOOKLIGHT_MODEL is {settings.model!r}: use openai:<model>")
    seconds = settings.model_silence_seconds
    client = ModelClient(
        base_url=settings.model_base_url or OPENAI_URL,
        api_key=model_key(settings),
        timeout=Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
        max_retries=RETRIES,
        http_client=ModelConnection(),
    )
    model = _openai_model(settings, name, client)
    config = _run_config(model, traced=settings.tracing)
    return ConnectedModel(
        name,
        model,
        replace(config, model_settings=_model_settings(settings)),
        client.close,
        reads_first=True,
        takes_tools=lambda: settings.tools == "auto" and client.adaptation.takes_tools,
    )


def connect_title_model(settings: Settings) -> ConnectedModel | None:
    """Return the model that names conversations, reached as the answering one is; None where none is set.

    Raises SettingsError.
    """
    if settings.title_model is None:
        return None
    return connect_model(settings.model_copy(update={"model": settings.title_model}))


def _openai_model(settings: Settings, name: str, client: AsyncOpenAI) -> Model:
    """Return the model for the wire format that is set, or that the server is most likely to speak."""
    wire_format = settings.model_api or ("chat_completions" if settings.model_base_url else "responses")
    if wire_format == "responses":
        return ResponsesModel(model=name, openai_client=client)
    return ChatCompletionsModel(model=name, openai_client=client)


def _model_settings(settings: Settings) -> ModelSettings:
    """Bound what is written, and have Chat Completions count tokens where a budget needs them."""
    counted = settings.tokens_per_day is not None or settings.tokens_per_day_per_reader is not None
    return ModelSettings(
        max_tokens=settings.max_output_tokens,
        temperature=settings.temperature,
        extra_body=settings.model_extra_body,
        include_usage=True if counted else None,
    )


def _set_tracing(settings: Settings) -> None:
    """Give the SDK a tracer: by itself it makes one that sends to OpenAI, and a client for that."""
    tracer = DefaultTraceProvider()
    tracer.set_disabled(not settings.tracing)
    if settings.tracing:
        set_tracing_export_api_key(tracing_key(settings))
        tracer.register_processor(default_processor())
    set_trace_provider(tracer)


def _run_config(model: Model, *, traced: bool = False) -> RunConfig:
    return RunConfig(
        model=model,
        tracing_disabled=not traced,
        trace_include_sensitive_data=traced,
        tool_not_found_behavior="return_error_to_model",
    )


async def _nothing_to_close() -> None:
    """Stand in for closing a model that holds nothing open."""

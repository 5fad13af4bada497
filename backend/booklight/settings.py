"""Settings: the environment, then `.env`, then the defaults below. The README's table is made from this file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from booklight.address_settings import parse_origin, parse_proxies
from booklight.key_strength import MAKE_KEY, STRONG_LENGTH, describe_key, is_strong
from booklight_ingest.passwords import mask_passwords

BUILT_IN_MODEL = "extractive"
NO_KEY_NEEDED = "no-key"
"""Sent to servers of one's own that ask for none: the client wants some key."""
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""The signatures that a login's token may have: those whose keys can be public."""
URLS_WITH_SECRETS = ("database_url", "redis_url")

InstructionsMode = Literal["extend", "replace"]


class SettingsError(Exception):
    """A setting is wrong; the text is one line naming the variable, what was given and what is allowed."""


class Settings(BaseSettings):
    """All that an operator can change. Each field's description is its documentation."""

    model_config = SettingsConfigDict(
        env_prefix="BOOKLIGHT_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    database_url: SecretStr = Field(
        SecretStr("sqlite:///.booklight/booklight.db"),
        description="Where threads are kept: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    index_path: Path = Field(Path(".booklight/index"), description="Folder of the embedded index.")
    qdrant_url: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="A Qdrant server to use instead of the embedded index; a cluster's addresses, separated by commas.",
    )
    qdrant_api_key: SecretStr | None = Field(
        None, description="Key of the Qdrant server; for `serve` one that may only read is enough."
    )
    qdrant_replication: int | None = Field(
        None,
        ge=1,
        le=16,
        description="On how many nodes of a Qdrant cluster the index is kept; unset, on 2 if it has 2.",
    )
    collection: str = Field("booklight", min_length=1, description="Name of the collection, or its alias on a server.")
    embedding: str = Field(
        "default",
        description="`default` (English, needs no network), `multilingual`, `onnx:FOLDER`, `fastembed:<model>`, "
        "`openai:<model>` or `none` (words alone).",
    )
    reranker: str = Field(
        "default",
        description="Cross-encoder that orders what a search finds: `default` (English), `onnx:FOLDER`, "
        "`fastembed:<model>` or `off`.",
    )
    reranked_sections: int = Field(10, ge=1, le=50, description="Sections of a search that the cross-encoder reads.")
    rerank_milliseconds: int = Field(
        270, ge=1, description="How long an answer waits for the cross-encoder; then it goes on with what it read."
    )
    embedding_base_url: str | None = Field(None, description="Base URL of an OpenAI-compatible server for embeddings.")
    embedding_api_key: SecretStr | None = Field(
        None, description="Key for `EMBEDDING_BASE_URL`; OpenAI's own key is never sent there."
    )
    model: str = Field(BUILT_IN_MODEL, description="`extractive` (needs no model) or `openai:<model>`.")
    title_model: str | None = Field(
        None,
        description="`openai:<model>` gives a conversation a title; unset, its first question's words are the title.",
    )
    model_base_url: str | None = Field(None, description="Base URL of an OpenAI-compatible server.")
    model_api_key: SecretStr | None = Field(
        None, description="Key for `MODEL_BASE_URL`; OpenAI's own key is never sent there."
    )
    model_api: Literal["responses", "chat_completions"] | None = Field(
        None, description="Wire format; by default Responses at OpenAI, Chat Completions with `MODEL_BASE_URL`."
    )
    tools: Literal["auto", "off"] = Field(
        "auto",
        description="`off` offers the model no further search; `auto` offers it unless its server refuses tools.",
    )
    temperature: float | None = Field(None, ge=0, le=2, description="Sent to the model; unset, its server decides.")
    model_extra_body: dict[str, Any] | None = Field(
        None,
        validation_alias=AliasChoices("BOOKLIGHT_MODEL_EXTRA"),
        description="A JSON object whose fields are sent with every request to the model's server.",
    )
    model_silence_seconds: float = Field(
        120, gt=0, le=3_600, description="How long the model may be silent, before its first word and between words."
    )
    context_tokens: int | None = Field(
        None, ge=2_000, description="The model's context: history, then passages are cut to fit; learned if unset."
    )
    passages: int = Field(6, ge=1, le=20, description="Passages that one search gives the model, at most.")
    history_tokens: int = Field(6_000, ge=0, description="Tokens of the conversation so far that the model is given.")
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("BOOKLIGHT_OPENAI_API_KEY", "OPENAI_API_KEY"),
        description="Key for OpenAI, for the model and for embeddings.",
    )
    max_output_tokens: int = Field(
        4_000, ge=100, description="Tokens the model may write in one step of an answer, its thinking included."
    )
    searches_per_turn: int = Field(4, ge=1, le=10, description="Searches for one answer, the first one included.")
    turns_per_day: int | None = Field(None, ge=0, description="Answers the model may write in a day, for all readers.")
    turns_per_day_per_reader: int | None = Field(
        None, ge=0, description="Answers the model may write for one reader in a day."
    )
    tokens_per_day: int | None = Field(None, ge=0, description="Tokens the model may use in a day, for all readers.")
    tokens_per_day_per_reader: int | None = Field(
        None, ge=0, description="Tokens the model may use for one reader in a day."
    )
    tracing: bool = Field(
        False, description="Send a trace of every answer, readers' questions included, to OpenAI; needs its key."
    )
    instructions_path: Path | None = Field(None, description="A Markdown file with instructions for the agent.")
    instructions_mode: InstructionsMode = Field(
        "extend", description="`extend` adds that file to our instructions, `replace` puts it in their place."
    )
    book_base_url: str | None = Field(
        None,
        validation_alias=AliasChoices("BOOKLIGHT_BOOK_BASE_URL", "BOOK_BASE_URL"),
        description="Replaces `url` and `baseUrl` of pages.json in citations; a bare path replaces only `baseUrl`.",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins that may call the sidecar besides its own and the book's, separated by commas; "
        "`https://*.HOST` is all of its subdomains. Pages of others then cannot even ask.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Whose `X-Forwarded-For` is believed: networks, separated by commas, or how many proxies stand in "
        "a row (`1`); unset, those of this machine.",
    )
    max_connections: int = Field(
        1_000, ge=1, description="Connections that a worker serves at once; more are answered 503."
    )
    max_connections_per_address: int = Field(
        200,
        ge=1,
        description="Connections of one address that a worker serves at once; more are answered 503. Trusted proxies "
        "are exempt, as they carry all readers.",
    )
    chapter_boost: float = Field(1.2, ge=1, le=10, description="Factor for passages of the reader's chapter.")
    lesson_boost: float = Field(1.1, ge=1, le=10, description="A further factor for passages of the reader's page.")
    secret_key: SecretStr | None = Field(
        None, description="Signs readers' tokens. Made once into `.booklight/` if unset; required with Postgres."
    )
    development: bool = Field(
        False,
        description="For a laptop of one's own: log tracebacks, and let `doctor` accept a login's keys over `http`.",
    )
    retention_days: int | None = Field(
        None, ge=1, description="Threads with no activity for so many days are deleted, on start and daily."
    )
    resume_seconds: float = Field(
        20, ge=0, le=600, description="How long a turn goes on when its reader has left; 0 stops it at once."
    )
    grace_seconds: float = Field(
        20, ge=0, le=600, description="How long open answers may go on once the sidecar is told to end."
    )
    turns_per_minute: int = Field(20, ge=1, description="Turns a reader may start in a minute.")
    turns_per_minute_per_address: int = Field(120, ge=1, description="Turns an address may start in a minute.")
    refusals_per_minute_per_address: int = Field(
        300, ge=1, description="Refused and malformed requests of an address in a minute; then it is refused unread."
    )
    turns_per_minute_in_total: int | None = Field(None, ge=1, description="Turns all readers may start in a minute.")
    redis_url: SecretStr | None = Field(
        None,
        description="Count these turns in Redis, once for all workers: `redis://HOST/0`, `rediss://` or `redis+unix://`.",
    )
    threads_per_reader: int = Field(500, ge=1, description="Conversations a reader may keep.")
    messages_per_thread: int = Field(500, ge=2, description="Questions and answers a conversation may hold.")
    share_days: int = Field(
        0,
        ge=0,
        le=3_650,
        description="Days for which a reader can share an answer by a link, with whoever has it; 0 lets nobody share.",
    )
    jwt_issuer: str | None = Field(None, min_length=1, description="The `iss` of the tokens of the site's login.")
    jwt_audience: str | None = Field(None, min_length=1, description="The `aud` that such a token has to name.")
    jwt_jwks_url: str | None = Field(None, description="Where the login publishes its public keys, as a JWKS.")
    jwt_algorithms: Annotated[tuple[str, ...], NoDecode] = Field(
        ("RS256", "ES256"), min_length=1, description="Signatures accepted on such tokens, separated by commas."
    )
    jwt_leeway_seconds: float = Field(
        30, ge=0, le=300, description="By how much the clocks of the login and of the sidecar may differ."
    )
    anonymous_readers: bool = Field(True, description="Whether readers may ask without signing in.")
    mcp: bool = Field(
        False,
        description="Let readers' own assistants search and read the book at `/mcp`, by the Model Context Protocol.",
    )
    insights_floor: int = Field(
        3,
        ge=1,
        description="Readers who have to have asked alike before `booklight insights` shows their words; 1 shows all.",
    )
    insights_key: SecretStr | None = Field(
        None,
        description="Opens `/assistant/insights`, as a bearer token or typed into its form; unset, no key does.",
    )
    insights_claim: str | None = Field(
        None,
        pattern=r"^[^=\s]+(=.+)?$",
        description="A claim of the site's login that opens them too: `NAME`, which has to be true, or `NAME=VALUE`.",
    )
    log_format: Literal["text", "json"] = Field("text", description="`text` for people, `json` for one object a line.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    log_reader_text: bool = Field(False, description="Log what readers ask and what is answered.")
    otlp_endpoint: str | None = Field(
        None,
        validation_alias=AliasChoices("BOOKLIGHT_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="Send spans to this OpenTelemetry collector, by OTLP over HTTP.",
    )

    def __repr__(self) -> str:
        """Return the settings without what is secret in them."""
        return mask_passwords(super().__repr__())

    __str__ = __repr__

    @field_validator("allowed_origins", "jwt_algorithms", "qdrant_url", "trusted_proxies", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("jwt_algorithms")
    @classmethod
    def _asymmetric(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if set(value) <= set(ASYMMETRIC):
            return value
        raise ValueError(f"give some of {', '.join(ASYMMETRIC)}")

    @field_validator("allowed_origins")
    @classmethod
    def _as_browsers_write_them(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(parse_origin, value))

    @field_validator("trusted_proxies")
    @classmethod
    def _networks_or_number(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return parse_proxies(value)

    @field_validator("qdrant_url")
    @classmethod
    def _http_urls(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if all(one.startswith(("http://", "https://")) for one in value):
            return value
        raise ValueError("give http(s)://HOST:6333, or several separated by commas")

    @field_validator("jwt_jwks_url", "otlp_endpoint")
    @classmethod
    def _http_url(cls, value: str | None) -> str | None:
        if value is None or value.startswith(("http://", "https://")):
            return value
        raise ValueError("give an http(s) URL")

    @field_validator("redis_url")
    @classmethod
    def _redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or value.get_secret_value().startswith(("redis://", "rediss://", "redis+unix://")):
            return value
        raise ValueError("give redis://HOST:PORT/0, rediss:// or redis+unix:///PATH")

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        return _named_provider(value, BUILT_IN_MODEL)

    @field_validator("title_model")
    @classmethod
    def _known_title_model(cls, value: str | None) -> str | None:
        if value is None or value.removeprefix("openai:") not in ("", value):
            return value
        raise ValueError("give openai:<model>, or nothing")

    @field_validator("embedding")
    @classmethod
    def _known_embedding(cls, value: str) -> str:
        named = any(value.removeprefix(kind) not in ("", value) for kind in ("onnx:", "fastembed:"))
        if value in ("default", "multilingual", "none") or named:
            return value
        others = ("multilingual", "none", "onnx:FOLDER", "fastembed:<model>")
        return _named_provider(value, "default", others=others)

    @field_validator("reranker")
    @classmethod
    def _known_reranker(cls, value: str) -> str:
        named = any(value.removeprefix(prefix) not in ("", value) for prefix in ("onnx:", "fastembed:"))
        if value in ("default", "off") or named:
            return value
        raise ValueError("give default, onnx:FOLDER, fastembed:<model> or off")

    @field_validator("book_base_url")
    @classmethod
    def _url_or_path(cls, value: str | None) -> str | None:
        if value is not None and mask_passwords(value) != value:
            raise ValueError("give it without a user and a password: readers are shown it")
        if value is None or value.startswith(("/", "http://", "https://")):
            return value
        raise ValueError("give an http(s) URL, or a path that begins with /")

    @model_validator(mode="after")
    def _strong_key(self) -> "Settings":
        for name, secret in (("SECRET_KEY", self.secret_key), ("INSIGHTS_KEY", self.insights_key)):
            if secret is not None and not is_strong(secret.get_secret_value()):
                found = describe_key(secret.get_secret_value(), f"BOOKLIGHT_{name}")
                raise ValueError(f"{found}: give {STRONG_LENGTH} random ones or more, as this prints them: {MAKE_KEY}")
        return self

    @model_validator(mode="after")
    def _secret_with_postgres(self) -> "Settings":
        if self.secret_key is None and not self.database_url.get_secret_value().startswith("sqlite"):
            raise ValueError(
                f"BOOKLIGHT_SECRET_KEY is required when DATABASE_URL is not SQLite: set what this prints: {MAKE_KEY}"
            )
        return self

    @model_validator(mode="after")
    def _login_whole(self) -> "Settings":
        names = ("jwt_issuer", "jwt_audience", "jwt_jwks_url")
        given = dict(self)
        missing = [_variable(name) for name in names if given[name] is None]
        if 0 < len(missing) < len(names):
            raise ValueError(f"{' and '.join(missing)} must be set too: a login needs issuer, audience and JWKS URL")
        if missing and not self.anonymous_readers:
            raise ValueError("BOOKLIGHT_ANONYMOUS_READERS is false, so that nobody may ask: set BOOKLIGHT_JWT_ISSUER")
        if missing and self.insights_claim is not None:
            raise ValueError("BOOKLIGHT_INSIGHTS_CLAIM is a claim of the site's login: set BOOKLIGHT_JWT_ISSUER")
        return self


def load_settings() -> Settings:
    """Read the settings. Raises SettingsError, which never shows what a secret was set to."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if not first["loc"]:
            raise SettingsError(first["msg"].removeprefix("Value error, ")) from None
        name = str(first["loc"][0])
        raise SettingsError(
            f"{_variable(name)}{_given(name, first['input'])}: {first['msg'].removeprefix('Value error, ')}"
        ) from None


def model_key(settings: Settings) -> str:
    """Return the key to send with the model's requests. OpenAI's own key never goes to another server.

    Raises SettingsError where OpenAI's is needed and missing.
    """
    if settings.model_api_key is not None:
        return settings.model_api_key.get_secret_value()
    if settings.model_base_url is not None:
        return NO_KEY_NEEDED
    if settings.openai_api_key is not None:
        return settings.openai_api_key.get_secret_value()
    raise SettingsError(
        f"OPENAI_API_KEY is not set, and the model {settings.model} needs it: set it, or BOOKLIGHT_MODEL_BASE_URL"
    )


def tracing_key(settings: Settings) -> str:
    """Return OpenAI's key, for the traces that are sent there. Raises SettingsError where it is missing."""
    if settings.openai_api_key is None:
        raise SettingsError("BOOKLIGHT_TRACING sends traces to OpenAI and needs OPENAI_API_KEY: set it, or turn it off")
    return settings.openai_api_key.get_secret_value()


def check_models(settings: Settings) -> None:
    """Raise SettingsError where a model is named that cannot be reached for want of a key."""
    for name in (settings.model, settings.title_model):
        if name not in (None, BUILT_IN_MODEL):
            model_key(settings.model_copy(update={"model": name}))
            if settings.tracing:
                tracing_key(settings)


def _named_provider(value: str, built_in: str, others: Sequence[str] = ()) -> str:
    provider, _, name = value.partition(":")
    if value == built_in or (provider == "openai" and name):
        return value
    raise ValueError(f"give {', '.join([built_in, *others])} or openai:<model>")


def _variable(name: str) -> str:
    return name if name.isupper() else f"BOOKLIGHT_{name.upper()}"


def _given(name: str, value: object) -> str:
    secret = any(word in name.lower() for word in ("key", *URLS_WITH_SECRETS))
    return "" if secret else mask_passwords(f" is {value!r}")

"""A model behind an OpenAI-compatible endpoint, by the `openai` client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from codegate.core import ModelIdentity, Proposal
from codegate.core.prompt import Prompt
from codegate.errors import ModelError
from codegate.models.answering import Answer, read_answer
from codegate.models.credentials import find_key
from codegate.models.session import Session

if TYPE_CHECKING:
    import openai

    from codegate.config import Endpoint, UserConfig

_CONTEXT_TOKENS = 32_768
_CONNECT_SECONDS = 10.0
# A whole answer may take this many times the longest silence.
_PATIENCE = 10
# What a server answers to a field it does not know: OpenAI says 400, pydantic's 422, llama_cpp.server 500.
_NOT_OFFERED = frozenset([400, 415, 422, 500, 501])
_TOLD = 300


@dataclass(frozen=True, slots=True)
class _Constraint:
    """A way to hold an answer to a form, as the fields of a request."""

    name: str
    fields: dict[str, Any]


_NONE: Final = _Constraint("none", {})


class Remote(Session):
    """Answers from the user's endpoint. Its key is in no message, and goes over TLS or to this machine only.

    Where the endpoint does not offer a constraint (a schema or a grammar), the next weaker form is tried,
    down to none: what holds is what the gates check. One object spends at most `token_budget` tokens. The
    endpoint's `timeout` bounds a silence; ten of them bound an answer.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._key = find_key(endpoint.base_url, endpoint.api_key_env)
        host = urlsplit(endpoint.base_url).netloc
        self.identity = ModelIdentity(id=f"{endpoint.model}@{host}", kind="remote")
        self.context_tokens = _CONTEXT_TOKENS
        self._spent = 0
        self._refused: set[str] = set()
        self._client: openai.OpenAI | None = None

    @classmethod
    def open(cls, rest: str, user: UserConfig) -> Self:
        """Return the model of the user's endpoint of that name; without a name the only or default one."""
        return cls(user.endpoint(rest or None))

    def count(self, text: str) -> int:
        """Return an estimate that is rather too high: a token for each three bytes begun.

        Code takes 3.3 to 4 bytes a token with the tokenizers in use; the server's own is not to be had.
        """
        return -(-len(text.encode("utf-8", "surrogatepass")) // 3)

    def close(self) -> None:
        if self._client:
            self._client.close()
        self._client = None

    def generate(
        self,
        prompt: Prompt,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
    ) -> Proposal:
        """Return the endpoint's answer. Raises ModelError naming what to do about it."""
        started = time.monotonic()
        max_tokens = min(prompt.max_tokens, self._endpoint.max_tokens)
        estimate = sum(self.count(m.content) for m in prompt.messages)
        self._afford(estimate + max_tokens)
        request: dict[str, Any] = {
            "model": self._endpoint.model, "temperature": temperature, "seed": seed, "max_tokens": max_tokens,
            "messages": [{"role": m.role, "content": _encodable(m.content)} for m in prompt.messages],
            "stream": True, "stream_options": {"include_usage": True},
        }  # fmt: skip
        answer = self._first_offered(request, _constraints(prompt), on_text or (lambda _: None))
        counted = self.count(answer.text) if answer.answer_tokens is None else answer.answer_tokens
        self._spent += (estimate if answer.prompt_tokens is None else answer.prompt_tokens) + counted
        return Proposal(
            text=answer.text,
            model=self.identity,
            prompt_sha256=prompt.sha256,
            prompt_tokens=answer.prompt_tokens,
            answer_tokens=answer.answer_tokens,
            seconds=time.monotonic() - started,
            truncated=answer.finish == "length",
        )

    def _afford(self, tokens: int) -> None:
        left = self._endpoint.token_budget - self._spent
        if tokens > left:
            raise ModelError(
                f"this could take {tokens:,} tokens, {max(left, 0):,} of this run's token budget are left",
                f"raise token_budget of the endpoint (now {self._endpoint.token_budget:,}), or ask for less",
            )

    def _first_offered(
        self, request: dict[str, Any], constraints: list[_Constraint], on_text: Callable[[str], None]
    ) -> Answer:
        """Return the answer under the strongest constraint that the endpoint takes; it is remembered."""
        import openai

        for constraint in constraints:
            if constraint.name in self._refused:
                continue
            try:
                return self._ask({**request, **constraint.fields}, on_text)
            except openai.APIStatusError as error:
                if not constraint.fields or error.status_code not in _NOT_OFFERED:
                    raise self._explained(error) from error
                self._refused.add(constraint.name)
            except openai.APIError as error:
                raise self._explained(error) from error
        raise AssertionError("no constraint is always offered")

    def _ask(self, request: dict[str, Any], on_text: Callable[[str], None]) -> Answer:
        import openai

        headers: dict[str, Any] = {"Accept-Encoding": "identity"}
        if self._key is None:
            headers["Authorization"] = openai.Omit()
        create = self._opened().chat.completions.with_streaming_response.create
        try:
            with create(**request, extra_headers=headers) as response:
                pieces = _pieces(response.iter_bytes())
                kind = response.headers.get("content-type", "")
                return read_answer(pieces, kind, _PATIENCE * self._endpoint.timeout, on_text)
        except ModelError as error:
            raise ModelError(self._without_key(error.message), error.hint) from error
        except openai.BadRequestError as error:
            if (spared := _spared(request, error.param)) is None:
                raise
        return self._ask(spared, on_text)

    def _opened(self) -> openai.OpenAI:
        if self._client is None:
            import openai

            # A key is always given, or the client would send $OPENAI_API_KEY to whatever server this is.
            self._client = openai.OpenAI(
                base_url=self._endpoint.base_url, api_key=self._key or "none",
                timeout=openai.Timeout(self._endpoint.timeout, connect=_CONNECT_SECONDS),
                max_retries=self._endpoint.retries,
            )  # fmt: skip
        return self._client

    def _explained(self, error: openai.APIError) -> ModelError:
        import openai

        url, model = self._endpoint.base_url, self._endpoint.model
        if isinstance(error, openai.APITimeoutError):
            return ModelError(
                f"{url} did not answer in time", "try again later, or raise the endpoint's timeout"
            )
        if isinstance(error, openai.APIConnectionError):
            return ModelError(
                f"{url} cannot be reached: {self._told(error.__cause__ or error)}", "is it running?"
            )
        status = error.status_code if isinstance(error, openai.APIStatusError) else 0
        hints = {
            401: f"check the key ({self._endpoint.api_key_env or 'none: set api_key_env for this endpoint'})",
            403: "the key may not use this model: ask the endpoint's owner",
            404: f"check base_url (it usually ends in /v1) and the model's name, {model}",
            413: "ask about a smaller file, or name a symbol in it: path::symbol",
            429: "wait, or look at your quota with the provider",
        }
        usual = (
            "try again later: the server failed" if status >= 500 else "the server did not accept the request"
        )
        return ModelError(f"{url} answers {status}: {self._told(error)}", hints.get(status, usual))

    def _told(self, error: BaseException) -> str:
        """Return what an error says, bounded, without the key that some servers quote."""
        body = getattr(error, "body", None)
        said = body.get("message") if isinstance(body, dict) else None
        return self._without_key(str(said or error))[:_TOLD]

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "(the key)") if self._key else text


def _constraints(prompt: Prompt) -> list[_Constraint]:
    """Return what could be asked of an endpoint for a prompt, the strongest first, nothing last."""
    if prompt.schema is not None:
        schema = dict(prompt.schema)
        named = {"name": "answer", "strict": True, "schema": schema}
        return [
            _Constraint("schema", {"response_format": {"type": "json_schema", "json_schema": named}}),
            _Constraint("object", {"response_format": {"type": "json_object", "schema": schema}}),
            _NONE,
        ]
    if prompt.grammar is not None:
        return [_Constraint("grammar", {"extra_body": {"grammar": prompt.grammar}}), _NONE]
    return [_NONE]


def _encodable(text: str) -> str:
    """Return a text without surrogates: bytes that were no UTF-8, which JSON over HTTP cannot carry."""
    return text.encode("utf-8", "replace").decode()


def _spared(request: dict[str, Any], parameter: str | None) -> dict[str, Any] | None:
    """Return the request without the parameter that a server named as unwanted; None if it is needed."""
    if parameter == "max_tokens" and parameter in request:  # newer models want the newer name
        rest = {k: v for k, v in request.items() if k != parameter}
        return {**rest, "max_completion_tokens": request[parameter]}
    if parameter in ("temperature", "seed", "stream_options") and parameter in request:
        return {k: v for k, v in request.items() if k != parameter}
    return None


def _pieces(body: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a body's bytes. The client's HTTP library (httpx, or httpx2) has errors of its own."""
    try:
        yield from body
    except Exception as error:
        raise ModelError(f"the answer breaks off: {error}", "run it again") from error

"""A model behind an OpenAI-compatible endpoint, by the `openai` client."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from codegate.core import ModelIdentity, Proposal
from codegate.core.prompt import Prompt, Sampling
from codegate.errors import ModelError
from codegate.models.answering import Answer, read_answer
from codegate.models.budget import Budget
from codegate.models.constraints import Constraint, constraints_for
from codegate.models.credentials import find_key, is_loopback
from codegate.models.errand import begin
from codegate.models.session import Session
from codegate.models.skeletons import messages_for, normalised, room_for

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
# Requests on their way at once, to a server on another machine; one here has few cores, and may cut an
# answer short when the next question comes (llama_cpp.server) or let it wait in silence (Ollama).
_AT_ONCE = 4
# How long requests that nobody wants any more may take to notice.
_GRACE_SECONDS = 1.0
# Ollama hands a question for such a model on to its makers: gpt-oss:120b-cloud, glm-4.6:cloud.
_HANDED_ON: Final = re.compile(r"[:-]cloud$")


class _Unwanted(Exception):
    """Nobody waits for this answer any more."""


class Remote(Session):
    """Answers from the user's endpoint. Its key is in no message, and goes over TLS or to this machine only.

    Where the endpoint does not offer a constraint (a schema or a grammar), the next weaker form is tried,
    down to none: what holds is what the gates check. One object spends at most `token_budget` tokens. The
    endpoint's `timeout` bounds a silence; ten of them bound an answer.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._key = find_key(endpoint.base_url, endpoint.api_key_env)
        url = urlsplit(endpoint.base_url)
        self.identity = ModelIdentity(id=f"{endpoint.model}@{url.netloc}", kind="remote")
        self.context_tokens = _CONTEXT_TOKENS
        self._loopback = is_loopback(url.hostname or "")
        self.on_this_machine = self._loopback and not _HANDED_ON.search(endpoint.model)
        self._budget = Budget(endpoint.token_budget)
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
        """Return the endpoint's answer. Raises ModelError naming what to do about it.

        What answers a skeleton is the JSON object that was asked for, or else the text as it came.
        """
        hear = on_text or (lambda _: None)
        return self._answer(prompt, Sampling(temperature, seed), hear, constraints_for(prompt))

    def generate_under(self, constraint: Constraint, prompt: Prompt) -> Proposal:
        """Return the answer under just that constraint. Raises ModelError where it is refused."""
        return self._answer(prompt, Sampling(), lambda _: None, [constraint])

    def generate_all(
        self, prompt: Prompt, samplings: Sequence[Sampling], *, on_text: Callable[[str], None] | None = None
    ) -> Iterator[Proposal]:
        """Yield an answer for each sampling, in their order, with some requests on their way at once.

        None begins for an answer that is `parallel` further than what was taken so far: what is never taken
        is not paid for. `on_text` hears all of them mixed, one piece at a time. The first error in this order
        is raised, and what is still on its way is then given up, as it is when the iteration is.
        """
        constraints = constraints_for(prompt)
        unwanted, listening = threading.Event(), threading.Lock()

        def hear(text: str) -> None:
            if unwanted.is_set():
                raise _Unwanted
            if on_text:
                with listening:
                    on_text(text)

        waiting, going = deque(samplings), deque[Future[Proposal]]()
        self._opened()  # here, so that no two threads do
        try:
            while waiting or going:
                while waiting and len(going) < self._at_once:
                    going.append(begin(partial(self._answer, prompt, waiting.popleft(), hear, constraints)))
                yield going.popleft().result()
        finally:
            unwanted.set()
            wait(going, timeout=_GRACE_SECONDS)

    @property
    def _at_once(self) -> int:
        return self._endpoint.parallel or (1 if self._loopback else _AT_ONCE)

    def _answer(
        self,
        prompt: Prompt,
        sampling: Sampling,
        on_text: Callable[[str], None],
        constraints: list[Constraint],
    ) -> Proposal:
        started = time.monotonic()
        heard: list[float] = []

        def hear(text: str) -> None:
            heard[:] = heard or [time.monotonic() - started]
            on_text(text)

        messages = messages_for(prompt)
        max_tokens = min(room_for(prompt, self.count), self._endpoint.max_tokens)
        estimate = sum(self.count(m.content) for m in messages)
        with self._budget.holding(estimate + max_tokens) as expense:
            request: dict[str, Any] = {
                "model": self._endpoint.model, "temperature": sampling.temperature, "seed": sampling.seed,
                "messages": [{"role": m.role, "content": _encodable(m.content)} for m in messages],
                "max_tokens": max_tokens, "stream": True, "stream_options": {"include_usage": True},
            }  # fmt: skip
            expense.tokens = estimate  # sent, whatever comes of it
            answer = self._first_offered(request, constraints, hear)
            counted = self.count(answer.text) if answer.answer_tokens is None else answer.answer_tokens
            expense.tokens = (estimate if answer.prompt_tokens is None else answer.prompt_tokens) + counted
        filled = normalised(answer.text, prompt.holes) if prompt.skeleton else None
        return Proposal(
            text=answer.text if filled is None else filled,
            model=self.identity,
            prompt_sha256=prompt.sha256,
            prompt_tokens=answer.prompt_tokens,
            answer_tokens=answer.answer_tokens,
            seconds=time.monotonic() - started,
            # An object that is closed is whole, whatever the server says: some go on with blanks behind it.
            truncated=answer.finish == "length" and filled is None,
            first_token_seconds=heard[0] if heard else None,
        )

    def _first_offered(
        self, request: dict[str, Any], constraints: list[Constraint], on_text: Callable[[str], None]
    ) -> Answer:
        """Return the answer under the strongest constraint that the endpoint takes; it is remembered."""
        import openai

        for constraint in constraints:
            if constraint.name in self._refused:
                continue
            try:
                return self._ask({**request, **constraint.fields}, on_text)
            except openai.APIStatusError as error:
                if constraint is constraints[-1] or error.status_code not in _NOT_OFFERED:
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

            # What is for this machine goes through no proxy of the environment, and is sent nowhere else.
            direct = (
                openai.DefaultHttpxClient(trust_env=False, follow_redirects=False) if self._loopback else None
            )
            # A key is always given, or the client would send $OPENAI_API_KEY to whatever server this is.
            self._client = openai.OpenAI(
                base_url=self._endpoint.base_url, api_key=self._key or "none",
                timeout=openai.Timeout(self._endpoint.timeout, connect=_CONNECT_SECONDS),
                max_retries=self._endpoint.retries, http_client=direct,
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

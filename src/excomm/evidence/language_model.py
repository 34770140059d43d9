"""How a language model is reached: off by default, from a cassette, or at a service that the user names.

Modes: off; replay (answers from a cassette only, no network); record (ask, and keep the answer in the cassette); live
(ask, keep nothing). The address is that of any service that speaks the OpenAI chat-completions protocol, also a local
one. Needs the extra `llm` (httpx) for record and live. What may be asked and what of an answer is believed is the
matter of whoever asks.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from excomm.errors import InputError, UsageError
from excomm.evidence.model import canonical_json

__all__ = ["MODES", "Mode", "Settings", "answer_to", "key_of", "settings_from"]

Mode = Literal["off", "replay", "record", "live"]
MODES: tuple[Mode, ...] = get_args(Mode)
_SECONDS = 60.0


@dataclass(frozen=True)
class Settings:
    """How the language model is reached. address: base of the service, such as `http://127.0.0.1:8000/v1`."""

    mode: Mode = "off"
    cassette: Path | None = None
    address: str | None = None
    model: str | None = None
    key: str | None = None


def settings_from(environment: Mapping[str, str] = os.environ, *, mode: str | None = None) -> Settings:
    """Settings from the variables `EXCOMM_LLM_*`; `mode` overrides `EXCOMM_LLM_MODE`.

    Raises UsageError for an unknown mode or where a mode lacks what it needs.
    """
    named = mode or environment.get("EXCOMM_LLM_MODE") or "off"
    chosen = next((each for each in MODES if each == named), None)
    if chosen is None:
        raise UsageError(f"“{named}” is no mode of the language model", expected=", ".join(MODES))
    cassette = environment.get("EXCOMM_LLM_CASSETTE")
    found = Settings(
        chosen,
        Path(cassette) if cassette else None,
        environment.get("EXCOMM_LLM_URL"),
        environment.get("EXCOMM_LLM_MODEL"),
        environment.get("EXCOMM_LLM_KEY"),
    )
    if chosen in {"replay", "record"} and found.cassette is None:
        raise UsageError(
            f"the mode {chosen} needs a cassette", next_step="Set EXCOMM_LLM_CASSETTE to a file."
        )
    if chosen in {"record", "live"} and not (found.address and found.model):
        raise UsageError(
            f"the mode {chosen} needs a service", next_step="Set EXCOMM_LLM_URL and EXCOMM_LLM_MODEL."
        )
    return found


def key_of(request: dict[str, Any]) -> str:
    """The name of a request in a cassette: a hash of all of it, the model's name included."""
    return hashlib.sha256(canonical_json(request).encode("utf-8", "surrogatepass")).hexdigest()


def answer_to(
    request: dict[str, Any], settings: Settings, ask: Callable[[dict[str, Any]], str] | None = None
) -> str:
    """The answer's text, from the cassette or from the service, as the mode says.

    ask: takes a request and returns the answer's text; by default the service of the settings. Raises InputError
    where a cassette lacks the answer, UsageError where the service cannot be reached.
    """
    key = key_of(request)
    if settings.mode in {"replay", "record"}:
        assert settings.cassette is not None
        kept = _recorded(settings.cassette).get(key)
        if kept is not None:
            return kept
        if settings.mode == "replay":
            raise InputError(
                "the cassette has no answer for this text and model",
                file=str(settings.cassette),
                expected=f"a line with the key {key[:12]}…",
                next_step="Record it once with EXCOMM_LLM_MODE=record.",
            )
    answer = ask(request) if ask is not None else _post(request, settings)
    if settings.mode == "record":
        assert settings.cassette is not None
        line = canonical_json({"key": key, "model": settings.model, "answer": answer})
        with settings.cassette.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
    return answer


def _recorded(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    found = {}
    # At line feeds only: an answer may hold other marks that end a line.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            found[str(entry["key"])] = str(entry["answer"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                "not a line of a cassette",
                file=str(path),
                line=number,
                expected="an object with `key` and `answer`",
            ) from error
    return found


def _post(request: dict[str, Any], settings: Settings) -> str:
    """Ask the service of the settings; no redirects, one try."""
    try:
        import httpx
    except ImportError as error:
        raise UsageError(
            "a language model needs httpx", next_step="Install the extra: pip install 'excomm[llm]'."
        ) from error
    headers = {"authorization": f"Bearer {settings.key}"} if settings.key else {}
    address = f"{(settings.address or '').rstrip('/')}/chat/completions"
    try:
        reply = httpx.post(address, json=request, headers=headers, timeout=_SECONDS, follow_redirects=False)
        reply.raise_for_status()
        return str(reply.json()["choices"][0]["message"]["content"])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, IndexError, TypeError) as error:
        raise UsageError(
            f"the language model did not answer ({type(error).__name__})",
            expected="a service that speaks the chat-completions protocol",
            next_step="Check EXCOMM_LLM_URL, or go on without: the mode off.",
        ) from error

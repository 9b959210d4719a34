"""Errors arrive as the SDK's own classes, with the words and headers that help; retries work."""
import anthropic
import httpx2
import openai
from google.genai import errors as gemini_errors

from .anthropic_messages import ask, text_of
from .case import araises, case, raises
from .openai_chat import user
from .target import (ANTHROPIC_MODEL, GEMINI_MODEL, LIMITED, OPENAI_MODEL, anthropic_client, gemini_client, once,
                     openai_async, openai_client)

WRONG_KEY = "sk-tg-" + "x" * 43


def chat(client, text="Say heron", model=OPENAI_MODEL, **more):
    """One chat completion."""
    return client.chat.completions.create(model=model, messages=user(text), **more)


def generate(client, text="Say heron", model=GEMINI_MODEL):
    """One Gemini answer."""
    return client.models.generate_content(model=model, contents=text)


def named(error):
    """Every refusal names the request, so that an admin can find it."""
    assert error.response.headers.get("x-tidegate-request-id"), error.response.headers


# OpenAI

@case("openai error: a wrong key is AuthenticationError")
def openai_wrong_key():
    error = raises(openai.AuthenticationError, chat, openai_client(key=WRONG_KEY))
    assert error.status_code == 401 and error.body["code"] and error.body["message"], error.body
    named(error)


@case("openai error: a wrong key, async and streamed, is AuthenticationError")
async def openai_wrong_key_async():
    async with openai_async(key=WRONG_KEY) as client:
        await araises(openai.AuthenticationError, chat(client, stream=True))


@case("openai error: an unknown route is NotFoundError")
def openai_unknown_route():
    error = raises(openai.NotFoundError, openai_client().post, "/no/such/route", cast_to=object, body={})
    assert error.body["message"], error.body
    named(error)


@case("openai error: a model that no provider has is NotFoundError")
def openai_unknown_model():
    for path in ("/v1", "/openai/v1"):
        error = raises(openai.NotFoundError, chat, openai_client(path), model="no-such-model")
        assert "no-such-model" in error.body["message"] and error.body["code"] == "model_not_found", error.body


@case("openai error: embeddings of a provider of another dialect are NotFoundError")
def openai_other_dialect():
    error = raises(openai.NotFoundError, openai_client("/v1").embeddings.create, input="heron",
                   model="anthropic/" + ANTHROPIC_MODEL)
    assert "anthropic" in error.body["message"], error.body


@case("openai error: no model at all is BadRequestError")
def openai_no_model():
    error = raises(openai.BadRequestError, openai_client().post, "/chat/completions", cast_to=object,
                   body={"messages": user("Say heron")})
    assert "model" in error.body["message"], error.body


@case("openai error: a model that the key may not use is PermissionDeniedError")
def openai_forbidden_model():
    client = openai_client(key=LIMITED["narrow"])
    assert chat(client).choices
    error = raises(openai.PermissionDeniedError, chat, client, model="gpt-4.1")
    assert "gpt-4.1" in error.body["message"], error.body


@case("openai error: the rate limit is RateLimitError with retry-after")
def openai_rate_limit():
    client = openai_client(key=LIMITED["rpm-openai"])
    assert chat(client).choices
    error = raises(openai.RateLimitError, chat, client)
    assert 0 < float(error.response.headers["retry-after"]) <= 60, error.response.headers
    assert error.body["message"] and error.body["code"], error.body
    named(error)


@case("openai error: a spent budget is RateLimitError that says when it resets")
def openai_budget():
    # The call may cost little, and costs more than the whole budget: the rest is carried as debt.
    client = openai_client(key=LIMITED["spent-openai"])
    assert chat(client, "Say heron [[usage:output=1000]]", max_tokens=16).choices
    error = raises(openai.RateLimitError, chat, client, max_tokens=16)
    assert "budget" in error.body["message"].lower() and error.body["code"] == "budget_exceeded", error.body
    assert 0 < float(error.response.headers["retry-after"]) <= 86_400, error.response.headers
    named(error)


@case("openai error: a call that no window's budget can hold is RateLimitError without a wait")
def openai_too_dear():
    error = raises(openai.RateLimitError, chat, openai_client(key=LIMITED["tiny"]))
    assert "retry-after" not in error.response.headers, error.response.headers
    assert error.response.headers["x-should-retry"] == "false", error.response.headers


@case("openai error: the provider's own refusals keep their class")
def openai_upstream():
    for status, kind in ((400, openai.BadRequestError), (429, openai.RateLimitError),
                         (500, openai.InternalServerError), (503, openai.InternalServerError)):
        error = raises(kind, chat, openai_client(), f"Say heron [[status:{status}]]")
        assert error.status_code == status, error
        named(error)


@case("openai error: a stream that breaks off raises, and does not end as if complete")
def openai_cut():
    def read():
        for _ in chat(openai_client(), "Say heron, at length [[cut]]", stream=True):
            pass

    raises((openai.APIError, httpx2.TransportError), read)


@case("openai retry: a failure once is retried by the SDK and then answered")
def openai_retry():
    for status in (429, 500, 503):
        raw = openai_client(max_retries=2).chat.completions.with_raw_response.create(
            model=OPENAI_MODEL, messages=user(f"Say heron {once(status)} [[retry-after:0]]"))
        assert raw.retries_taken == 1, (status, raw.retries_taken)
        assert "heron" in raw.parse().choices[0].message.content


# Anthropic

def message(client, text="Say heron", **more):
    """One Anthropic message."""
    return client.messages.create(**ask(text, **more))


@case("anthropic error: a wrong key is AuthenticationError")
def anthropic_wrong_key():
    error = raises(anthropic.AuthenticationError, message, anthropic_client(key=WRONG_KEY))
    assert error.body["type"] == "error" and error.body["error"]["type"] == "authentication_error", error.body
    named(error)


@case("anthropic error: an unknown route is NotFoundError")
def anthropic_unknown_route():
    error = raises(anthropic.NotFoundError, anthropic_client().post, "/v1/no/such/route", cast_to=object, body={})
    assert error.body["error"]["type"] == "not_found_error", error.body


@case("anthropic error: no model at all is BadRequestError")
def anthropic_no_model():
    error = raises(anthropic.BadRequestError, anthropic_client().post, "/v1/messages", cast_to=object,
                   body={"max_tokens": 5, "messages": user("Say heron")})
    assert error.body["error"]["type"] == "invalid_request_error", error.body


@case("anthropic error: the rate limit is RateLimitError with retry-after")
def anthropic_rate_limit():
    client = anthropic_client(key=LIMITED["rpm-anthropic"])
    assert text_of(message(client))
    error = raises(anthropic.RateLimitError, message, client)
    assert error.body["error"]["type"] == "rate_limit_error", error.body
    assert 0 < float(error.response.headers["retry-after"]) <= 60


@case("anthropic error: a spent budget is a billing_error")
def anthropic_budget():
    client = anthropic_client(key=LIMITED["spent-anthropic"])
    assert text_of(message(client, "Say heron [[usage:output=100]]", max_tokens=16))
    error = raises(anthropic.RateLimitError, message, client, max_tokens=16)
    assert error.body["error"]["type"] == "billing_error", error.body
    assert error.response.headers["x-should-retry"] == "false", error.response.headers
    assert 0 < float(error.response.headers["retry-after"]) <= 86_400, error.response.headers


@case("anthropic error: the provider's own refusals keep their class")
def anthropic_upstream():
    for status, kind in ((400, anthropic.BadRequestError), (429, anthropic.RateLimitError),
                         (500, anthropic.InternalServerError), (529, anthropic.InternalServerError)):
        error = raises(kind, message, anthropic_client(), f"Say heron [[status:{status}]]")
        assert error.status_code == status, error
        named(error)


@case("anthropic retry: a failure once is retried by the SDK and then answered")
def anthropic_retry():
    for status in (429, 500, 529):
        client = anthropic_client(max_retries=2)
        raw = client.messages.with_raw_response.create(**ask(f"Say heron {once(status)} [[retry-after:0]]"))
        assert raw.retries_taken == 1, (status, raw.retries_taken)
        assert "heron" in text_of(raw.parse())


@case("anthropic error: a model that no provider has is NotFoundError")
def anthropic_unknown_model():
    error = raises(anthropic.NotFoundError, message, anthropic_client(""), model="no-such-model")
    assert error.body["error"]["type"] == "not_found_error", error.body


# Gemini

@case("gemini error: a wrong key is ClientError UNAUTHENTICATED")
def gemini_wrong_key():
    error = raises(gemini_errors.ClientError, generate, gemini_client(key=WRONG_KEY))
    assert error.code == 401 and error.status == "UNAUTHENTICATED", error


@case("gemini error: an unknown route is ClientError NOT_FOUND")
def gemini_unknown_route():
    error = raises(gemini_errors.ClientError, gemini_client().caches.get, name="cachedContents/none")
    assert error.code == 404 and error.status == "NOT_FOUND", error


@case("gemini error: the rate limit is ClientError RESOURCE_EXHAUSTED")
def gemini_rate_limit():
    client = gemini_client(key=LIMITED["rpm-gemini"])
    assert generate(client).text
    error = raises(gemini_errors.ClientError, generate, client)
    assert error.code == 429 and error.status == "RESOURCE_EXHAUSTED", error


@case("gemini error: the provider's own refusals keep their class")
def gemini_upstream():
    for status, kind in ((400, gemini_errors.ClientError), (429, gemini_errors.ClientError),
                         (500, gemini_errors.ServerError), (503, gemini_errors.ServerError)):
        error = raises(kind, generate, gemini_client(), f"Say heron [[status:{status}]]")
        assert error.code == status, error


@case("gemini retry: a failure once is retried by the SDK and then answered")
def gemini_retry():
    for status in (429, 503):
        assert "heron" in generate(gemini_client(retries=3), f"Say heron {once(status)}").text

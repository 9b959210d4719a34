"""Where the tests send their calls: the SDKs as they come, with a base URL and a virtual key.

Nothing of an SDK is changed or replaced. A response hook of its HTTP client, which is public
API, notes the gateway's request id of every answer, so that the log can be compared afterwards.
"""
import json
import os
import uuid

import anthropic
import boto3
import botocore
import botocore.config
import openai
from google import genai
from google.genai import types

from .case import fail_usage

URL = os.environ.get("TIDEGATE_URL") or fail_usage("TIDEGATE_URL is not set")
KEY = os.environ.get("TIDEGATE_KEY") or fail_usage("TIDEGATE_KEY is not set")

# Keys that a limit or an allow-list stands on. Each is used by the tests of one SDK only, so
# that no other test uses its share up.
LIMITED = json.loads(os.environ.get("TIDEGATE_LIMITED_KEYS", "{}"))

OPENAI_MODEL = os.environ.get("TIDEGATE_OPENAI_MODEL", "gpt-4.1-mini")
EMBEDDING_MODEL = os.environ.get("TIDEGATE_EMBEDDING_MODEL", "text-embedding-3-small")
ANTHROPIC_MODEL = os.environ.get("TIDEGATE_ANTHROPIC_MODEL", "claude-sonnet-4-5")
GEMINI_MODEL = os.environ.get("TIDEGATE_GEMINI_MODEL", "gemini-2.5-flash")
BEDROCK_MODEL = os.environ.get("TIDEGATE_BEDROCK_MODEL", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0")
GEMINI_EMBEDDING_MODEL = os.environ.get("TIDEGATE_GEMINI_EMBEDDING_MODEL", "gemini-embedding-001")

# A 1 x 1 picture.
PNG = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
       "rkJggg==")

CALLS = []  # what each answer was: test, request id, status, method and path
_current = {"test": ""}


def begin(test):
    """The test that the next calls belong to."""
    _current["test"] = test


def note(response):
    """Remembers an answer's request id."""
    CALLS.append({
        "test": _current["test"],
        "id": response.headers.get("x-tidegate-request-id"),
        "status": response.status_code,
        "path": response.request.url.path,
        "method": response.request.method,
    })


async def anote(response):
    """The same, for the async clients."""
    note(response)


HOOKS = {"response": [note]}
AHOOKS = {"response": [anote]}


def once(status):
    """A marker that makes the provider fail the first call that carries it, and only that."""
    return f"[[status:{status}:1:{uuid.uuid4().hex}]]"


def openai_client(path="/openai/v1", key=KEY, **more):
    """The OpenAI SDK; `path` is `/v1` for the unified routes."""
    more.setdefault("max_retries", 0)
    return openai.OpenAI(base_url=URL + path, api_key=key,
                         http_client=openai.DefaultHttpxClient(event_hooks=HOOKS), **more)


def openai_async(path="/openai/v1", key=KEY, **more):
    """The async OpenAI SDK."""
    more.setdefault("max_retries", 0)
    return openai.AsyncOpenAI(base_url=URL + path, api_key=key,
                              http_client=openai.DefaultAsyncHttpxClient(event_hooks=AHOOKS), **more)


def anthropic_client(path="/anthropic", key=KEY, **more):
    """The Anthropic SDK; it adds `/v1` itself, so the unified routes are at the root."""
    more.setdefault("max_retries", 0)
    return anthropic.Anthropic(base_url=URL + path, api_key=key,
                               http_client=anthropic.DefaultHttpxClient(event_hooks=HOOKS), **more)


def anthropic_async(path="/anthropic", key=KEY, **more):
    """The async Anthropic SDK."""
    more.setdefault("max_retries", 0)
    return anthropic.AsyncAnthropic(base_url=URL + path, api_key=key,
                                    http_client=anthropic.DefaultAsyncHttpxClient(event_hooks=AHOOKS), **more)


_gemini = []  # this SDK closes its connections when a client is no longer referenced


def gemini_client(key=KEY, retries=1):
    """The Google SDK. `retries` counts attempts, the first included."""
    client = genai.Client(api_key=key, http_options=types.HttpOptions(
        base_url=URL + "/genai",
        client_args={"event_hooks": HOOKS},
        async_client_args={"event_hooks": AHOOKS},
        retry_options=types.HttpRetryOptions(attempts=retries, initial_delay=0.05, max_delay=0.2),
    ))
    _gemini.append(client)
    return client


def bedrock_client(key=KEY, retries=1):
    """AWS' SDK. Over TLS the virtual key goes where it takes Bedrock's API keys, into AWS_BEARER_TOKEN_BEDROCK; in clear
    the SDK sends none, so here calls go unsigned with the key in a header of ours. `retries` counts attempts, the first
    included."""
    if URL.startswith("https://"):
        os.environ["AWS_BEARER_TOKEN_BEDROCK"] = key
        signature = None
    else:
        signature = botocore.UNSIGNED
    config = botocore.config.Config(signature_version=signature,
                                    retries={"total_max_attempts": retries, "mode": "standard"})
    client = boto3.session.Session(region_name="eu-west-1").client(
        "bedrock-runtime", endpoint_url=URL + "/bedrock", config=config)

    def sent(request, **_):
        request.headers["x-tidegate-key"] = key
        _current["path"] = request.url.removeprefix(URL)

    def answered(response_dict=None, **_):
        CALLS.append({"test": _current["test"], "id": response_dict["headers"].get("x-tidegate-request-id"),
                      "status": response_dict["status_code"], "path": _current["path"], "method": "POST"})

    client.meta.events.register("before-sign.bedrock-runtime", sent)
    client.meta.events.register("response-received.bedrock-runtime", answered)
    return client

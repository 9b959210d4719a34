#!/usr/bin/env python3
"""The official SDKs against a provider that refuses whatever its schema does not have, as Mistral does: through a
gateway that knows it by its profile, and without one.

    python3 tests/clients/profiles.py        (after `make setup` and a build)
"""
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.dont_write_bytecode = True

from rig import CLIENTS, Results, Rig  # noqa: E402, nothing is to be left in the tree

for folder in (CLIENTS / "venv" / "lib").glob("python*/site-packages"):
    sys.path.insert(0, str(folder))

import anthropic  # noqa: E402, lies in the clients' environment
import openai  # noqa: E402, lies in the clients' environment

# The members of Mistral's ChatCompletionRequest and of its messages.
BODY = {"model", "messages", "temperature", "top_p", "max_tokens", "stream", "stop", "random_seed", "metadata",
        "response_format", "tools", "tool_choice", "presence_penalty", "frequency_penalty", "n", "prediction",
        "parallel_tool_calls", "reasoning_effort", "prompt_mode", "guardrails", "prompt_cache_key", "safe_prompt"}
MESSAGE = {"system": {"role", "content"}, "user": {"role", "content"},
           "assistant": {"role", "content", "tool_calls", "prefix"},
           "tool": {"role", "content", "tool_call_id", "name"}}


def extra(body):
    """Where the body has what the schema does not."""
    found = [["body", name] for name in body if name not in BODY]
    for at, message in enumerate(body.get("messages", [])):
        known = MESSAGE.get(message.get("role"))
        if known is None:
            found.append(["body", "messages", at, "role"])
            continue
        found += [["body", "messages", at, message["role"], name] for name in message if name not in known]
    return found


class Strict(BaseHTTPRequestHandler):
    """Answers one line, or 422."""
    protocol_version = "HTTP/1.1"
    bodies = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        Strict.bodies.append(body)
        refused = extra(body)
        if refused:
            detail = [{"type": "extra_forbidden", "loc": place, "msg": "Extra inputs are not permitted"}
                      for place in refused]
            self.answer(422, "application/json", json.dumps(
                {"object": "error", "message": {"detail": detail}, "type": "invalid_request_error"}))
            return
        usage = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
        head = {"id": "cmpl-1", "created": 1, "model": body["model"]}
        if body.get("stream"):
            last = {"delta": {"content": " heron"}, "index": 0, "finish_reason": "stop"}
            events = [{**head, "object": "chat.completion.chunk", "choices": [
                          {"delta": {"role": "assistant", "content": "a"}, "index": 0, "finish_reason": None}]},
                      {**head, "object": "chat.completion.chunk", "choices": [last], "usage": usage}]
            text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
            self.answer(200, "text/event-stream", text)
            return
        message = {"role": "assistant", "content": "a heron", "tool_calls": None}
        self.answer(200, "application/json", json.dumps(
            {**head, "object": "chat.completion", "usage": usage,
             "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}))

    def answer(self, status, kind, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def main():
    results = Results()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Strict)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    rig = Rig()
    rig.more_config(
        f'\n[[providers]]\nprofile = "mistral"\nbase_url = "{url}"\nmodels = ["mistral-*"]\n'
        f'\n[[providers]]\nname = "plain"\ndialect = "openai"\nbase_url = "{url}"\nmodels = ["only-by-name"]\n')
    with rig:
        key = rig.key("profiles")
        ask(results, rig, key)
    server.shutdown()
    return results.close()


def ask(results, rig, key):
    client = openai.OpenAI(base_url=f"{rig.url}/openai/v1", api_key=key, max_retries=0)
    messages = [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "hi"},
                {"role": "assistant", "content": "hello", "reasoning_content": "they greet", "refusal": None},
                {"role": "user", "content": "which bird?"}]
    more = {"max_completion_tokens": 50, "seed": 7, "user": "somebody", "store": False, "logprobs": False}
    try:
        client.chat.completions.create(model="plain/mistral-x", messages=messages, **more)
        results.check("without the profile it is refused", False, "it was answered")
    except openai.UnprocessableEntityError as error:
        results.check("without the profile it is refused", "max_completion_tokens" in error.response.text, error)
    whole = client.chat.completions.create(model="mistral-x", messages=messages, **more)
    results.check("with it it is answered", whole.choices[0].message.content == "a heron", whole)
    sent = Strict.bodies[-1]
    results.check("the cap and the seed were sent",
                  (sent.get("max_tokens"), sent.get("random_seed")) == (50, 7), sent)
    for asked in ({}, {"stream_options": {"include_usage": True}}):
        stream = client.chat.completions.create(model="mistral-x", messages=messages, stream=True, **more, **asked)
        chunks = list(stream)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        results.check(f"streamed {asked}", text == "a heron" and chunks[-1].usage.total_tokens == 16, chunks)
    try:
        client.chat.completions.create(model="mistral-x", messages=messages, logit_bias={"5": 1}, **more)
        results.check("what it cannot do is refused by name", False, "it was answered")
    except openai.BadRequestError as error:
        results.check("what it cannot do is refused by name", "logit_bias" in str(error), error)
    other = anthropic.Anthropic(base_url=f"{rig.url}/anthropic", api_key=key, max_retries=0)
    thought = {"type": "thinking", "thinking": "they greet", "signature": "x"}
    turns = [{"role": "user", "content": "hi"},
             {"role": "assistant", "content": [thought, {"type": "text", "text": "hello"}]},
             {"role": "user", "content": "which bird?"}]
    asked = {"model": "mistral-x", "max_tokens": 50, "system": "be brief", "messages": turns,
             "metadata": {"user_id": "somebody"}}
    answer = other.messages.create(**asked)
    results.check("the Anthropic SDK", answer.content[0].text == "a heron" and answer.usage.output_tokens == 5, answer)
    with other.messages.stream(**asked) as stream:
        final = stream.get_final_message()
    results.check("the Anthropic SDK, streamed",
                  final.content[0].text == "a heron" and final.usage.output_tokens == 5, final)
    # Rows are written behind the calls.
    deadline = time.monotonic() + 20
    rows = []
    while len(rows) < 5 and time.monotonic() < deadline:
        rows = [row for row in rig.requests() if row.get("provider") == "mistral" and row["status"] == 200]
    counted = [row["usage"]["output"] for row in rows]
    results.check("the log has what was used", len(rows) >= 5 and set(counted) == {5}, (len(rows), counted))


if __name__ == "__main__":
    sys.exit(main())

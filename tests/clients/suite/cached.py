"""Answers that the gateway kept, read by the official SDKs: the same call whole and streamed, whichever came first.
What the SDKs' strict classes parse is what their provider would have said."""
import uuid

from .case import case
from .openai_chat import ASK_TOOL
from .target import ANTHROPIC_MODEL, EMBEDDING_MODEL, GEMINI_MODEL, OPENAI_MODEL
from .target import anthropic_client, gemini_client, openai_client

ON = {"x-tidegate-cache": "on"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def chat(text, stream, upstream):
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
    messages = [{"role": "user", "content": text}]
    ask = openai_client("/v1", default_headers=ON).chat.completions
    more = {"model": upstream or OPENAI_MODEL, "messages": messages, "tools": tools}
    if not stream:
        answer = ask.create(**more)
        message = answer.choices[0].message
        calls = [(call.id, call.function.arguments) for call in message.tool_calls or []]
        return message.content or "", calls, answer.usage.completion_tokens
    with ask.stream(stream_options={"include_usage": True}, **more) as events:
        for _ in events:
            pass
        answer = events.get_final_completion()
    message = answer.choices[0].message
    calls = [(call.id, call.function.arguments) for call in message.tool_calls or []]
    return message.content or "", calls, answer.usage.completion_tokens


def responses(text, stream, upstream):
    tools = [{"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": False}]
    ask = openai_client("/v1", default_headers=ON).responses
    more = {"model": upstream or OPENAI_MODEL, "input": text, "tools": tools, "store": False}
    if stream:
        with ask.stream(**more) as events:
            for _ in events:
                pass
            answer = events.get_final_response()
    else:
        answer = ask.create(**more)
    calls = [(item.call_id, item.arguments) for item in answer.output if item.type == "function_call"]
    return answer.output_text, calls, answer.usage.output_tokens


def messages(text, stream, upstream):
    tools = [{"name": "get_weather", "input_schema": SCHEMA}]
    ask = anthropic_client("", default_headers=ON).messages
    more = {"model": upstream or ANTHROPIC_MODEL, "max_tokens": 99, "tools": tools,
            "messages": [{"role": "user", "content": text}]}
    if stream:
        with ask.stream(**more) as events:
            for _ in events:
                pass
            answer = events.get_final_message()
    else:
        answer = ask.create(**more)
    said = "".join(block.text for block in answer.content if block.type == "text")
    calls = [(block.id, block.input) for block in answer.content if block.type == "tool_use"]
    return said, calls, answer.usage.output_tokens


def gemini(text, stream, _):
    config = {"http_options": {"headers": ON}}
    ask = gemini_client().models
    if not stream:
        answer = ask.generate_content(model=GEMINI_MODEL, contents=text, config=config)
        return answer.text, [], answer.usage_metadata.candidates_token_count
    chunks = list(ask.generate_content_stream(model=GEMINI_MODEL, contents=text, config=config))
    return "".join(chunk.text or "" for chunk in chunks), [], chunks[-1].usage_metadata.candidates_token_count


CLIENTS = {"chat": chat, "responses": responses, "messages": messages, "gemini": gemini}
# At their own provider, and at one that speaks another dialect.
PLACES = [(name, None) for name in CLIENTS] + [
    ("chat", "anthropic/" + ANTHROPIC_MODEL),
    ("messages", "openai-responses/" + OPENAI_MODEL),
]


def register(name, upstream, streamed_first):
    order = "whole from a stream" if streamed_first else "streamed from whole"

    @case(f"cached: {name} at {upstream or 'its own'}, {order}")
    def _():
        for what in ("Say heron", ASK_TOOL if name != "gemini" else "Say owl"):
            # No other test asks this.
            text = f"{what} {uuid.uuid4().hex}"
            ask = CLIENTS[name]
            first = ask(text, streamed_first, upstream)
            second = ask(text, not streamed_first, upstream)
            third = ask(text, not streamed_first, upstream)
            assert first == second == third, (first, second, third)
            assert first[0] or first[1], first


for name, upstream in PLACES:
    for streamed_first in (False, True):
        register(name, upstream, streamed_first)


@case("cached: what the gateway says of it")
def says():
    ask = openai_client(default_headers=ON).embeddings.with_raw_response
    text = uuid.uuid4().hex
    first = ask.create(model=EMBEDDING_MODEL, input=text)
    second = ask.create(model=EMBEDDING_MODEL, input=text)
    assert [answer.headers["x-tidegate-cache"] for answer in (first, second)] == ["miss", "hit"]
    assert int(second.headers["age"]) < 60
    assert first.parse().data[0].embedding == second.parse().data[0].embedding

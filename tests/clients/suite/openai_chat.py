"""OpenAI chat completions through the official SDK."""
import json

from pydantic import BaseModel

from .case import case
from .target import OPENAI_MODEL, PNG, openai_async, openai_client

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
ASK_TOOL = 'What is it like outside? [[tool:get_weather {"city":"Oslo"}]]'


class City(BaseModel):
    """What the structured answers must be."""

    name: str
    population: int


def user(text):
    """A conversation of one message."""
    return [{"role": "user", "content": text}]


@case("openai chat: sync")
def sync():
    answer = openai_client().chat.completions.create(model=OPENAI_MODEL, messages=user("Say heron"))
    assert "heron" in answer.choices[0].message.content, answer
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.prompt_tokens > 0 and answer.usage.completion_tokens > 0


@case("openai chat: async")
async def asynchronous():
    async with openai_async() as client:
        answer = await client.chat.completions.create(model=OPENAI_MODEL, messages=user("Say heron"))
    assert "heron" in answer.choices[0].message.content


@case("openai chat: streamed, without the usage that nobody asked for")
def streamed():
    stream = openai_client().chat.completions.create(model=OPENAI_MODEL, messages=user("Say heron"), stream=True)
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks)
    assert "heron" in text, text
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert all(c.usage is None for c in chunks), "usage was not asked for"


@case("openai chat: streamed, with usage asked for")
def streamed_usage():
    stream = openai_client().chat.completions.create(
        model=OPENAI_MODEL, messages=user("Say heron"), stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0, chunks[-1]


@case("openai chat: async streamed")
async def async_streamed():
    async with openai_async() as client:
        stream = await client.chat.completions.create(model=OPENAI_MODEL, messages=user("Say heron"), stream=True)
        text = "".join([c.choices[0].delta.content or "" async for c in stream])
    assert "heron" in text


@case("openai chat: the stream helper")
def stream_helper():
    with openai_client().chat.completions.stream(model=OPENAI_MODEL, messages=user("Say heron")) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert "content.delta" in kinds and "content.done" in kinds, kinds
    assert "heron" in final.choices[0].message.content


@case("openai chat: a tool and its result, there and back")
def tools():
    client = openai_client()
    messages = user(ASK_TOOL)
    answer = client.chat.completions.create(model=OPENAI_MODEL, messages=messages, tools=[WEATHER])
    assert answer.choices[0].finish_reason == "tool_calls", answer
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather" and json.loads(call.function.arguments) == {"city": "Oslo"}
    messages += [answer.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "4 degrees, rain"}]
    answer = client.chat.completions.create(model=OPENAI_MODEL, messages=messages, tools=[WEATHER])
    assert answer.choices[0].finish_reason == "stop" and answer.choices[0].message.content


@case("openai chat: two tool calls, streamed")
def tools_streamed():
    ask = ASK_TOOL + ' [[tool:get_weather {"city":"Rome"}]]'
    with openai_client().chat.completions.stream(model=OPENAI_MODEL, messages=user(ask), tools=[WEATHER]) as stream:
        for _ in stream:
            pass
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert [json.loads(c.function.arguments)["city"] for c in calls] == ["Oslo", "Rome"], calls
    assert len({c.id for c in calls}) == 2


@case("openai chat: structured output")
def structured():
    answer = openai_client().chat.completions.parse(
        model=OPENAI_MODEL, messages=user("A city, please"), response_format=City)
    assert isinstance(answer.choices[0].message.parsed, City), answer


@case("openai chat: structured output, streamed")
def structured_streamed():
    with openai_client().chat.completions.stream(
            model=OPENAI_MODEL, messages=user("A city, please"), response_format=City) as stream:
        for _ in stream:
            pass
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, City)


@case("openai chat: an image in the prompt")
def image():
    answer = openai_client().chat.completions.create(model=OPENAI_MODEL, messages=[{"role": "user", "content": [
        {"type": "text", "text": "What is this? Say heron"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + PNG}}]}])
    assert answer.choices[0].message.content


@case("openai chat: unified route, provider/model")
def unified():
    client = openai_client("/v1")
    answer = client.chat.completions.create(model="openai/" + OPENAI_MODEL, messages=user("Say heron"))
    assert "heron" in answer.choices[0].message.content
    stream = client.chat.completions.create(model="openai/" + OPENAI_MODEL, messages=user("Say heron"), stream=True)
    assert "heron" in "".join(c.choices[0].delta.content or "" for c in stream)


@case("openai chat: a megabyte of prompt")
def large():
    answer = openai_client().chat.completions.create(
        model=OPENAI_MODEL, messages=user("x" * 1_000_000 + " Say heron"))
    assert answer.usage.prompt_tokens > 1000

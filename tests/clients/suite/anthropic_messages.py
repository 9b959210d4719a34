"""Anthropic messages, token counts and batches through the official SDK."""
from pydantic import BaseModel

from .case import case
from .target import ANTHROPIC_MODEL, PNG, anthropic_async, anthropic_client

WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
ASK_TOOL = 'What is it like outside? [[tool:get_weather {"city":"Oslo"}]]'


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    population: int


def ask(text, **more):
    """The arguments of a call with one user message."""
    return {"model": ANTHROPIC_MODEL, "max_tokens": 512, "messages": [{"role": "user", "content": text}]} | more


def text_of(message):
    """All text of an answer."""
    return "".join(block.text for block in message.content if block.type == "text")


@case("anthropic messages: sync")
def sync():
    answer = anthropic_client().messages.create(**ask("Say heron"))
    assert "heron" in text_of(answer) and answer.stop_reason == "end_turn", answer
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0


@case("anthropic messages: async")
async def asynchronous():
    async with anthropic_async() as client:
        answer = await client.messages.create(**ask("Say heron"))
    assert "heron" in text_of(answer)


@case("anthropic messages: streamed, raw events")
def streamed():
    events = list(anthropic_client().messages.create(**ask("Say heron"), stream=True))
    kinds = [event.type for event in events]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop", kinds
    last = next(event for event in events if event.type == "message_delta")
    assert last.usage.output_tokens > 0 and last.delta.stop_reason == "end_turn"


@case("anthropic messages: the stream helper")
def stream_helper():
    with anthropic_client().messages.stream(**ask("Say heron")) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert "heron" in text and text_of(final) == text and final.usage.output_tokens > 0


@case("anthropic messages: async streamed")
async def async_streamed():
    async with anthropic_async() as client:
        async with client.messages.stream(**ask("Say heron")) as stream:
            text = "".join([piece async for piece in stream.text_stream])
    assert "heron" in text


@case("anthropic messages: a tool and its result, there and back")
def tools():
    client = anthropic_client()
    first = ask(ASK_TOOL, tools=[WEATHER])
    answer = client.messages.create(**first)
    assert answer.stop_reason == "tool_use", answer
    call = next(block for block in answer.content if block.type == "tool_use")
    assert call.name == "get_weather" and call.input == {"city": "Oslo"}
    first["messages"] += [
        {"role": "assistant", "content": answer.content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "4 degrees, rain"}]}]
    answer = client.messages.create(**first)
    assert answer.stop_reason == "end_turn" and text_of(answer)


@case("anthropic messages: a tool call, streamed")
def tools_streamed():
    with anthropic_client().messages.stream(**ask(ASK_TOOL, tools=[WEATHER])) as stream:
        final = stream.get_final_message()
    call = next(block for block in final.content if block.type == "tool_use")
    assert call.input == {"city": "Oslo"} and final.stop_reason == "tool_use"


@case("anthropic messages: structured output")
def structured():
    answer = anthropic_client().messages.parse(**ask("A city, please"), output_format=City)
    assert isinstance(answer.parsed_output, City), answer


@case("anthropic messages: an image, a system prompt and cache marks")
def image():
    answer = anthropic_client().messages.create(**ask(
        [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
         {"type": "text", "text": "What is this? Say heron", "cache_control": {"type": "ephemeral"}}],
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]))
    assert text_of(answer)


@case("anthropic messages: cached and written tokens arrive as the provider counts them")
def cache():
    answer = anthropic_client().messages.create(**ask("Say heron [[usage:input=40,cached=300,write5m=20,write1h=10]]"))
    usage = answer.usage
    assert usage.cache_read_input_tokens == 300 and usage.cache_creation_input_tokens == 30, usage


@case("anthropic messages: unified route, provider/model")
def unified():
    answer = anthropic_client("").messages.create(**ask("Say heron", model="anthropic/" + ANTHROPIC_MODEL))
    assert "heron" in text_of(answer)


@case("anthropic count_tokens: sync and async")
async def count_tokens():
    what = {"model": ANTHROPIC_MODEL, "messages": [{"role": "user", "content": "How long is this?"}]}
    assert anthropic_client().messages.count_tokens(**what).input_tokens > 0
    async with anthropic_async() as client:
        assert (await client.messages.count_tokens(**what)).input_tokens > 0


@case("anthropic models: list")
def models():
    listed = anthropic_client().models.list()
    assert len(listed.data) > 0 and listed.data[0].id


@case("anthropic message batches: create")
def batches():
    params = ask("Say heron")
    batch = anthropic_client().messages.batches.create(requests=[{"custom_id": "one", "params": params},
                                                                 {"custom_id": "two", "params": params}])
    assert batch.type == "message_batch" and batch.id, batch

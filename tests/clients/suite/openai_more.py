"""OpenAI's Responses API, embeddings, models and moderation through the official SDK."""
import json

from .case import case
from .openai_chat import ASK_TOOL, WEATHER, City
from .target import EMBEDDING_MODEL, OPENAI_MODEL, PNG, openai_async, openai_client

RESPONSES_TOOL = {"type": "function", **WEATHER["function"]}


@case("openai responses: sync")
def sync():
    answer = openai_client().responses.create(model=OPENAI_MODEL, input="Say heron")
    assert "heron" in answer.output_text, answer
    assert answer.status == "completed" and answer.usage.output_tokens > 0


@case("openai responses: async")
async def asynchronous():
    async with openai_async() as client:
        answer = await client.responses.create(model=OPENAI_MODEL, input="Say heron")
    assert "heron" in answer.output_text


@case("openai responses: streamed")
def streamed():
    events = list(openai_client().responses.create(model=OPENAI_MODEL, input="Say heron", stream=True))
    assert events[0].type == "response.created" and events[-1].type == "response.completed", events
    assert "heron" in "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert events[-1].response.usage.output_tokens > 0


@case("openai responses: async streamed")
async def async_streamed():
    async with openai_async() as client:
        stream = await client.responses.create(model=OPENAI_MODEL, input="Say heron", stream=True)
        kinds = [event.type async for event in stream]
    assert kinds[-1] == "response.completed", kinds


@case("openai responses: a tool and its result, there and back")
def tools():
    client = openai_client()
    asked = [{"role": "user", "content": ASK_TOOL}]
    answer = client.responses.create(model=OPENAI_MODEL, input=asked, tools=[RESPONSES_TOOL])
    call = next(item for item in answer.output if item.type == "function_call")
    assert call.name == "get_weather" and json.loads(call.arguments) == {"city": "Oslo"}
    asked += [item.to_dict() for item in answer.output]
    asked.append({"type": "function_call_output", "call_id": call.call_id, "output": "4 degrees, rain"})
    answer = client.responses.create(model=OPENAI_MODEL, input=asked, tools=[RESPONSES_TOOL])
    assert answer.output_text, answer


@case("openai responses: structured output")
def structured():
    answer = openai_client().responses.parse(model=OPENAI_MODEL, input="A city, please", text_format=City)
    assert isinstance(answer.output_parsed, City), answer


@case("openai responses: an image in the prompt")
def image():
    answer = openai_client().responses.create(model=OPENAI_MODEL, input=[{"role": "user", "content": [
        {"type": "input_text", "text": "What is this? Say heron"},
        {"type": "input_image", "image_url": "data:image/png;base64," + PNG, "detail": "auto"}]}])
    assert answer.output_text


@case("openai responses: unified route, provider/model")
def unified():
    answer = openai_client("/v1").responses.create(model="openai/" + OPENAI_MODEL, input="Say heron")
    assert "heron" in answer.output_text


@case("openai embeddings: sync, async and unified")
async def embeddings():
    answer = openai_client().embeddings.create(model=EMBEDDING_MODEL, input=["one", "two"])
    assert len(answer.data) == 2 and len(answer.data[0].embedding) > 1 and answer.usage.prompt_tokens > 0
    answer = openai_client("/v1").embeddings.create(model="openai/" + EMBEDDING_MODEL, input="one")
    assert len(answer.data) == 1
    async with openai_async() as client:
        answer = await client.embeddings.create(model=EMBEDDING_MODEL, input="one", encoding_format="float")
    assert all(isinstance(number, float) for number in answer.data[0].embedding)


@case("openai models: list and one")
def models():
    listed = openai_client().models.list()
    assert len(listed.data) > 0 and all(m.id for m in listed)
    assert openai_client("/v1").models.list().data, "the unified list is empty"
    assert openai_client().models.retrieve(listed.data[0].id).id == listed.data[0].id


@case("openai moderation")
def moderation():
    answer = openai_client().moderations.create(model="omni-moderation-latest", input="a heron")
    assert len(answer.results) == 1

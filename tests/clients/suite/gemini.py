"""Gemini through the official Google SDK."""
import base64

from google.genai import types
from pydantic import BaseModel

from .case import case
from .target import GEMINI_EMBEDDING_MODEL, GEMINI_MODEL, PNG, gemini_client

WEATHER = types.Tool(function_declarations=[types.FunctionDeclaration(
    name="get_weather", description="The weather of a city",
    parameters_json_schema={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})])


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    population: int


@case("gemini generate: sync")
def sync():
    answer = gemini_client().models.generate_content(model=GEMINI_MODEL, contents="Say heron")
    assert "heron" in answer.text, answer
    assert answer.usage_metadata.prompt_token_count > 0 and answer.usage_metadata.candidates_token_count > 0


@case("gemini generate: async")
async def asynchronous():
    answer = await gemini_client().aio.models.generate_content(model=GEMINI_MODEL, contents="Say heron")
    assert "heron" in answer.text


@case("gemini generate: streamed")
def streamed():
    chunks = list(gemini_client().models.generate_content_stream(model=GEMINI_MODEL, contents="Say heron"))
    assert "heron" in "".join(chunk.text or "" for chunk in chunks), chunks
    assert chunks[-1].usage_metadata.candidates_token_count > 0


@case("gemini generate: async streamed")
async def async_streamed():
    stream = await gemini_client().aio.models.generate_content_stream(model=GEMINI_MODEL, contents="Say heron")
    assert "heron" in "".join([chunk.text or "" async for chunk in stream])


@case("gemini generate: a tool and its result, there and back")
def tools():
    client = gemini_client()
    config = types.GenerateContentConfig(tools=[WEATHER])
    asked = types.Content(role="user", parts=[types.Part(
        text='What is it like outside? [[tool:get_weather {"city":"Oslo"}]]')])
    answer = client.models.generate_content(model=GEMINI_MODEL, contents=[asked], config=config)
    call = answer.function_calls[0]
    assert call.name == "get_weather" and call.args == {"city": "Oslo"}, call
    result = types.Content(role="user", parts=[types.Part.from_function_response(
        name=call.name, response={"result": "4 degrees, rain"})])
    answer = client.models.generate_content(
        model=GEMINI_MODEL, contents=[asked, answer.candidates[0].content, result], config=config)
    assert answer.text, answer


@case("gemini generate: structured output")
def structured():
    answer = gemini_client().models.generate_content(
        model=GEMINI_MODEL, contents="A city, please",
        config=types.GenerateContentConfig(response_mime_type="application/json", response_schema=City))
    assert isinstance(answer.parsed, City), answer


@case("gemini generate: an image in the prompt")
def image():
    picture = types.Part.from_bytes(data=base64.b64decode(PNG), mime_type="image/png")
    assert gemini_client().models.generate_content(model=GEMINI_MODEL, contents=[picture, "Say heron"]).text


@case("gemini chat: two turns")
def chat():
    talk = gemini_client().chats.create(model=GEMINI_MODEL)
    assert "heron" in talk.send_message("Say heron").text
    assert "egret" in talk.send_message("Say egret").text


@case("gemini embeddings")
def embeddings():
    answer = gemini_client().models.embed_content(model=GEMINI_EMBEDDING_MODEL, contents="one")
    assert len(answer.embeddings[0].values) > 1


@case("gemini count_tokens")
def count():
    assert gemini_client().models.count_tokens(model=GEMINI_MODEL, contents="How long is this?").total_tokens > 0


@case("gemini models: list")
def models():
    names = [model.name for model in gemini_client().models.list()]
    assert names and all(names), names

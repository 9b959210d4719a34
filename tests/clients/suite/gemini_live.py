"""Gemini's Live API through the official SDK: a turn in writing, a turn that is heard, a function, and a refusal."""
from google.genai import errors, types

from .case import case
from .target import GEMINI_MODEL, URL, gemini_client

CONFIG = {"response_modalities": ["AUDIO"], "output_audio_transcription": {}}


def connect(model=GEMINI_MODEL):
    """A session of the SDK's. It opens them over TLS only, whatever the base URL says; here the gateway is in clear."""
    client = gemini_client()
    inner = client._api_client  # pylint: disable=protected-access
    inner._websocket_base_url = lambda _options=None: URL.replace("http", "ws", 1) + "/genai"
    inner._websocket_ssl_ctx = {}
    return client.aio.live.connect(model=model, config=CONFIG)


async def heard(session):
    """What is said in a turn, its sound, and the tokens of it."""
    said, sound, tokens = "", b"", 0
    async for message in session.receive():
        sound += message.data or b""
        content = message.server_content
        if content and content.output_transcription:
            said += content.output_transcription.text or ""
        if message.usage_metadata:
            tokens += message.usage_metadata.response_token_count
    return said, sound, tokens


@case("gemini live: two turns in writing and one that is heard, with transcripts, sound and usage")
async def turns():
    async with connect() as session:
        for word in ("heron", "egret"):
            content = types.Content(role="user", parts=[types.Part(text=f"Say {word}")])
            await session.send_client_content(turns=content, turn_complete=True)
            said, sound, tokens = await heard(session)
            assert word in said and sound and tokens > 0, said
        await session.send_realtime_input(audio=types.Blob(data=b"[[turn]] bittern", mime_type="audio/pcm;rate=16000"))
        said, _, tokens = await heard(session)
        assert "bittern" in said and tokens > 0, said


@case("gemini live: a function and its result, there and back")
async def function():
    async with connect() as session:
        await session.send_realtime_input(text="[[tool]] heron")
        async for message in session.receive():
            if message.tool_call:
                call = message.tool_call.function_calls[0]
                break
        result = types.FunctionResponse(id=call.id, name=call.name, response={"result": "an egret"})
        await session.send_tool_response(function_responses=[result])
        said, _, _ = await heard(session)
        assert "egret" in said, said


@case("gemini live: a model that nobody serves is refused by a close with its reason")
async def refused():
    try:
        async with connect("no-such-model"):
            raise AssertionError("it was opened")
    except Exception as error:  # pylint: disable=broad-except
        assert not isinstance(error, AssertionError), error
        assert isinstance(error, errors.APIError) or "model" in str(error), repr(error)

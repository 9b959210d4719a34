"""OpenAI's Realtime API through the official SDK: two turns, a turn that the server takes by itself, and a refusal."""
import base64

from .case import case
from .target import LIMITED, OPENAI_MODEL, openai_async, openai_client


def text_item(text):
    """What a user says in writing."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


@case("openai realtime: a session, two turns, transcripts, sound and usage")
def two_turns():
    with openai_client().realtime.connect(model=OPENAI_MODEL) as connection:
        assert connection.recv().type == "session.created"
        connection.session.update(session={"type": "realtime", "instructions": "Be brief."})
        assert connection.recv().type == "session.updated"
        for word in ("heron", "egret"):
            connection.conversation.item.create(item=text_item(f"Say {word}"))
            connection.response.create()
            said, sound = "", b""
            for event in connection:
                if event.type == "response.output_audio_transcript.delta":
                    said += event.delta
                elif event.type == "response.output_audio.delta":
                    sound += base64.b64decode(event.delta)
                elif event.type == "response.done":
                    assert event.response.usage.output_tokens > 0, event
                    break
                else:
                    assert event.type != "error", event
            assert word in said and sound, said


@case("openai realtime: async, by the unified route, a turn that the server takes by itself")
async def by_itself():
    async with openai_async("/v1") as client, client.realtime.connect(model=f"openai/{OPENAI_MODEL}") as connection:
        sound = base64.b64encode(b"[[turn]] heron").decode()
        await connection.input_audio_buffer.append(audio=sound)
        kinds = []
        async for event in connection:
            kinds.append(event.type)
            if event.type in ("response.done", "error"):
                break
    assert "input_audio_buffer.speech_stopped" in kinds and kinds[-1] == "response.done", kinds


@case("openai realtime: another model is refused by an event with an id, and the session lives")
def refused():
    with openai_client(key=LIMITED["narrow"]).realtime.connect(model="gpt-4.1-mini") as connection:
        assert connection.recv().type == "session.created"
        connection.session.update(session={"type": "realtime", "model": "gpt-4.1"})
        event = connection.recv()
        assert event.type == "error" and event.error.code == "model_contradicted" and event.event_id, event
        connection.response.create()
        kinds = []
        for event in connection:
            kinds.append(event.type)
            if event.type in ("response.done", "error"):
                break
        assert kinds[-1] == "response.done", kinds

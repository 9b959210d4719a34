"""OpenAI's Responses API over a WebSocket, through the official SDK."""
from .case import case
from .target import LIMITED, OPENAI_MODEL, openai_async, openai_client


def asked(text, **more):
    """A message that asks for a response."""
    return {"type": "response.create", "model": OPENAI_MODEL, "input": text, "store": False, **more}


@case("openai responses over a WebSocket: two turns on one connection")
def two_turns():
    with openai_client().responses.connect() as connection:
        last = None
        for word in ("heron", "egret"):
            connection.send(asked(f"Say {word}", **({"previous_response_id": last} if last else {})))
            said = ""
            for event in connection:
                if event.type == "response.output_text.delta":
                    said += event.delta
                elif event.type == "response.completed":
                    last = event.response.id
                    assert event.response.usage.output_tokens > 0, event
                    break
                else:
                    assert event.type != "error", event
            assert word in said, said


@case("openai responses over a WebSocket: async, by the unified route")
async def unified():
    async with openai_async("/v1") as client, client.responses.connect() as connection:
        await connection.send(asked("Say heron", model=f"openai/{OPENAI_MODEL}"))
        kinds = []
        async for event in connection:
            kinds.append(event.type)
            if event.type in ("response.completed", "error"):
                break
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed", kinds


@case("openai responses over a WebSocket: a refusal is an event, and the next response is not refused")
def refused():
    with openai_client(key=LIMITED["narrow"]).responses.connect() as connection:
        connection.send(asked("Say heron", model="gpt-4.1"))
        event = connection.recv()
        assert event.type == "error" and event.code == "model_not_allowed", event
        connection.send(asked("Say heron", model="gpt-4.1-mini"))
        kinds = []
        for event in connection:
            kinds.append(event.type)
            if event.type in ("response.completed", "error"):
                break
        assert kinds[-1] == "response.completed", kinds

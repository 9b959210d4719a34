"""The same call streamed and not streamed; afterwards the log must show equal tokens and cost.

The runner finds the pairs by the names of these tests in the list of calls.
"""
from .anthropic_messages import ask
from .case import case
from .openai_chat import user
from .target import (ANTHROPIC_MODEL, BEDROCK_MODEL, GEMINI_MODEL, OPENAI_MODEL, anthropic_client, bedrock_client,
                     gemini_client, openai_client)

# The numbers are given, so that the two bodies, which differ, are counted alike.
OPENAI = "Say heron [[usage:input=1200,cached=200,output=90,reasoning=30]]"
ANTHROPIC = "Say heron [[usage:input=1200,cached=200,write5m=50,write1h=25,output=90]]"


@case("pair: openai chat")
def openai_chat():
    create = openai_client().chat.completions.create
    create(model=OPENAI_MODEL, messages=user(OPENAI))
    list(create(model=OPENAI_MODEL, messages=user(OPENAI), stream=True))


@case("pair: openai responses")
def openai_responses():
    create = openai_client().responses.create
    create(model=OPENAI_MODEL, input=OPENAI)
    list(create(model=OPENAI_MODEL, input=OPENAI, stream=True))


@case("pair: anthropic messages")
def anthropic_messages():
    create = anthropic_client().messages.create
    create(**ask(ANTHROPIC, model=ANTHROPIC_MODEL))
    list(create(**ask(ANTHROPIC, model=ANTHROPIC_MODEL), stream=True))


@case("pair: gemini generate")
def gemini():
    models = gemini_client().models
    models.generate_content(model=GEMINI_MODEL, contents=OPENAI)
    list(models.generate_content_stream(model=GEMINI_MODEL, contents=OPENAI))


@case("pair: bedrock converse")
def bedrock():
    ask = {"modelId": BEDROCK_MODEL, "messages": [{"role": "user", "content": [{"text": ANTHROPIC}]}]}
    bedrock_client().converse(**ask)
    list(bedrock_client().converse_stream(**ask)["stream"])

"""Every official SDK on models of every other dialect: what it gets back is its own dialect, parsed by its own
strict classes, whole and streamed. The stand-in answers each call in the dialect in which it is asked, so
that a request which is not translated would not be understood."""
import base64
import json

import anthropic
import botocore.exceptions
import openai
from google.genai import errors as genai_errors
from google.genai import types

from .case import case, raises
from .openai_chat import ASK_TOOL, City
from .target import (ANTHROPIC_MODEL, BEDROCK_MODEL, GEMINI_MODEL, OPENAI_MODEL, PNG, anthropic_client, bedrock_client,
                     gemini_client, openai_client)

# Which language a provider is asked in, and a model there.
UPSTREAMS = {
    "chat": "openai-chat/" + OPENAI_MODEL,
    "responses": "openai-responses/" + OPENAI_MODEL,
    "messages": "anthropic/" + ANTHROPIC_MODEL,
    "gemini": "gemini/" + GEMINI_MODEL,
    "converse": "bedrock/" + BEDROCK_MODEL,
}

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TWO_TOOLS = ASK_TOOL + ' [[tool:get_weather {"city":"Rome"}]]'
RESULT = "4 degrees, rain"


def cities(inputs):
    """The cities that tools were called with."""
    return [json.loads(text)["city"] if isinstance(text, str) else text["city"] for text in inputs]


class Chat:
    """OpenAI's Chat Completions."""

    limited = openai.RateLimitError
    refused = openai.BadRequestError
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]

    def ask(self, model, text, **more):
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
        return openai_client("/v1").chat.completions.create(model=model, messages=messages, **more)

    def text(self, model):
        answer = self.ask(model, "Say heron", max_completion_tokens=64, temperature=0.5)
        assert answer.choices[0].finish_reason == "stop", answer
        assert answer.usage.prompt_tokens > 0 and answer.usage.completion_tokens > 0
        assert answer.model == model, answer
        return answer.choices[0].message.content

    def streamed(self, model):
        chunks = list(self.ask(model, "Say heron", stream=True, stream_options={"include_usage": True}))
        assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0, chunks[-1]
        assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
        return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)

    def unasked(self, model):
        chunks = list(self.ask(model, "Say heron", stream=True))
        assert all(c.usage is None and c.choices for c in chunks), "usage was not asked for"

    def loop(self, model):
        client, messages = openai_client("/v1"), [{"role": "user", "content": TWO_TOOLS}]
        answer = client.chat.completions.create(model=model, messages=messages, tools=self.tools)
        assert answer.choices[0].finish_reason == "tool_calls", answer
        calls = answer.choices[0].message.tool_calls
        messages += [answer.choices[0].message]
        messages += [{"role": "tool", "tool_call_id": call.id, "content": RESULT} for call in calls]
        answer = client.chat.completions.create(model=model, messages=messages, tools=self.tools)
        assert answer.choices[0].finish_reason == "stop" and answer.choices[0].message.content, answer
        return cities(call.function.arguments for call in calls)

    def calls_streamed(self, model):
        ask = [{"role": "user", "content": TWO_TOOLS}]
        with openai_client("/v1").chat.completions.stream(model=model, messages=ask, tools=self.tools) as stream:
            for _ in stream:
                pass
            calls = stream.get_final_completion().choices[0].message.tool_calls
        assert len({call.id for call in calls}) == 2
        return cities(call.function.arguments for call in calls)

    def structured(self, model):
        ask = [{"role": "user", "content": "A city, please"}]
        answer = openai_client("/v1").chat.completions.parse(model=model, messages=ask, response_format=City)
        return answer.choices[0].message.parsed

    def image(self, model):
        return self.ask(model, [{"type": "text", "text": "Say heron"}, {
            "type": "image_url", "image_url": {"url": "data:image/png;base64," + PNG}}]).choices[0].message.content

    def fails(self, model, text):
        return self.ask(model, text)

    def inexpressible(self, model):
        return "logit_bias", lambda: self.ask(model, "Say heron", logit_bias={"1": 5})


class Responses:
    """OpenAI's Responses."""

    limited = openai.RateLimitError
    refused = openai.BadRequestError
    tools = [{"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": False}]

    def ask(self, model, text, **more):
        return openai_client("/v1").responses.create(model=model, input=text, instructions="Be brief.", **more)

    def text(self, model):
        answer = self.ask(model, "Say heron", max_output_tokens=64)
        assert answer.status == "completed" and answer.model == model, answer
        assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0
        return answer.output_text

    def streamed(self, model):
        with openai_client("/v1").responses.stream(model=model, input="Say heron") as stream:
            events = list(stream)
            final = stream.get_final_response()
        assert events[0].type == "response.created" and events[-1].type == "response.completed", events
        deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        assert deltas == final.output_text, (deltas, final)
        return deltas

    def unasked(self, model):
        pass

    def loop(self, model):
        client, items = openai_client("/v1"), [{"role": "user", "content": TWO_TOOLS}]
        answer = client.responses.create(model=model, input=items, tools=self.tools)
        calls = [item for item in answer.output if item.type == "function_call"]
        items += answer.output
        items += [{"type": "function_call_output", "call_id": call.call_id, "output": RESULT} for call in calls]
        answer = client.responses.create(model=model, input=items, tools=self.tools)
        assert answer.output_text, answer
        return cities(call.arguments for call in calls)

    def calls_streamed(self, model):
        with openai_client("/v1").responses.stream(model=model, input=TWO_TOOLS, tools=self.tools) as stream:
            for _ in stream:
                pass
            calls = [item for item in stream.get_final_response().output if item.type == "function_call"]
        assert len({call.call_id for call in calls}) == 2
        return cities(call.arguments for call in calls)

    def structured(self, model):
        answer = openai_client("/v1").responses.parse(model=model, input="A city, please", text_format=City)
        return answer.output_parsed

    def image(self, model):
        return self.ask(model, [{"role": "user", "content": [
            {"type": "input_text", "text": "Say heron"},
            {"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64," + PNG}]}]).output_text

    def fails(self, model, text):
        return self.ask(model, text)

    def inexpressible(self, model):
        return "previous_response_id", lambda: self.ask(model, "Say heron", previous_response_id="resp_1")


class Messages:
    """Anthropic's Messages."""

    limited = anthropic.RateLimitError
    refused = anthropic.BadRequestError
    tools = [{"name": "get_weather", "input_schema": SCHEMA}]

    def ask(self, model, text, **more):
        system = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
        return anthropic_client().messages.create(
            model=model, max_tokens=64, system=system, messages=[{"role": "user", "content": text}], **more)

    def text(self, model):
        answer = self.ask(model, "Say heron", stop_sequences=[])
        assert answer.stop_reason == "end_turn" and answer.model == model, answer
        assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0
        return answer.content[0].text

    def streamed(self, model):
        ask = [{"role": "user", "content": "Say heron"}]
        with anthropic_client().messages.stream(model=model, max_tokens=64, messages=ask) as stream:
            text = "".join(stream.text_stream)
            final = stream.get_final_message()
        assert final.stop_reason == "end_turn" and final.usage.output_tokens > 0, final
        return text

    def unasked(self, model):
        pass

    def loop(self, model):
        client, messages = anthropic_client(), [{"role": "user", "content": TWO_TOOLS}]
        more = {"model": model, "max_tokens": 64, "tools": self.tools}
        answer = client.messages.create(messages=messages, **more)
        assert answer.stop_reason == "tool_use", answer
        calls = [block for block in answer.content if block.type == "tool_use"]
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": RESULT} for call in calls]
        messages += [{"role": "assistant", "content": answer.content}, {"role": "user", "content": results}]
        answer = client.messages.create(messages=messages, **more)
        assert answer.stop_reason == "end_turn" and answer.content[0].text, answer
        return cities(call.input for call in calls)

    def calls_streamed(self, model):
        ask = [{"role": "user", "content": TWO_TOOLS}]
        with anthropic_client().messages.stream(
                model=model, max_tokens=64, messages=ask, tools=self.tools) as stream:
            final = stream.get_final_message()
        calls = [block for block in final.content if block.type == "tool_use"]
        assert final.stop_reason == "tool_use" and len({call.id for call in calls}) == 2, final
        return cities(call.input for call in calls)

    def structured(self, model):
        ask = [{"role": "user", "content": "A city, please"}]
        return anthropic_client().messages.parse(
            model=model, max_tokens=64, messages=ask, output_format=City).parsed_output

    def image(self, model):
        source = {"type": "base64", "media_type": "image/png", "data": PNG}
        return self.ask(model, [{"type": "image", "source": source}, {"type": "text", "text": "Say heron"}]).content[0].text

    def fails(self, model, text):
        return self.ask(model, text)

    def inexpressible(self, model):
        search = [{"type": "web_search_20250305", "name": "web_search"}]
        return "tools[0].type", lambda: self.ask(model, "Say heron", tools=search)


class Gemini:
    """Gemini's generateContent."""

    limited = genai_errors.ClientError
    refused = genai_errors.ClientError
    tools = [types.Tool(function_declarations=[
        types.FunctionDeclaration(name="get_weather", parameters_json_schema=SCHEMA)])]
    manual = types.AutomaticFunctionCallingConfig(disable=True)

    def ask(self, model, contents, **more):
        config = types.GenerateContentConfig(system_instruction="Be brief.", automatic_function_calling=self.manual, **more)
        return gemini_client().models.generate_content(model=model, contents=contents, config=config)

    def text(self, model):
        answer = self.ask(model, "Say heron", max_output_tokens=64, temperature=0.5)
        assert answer.candidates[0].finish_reason == types.FinishReason.STOP, answer
        usage = answer.usage_metadata
        assert usage.prompt_token_count > 0 and usage.candidates_token_count > 0, usage
        return answer.text

    def streamed(self, model):
        chunks = list(gemini_client().models.generate_content_stream(model=model, contents="Say heron"))
        assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP, chunks[-1]
        assert chunks[-1].usage_metadata.candidates_token_count > 0, chunks[-1]
        return "".join(chunk.text or "" for chunk in chunks)

    def unasked(self, model):
        pass

    def loop(self, model):
        contents = [types.UserContent(TWO_TOOLS)]
        answer = self.ask(model, contents, tools=self.tools)
        calls = answer.function_calls
        parts = [types.Part(function_response=types.FunctionResponse(
            id=call.id, name=call.name, response={"result": RESULT})) for call in calls]
        answer = self.ask(model, [*contents, answer.candidates[0].content, types.UserContent(parts)], tools=self.tools)
        assert answer.text, answer
        return cities(call.args for call in calls)

    def calls_streamed(self, model):
        config = types.GenerateContentConfig(tools=self.tools, automatic_function_calling=self.manual)
        chunks = gemini_client().models.generate_content_stream(model=model, contents=TWO_TOOLS, config=config)
        return cities(call.args for chunk in chunks for call in chunk.function_calls or [])

    def structured(self, model):
        return self.ask(model, "A city, please", response_mime_type="application/json", response_schema=City).parsed

    def image(self, model):
        picture = types.Part.from_bytes(data=base64.b64decode(PNG), mime_type="image/png")
        return self.ask(model, [picture, "Say heron"]).text

    def fails(self, model, text):
        return self.ask(model, text)

    def inexpressible(self, model):
        search = [types.Tool(google_search=types.GoogleSearch())]
        return "tools[0].googleSearch", lambda: self.ask(model, "Say heron", tools=search)


class Converse:
    """Bedrock's Converse."""

    limited = refused = botocore.exceptions.ClientError
    tools = {"tools": [{"toolSpec": {"name": "get_weather", "inputSchema": {"json": SCHEMA}}}]}

    def ask(self, model, content, **more):
        content = [{"text": content}] if isinstance(content, str) else content
        return bedrock_client().converse(modelId=model, system=[{"text": "Be brief."}],
                                         messages=[{"role": "user", "content": content}], **more)

    def text(self, model):
        answer = self.ask(model, "Say heron", inferenceConfig={"maxTokens": 64, "temperature": 0.5})
        assert answer["stopReason"] == "end_turn" and answer["metrics"]["latencyMs"] >= 0, answer
        assert answer["usage"]["inputTokens"] > 0 and answer["usage"]["outputTokens"] > 0, answer
        return answer["output"]["message"]["content"][0]["text"]

    def events(self, model, text, **more):
        answer = bedrock_client().converse_stream(
            modelId=model, messages=[{"role": "user", "content": [{"text": text}]}], **more)
        events = list(answer["stream"])
        assert "messageStart" in events[0] and "metadata" in events[-1], events
        assert events[-1]["metadata"]["usage"]["outputTokens"] > 0, events[-1]
        return events

    def streamed(self, model):
        events = self.events(model, "Say heron")
        assert [e["messageStop"]["stopReason"] for e in events if "messageStop" in e] == ["end_turn"]
        return "".join(e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e)

    def unasked(self, model):
        pass

    def loop(self, model):
        client, messages = bedrock_client(), [{"role": "user", "content": [{"text": TWO_TOOLS}]}]
        answer = client.converse(modelId=model, messages=messages, toolConfig=self.tools)
        assert answer["stopReason"] == "tool_use", answer
        said = answer["output"]["message"]
        calls = [block["toolUse"] for block in said["content"] if "toolUse" in block]
        results = [{"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": RESULT}]}} for call in calls]
        messages += [said, {"role": "user", "content": results}]
        answer = client.converse(modelId=model, messages=messages, toolConfig=self.tools)
        assert answer["stopReason"] == "end_turn" and answer["output"]["message"]["content"][0]["text"], answer
        return cities(call["input"] for call in calls)

    def calls_streamed(self, model):
        inputs, ids = {}, set()
        for event in self.events(model, TWO_TOOLS, toolConfig=self.tools):
            if "contentBlockStart" in event:
                ids.add(event["contentBlockStart"]["start"]["toolUse"]["toolUseId"])
            piece = event.get("contentBlockDelta")
            if piece and "toolUse" in piece["delta"]:
                at = piece["contentBlockIndex"]
                inputs[at] = inputs.get(at, "") + piece["delta"]["toolUse"]["input"]
        assert len(ids) == 2, ids
        return cities(inputs[at] for at in sorted(inputs))

    def structured(self, model):
        schema = json.dumps({**City.model_json_schema(), "additionalProperties": False})
        answer = self.ask(model, "A city, please", outputConfig={"textFormat": {
            "type": "json_schema", "structure": {"jsonSchema": {"name": "city", "schema": schema}}}})
        return City(**json.loads(answer["output"]["message"]["content"][0]["text"]))

    def image(self, model):
        picture = {"image": {"format": "png", "source": {"bytes": base64.b64decode(PNG)}}}
        return self.ask(model, [picture, {"text": "Say heron"}])["output"]["message"]["content"][0]["text"]

    def fails(self, model, text):
        return self.ask(model, text)

    def inexpressible(self, model):
        guardrail = {"guardrailIdentifier": "abc", "guardrailVersion": "1"}
        return "guardrailConfig", lambda: self.ask(model, "Say heron", guardrailConfig=guardrail)


def pair(client, upstream):
    """Registers the tests of one client language on one upstream's."""
    name, sdk, model = f"{client.__name__.lower()} on {upstream}: ", client(), UPSTREAMS[upstream]

    @case(name + "an answer in one piece")
    def text():
        assert "heron" in sdk.text(model)

    @case(name + "a stream")
    def streamed():
        assert "heron" in sdk.streamed(model)
        sdk.unasked(model)

    @case(name + "two tools and their results, there and back")
    def loop():
        assert sdk.loop(model) == ["Oslo", "Rome"]

    @case(name + "two tools, streamed")
    def calls_streamed():
        assert sdk.calls_streamed(model) == ["Oslo", "Rome"]

    @case(name + "structured output")
    def structured():
        assert isinstance(sdk.structured(model), City)

    @case(name + "an image")
    def image():
        assert "heron" in sdk.image(model)

    @case(name + "a rate limit of the provider's is the SDK's own exception")
    def limited():
        error = raises(sdk.limited, sdk.fails, model, "[[status:429]] Say heron")
        status = getattr(error, "status_code", getattr(error, "code", None))
        if status is None:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert status == 429, error

    @case(name + "what cannot be said is refused by its name")
    def inexpressible():
        field, ask = sdk.inexpressible(model)
        error = raises(sdk.refused, ask)
        assert f"`{field}`" in str(error), error


for asked_by in (Chat, Responses, Messages, Gemini, Converse):
    for upstream_language in UPSTREAMS:
        if asked_by.__name__.lower() != upstream_language:
            pair(asked_by, upstream_language)

// The official OpenAI SDK for JavaScript, unmodified, through the gateway.
//
//   node openai.mjs [CALLS]     with TIDEGATE_URL, TIDEGATE_KEY, TIDEGATE_LIMITED_KEYS
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { ok, rejects, runAll, test } from "./case.mjs";

// The packages are installed outside of the source tree; NODE_MODULES says where.
const from = createRequire(pathToFileURL(`${process.env.TIDEGATE_NODE_MODULES}/`));
const { OpenAI } = from("openai");

const { TIDEGATE_URL: url, TIDEGATE_KEY: key } = process.env;
const limited = JSON.parse(process.env.TIDEGATE_LIMITED_KEYS ?? "{}");
const model = process.env.TIDEGATE_OPENAI_MODEL ?? "gpt-4.1-mini";
const calls = [];
let current = "";

// The SDK takes a fetch; this one only notes the gateway's request id of every answer.
async function noting(input, init) {
  const answer = await fetch(input, init);
  calls.push({
    test: current,
    id: answer.headers.get("x-tidegate-request-id"),
    status: answer.status,
    path: new URL(answer.url).pathname,
    method: init?.method ?? "GET",
  });
  return answer;
}

const client = (more = {}, path = "/openai/v1") =>
  new OpenAI({ baseURL: url + path, apiKey: key, maxRetries: 0, fetch: noting, ...more });
const say = (content) => [{ role: "user", content }];
const once = (status) => `[[status:${status}:1:${randomUUID()}]]`;
const tool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

test("js chat: not streamed", async () => {
  const answer = await client().chat.completions.create({ model, messages: say("Say heron") });
  ok(answer.choices[0].message.content.includes("heron"), answer);
  ok(answer.usage.completion_tokens > 0, answer);
});

test("js chat: streamed", async () => {
  const stream = await client().chat.completions.create({ model, messages: say("Say heron"), stream: true });
  let text = "";
  for await (const chunk of stream) {
    ok(!chunk.usage, "usage was not asked for");
    text += chunk.choices[0].delta.content ?? "";
  }
  ok(text.includes("heron"), text);
});

test("js chat: the stream helper", async () => {
  const stream = client().chat.completions.stream({ model, messages: say("Say heron") });
  ok((await stream.finalContent()).includes("heron"), "no heron");
});

test("js chat: a tool and its result, there and back", async () => {
  const messages = say('Outside? [[tool:get_weather {"city":"Oslo"}]]');
  let answer = await client().chat.completions.create({ model, messages, tools: [tool] });
  const call = answer.choices[0].message.tool_calls[0];
  ok(JSON.parse(call.function.arguments).city === "Oslo", call);
  messages.push(answer.choices[0].message, { role: "tool", tool_call_id: call.id, content: "4 degrees" });
  answer = await client().chat.completions.create({ model, messages, tools: [tool] });
  ok(answer.choices[0].finish_reason === "stop", answer);
});

test("js chat: the tool runner calls a function by itself", async () => {
  const asked = [];
  const runner = client().chat.completions.runTools({
    model,
    messages: say('Outside? [[tool:get_weather {"city":"Oslo"}]]'),
    tools: [{ ...tool, function: { ...tool.function, parse: JSON.parse, function: ({ city }) => { asked.push(city); return "4 degrees"; } } }],
  });
  ok(await runner.finalContent(), "no answer");
  ok(asked.join() === "Oslo", asked);
});

test("js chat: structured output", async () => {
  const answer = await client().chat.completions.create({
    model,
    messages: say("A city, please"),
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "city",
        strict: true,
        schema: {
          type: "object",
          properties: { name: { type: "string" }, population: { type: "integer" } },
          required: ["name", "population"],
          additionalProperties: false,
        },
      },
    },
  });
  const city = JSON.parse(answer.choices[0].message.content);
  ok(typeof city.name === "string" && Number.isInteger(city.population), city);
});

test("js responses: not streamed and streamed", async () => {
  const answer = await client().responses.create({ model, input: "Say heron" });
  ok(answer.output_text.includes("heron"), answer);
  let last;
  for await (const event of await client().responses.create({ model, input: "Say heron", stream: true })) last = event;
  ok(last.type === "response.completed" && last.response.usage.output_tokens > 0, last);
});

test("js unified route, embeddings and models", async () => {
  const unified = client({}, "/v1");
  const answer = await unified.chat.completions.create({ model: `openai/${model}`, messages: say("Say heron") });
  ok(answer.choices[0].message.content.includes("heron"), answer);
  const numbers = await client().embeddings.create({ model: "text-embedding-3-small", input: "one" });
  ok(numbers.data[0].embedding.length > 1, numbers);
  ok((await client().models.list()).data.length > 0, "no models");
});

test("js error: a wrong key is AuthenticationError", async () => {
  const wrong = client({ apiKey: `sk-tg-${"x".repeat(43)}` });
  const error = await rejects(OpenAI.AuthenticationError, wrong.chat.completions.create({ model, messages: say("a") }));
  ok(error.status === 401 && error.code, error);
});

test("js error: an unknown route is NotFoundError", async () => {
  await rejects(OpenAI.NotFoundError, client().post("/no/such/route", { body: {} }));
});

test("js error: the rate limit is RateLimitError with retry-after", async () => {
  const slow = client({ apiKey: limited["rpm-js"] });
  await slow.chat.completions.create({ model, messages: say("Say heron") });
  const error = await rejects(OpenAI.RateLimitError, slow.chat.completions.create({ model, messages: say("Say heron") }));
  ok(Number(error.headers.get("retry-after")) > 0, [...error.headers]);
});

test("js error: the provider's own refusals keep their class", async () => {
  const ask = (status) => client().chat.completions.create({ model, messages: say(`Say heron [[status:${status}]]`) });
  await rejects(OpenAI.BadRequestError, ask(400));
  await rejects(OpenAI.RateLimitError, ask(429));
  await rejects(OpenAI.InternalServerError, ask(500));
});

test("js retry: a failure once is retried by the SDK and then answered", async () => {
  const before = calls.length;
  const answer = await client({ maxRetries: 2 }).chat.completions.create({
    model,
    messages: say(`Say heron ${once(503)} [[retry-after:0]]`),
  });
  ok(answer.choices[0].message.content.includes("heron"), answer);
  ok(calls.slice(before).map((c) => c.status).join() === "503,200", calls.slice(before));
});

const failed = await runAll((name) => { current = name; });
if (process.argv[2]) writeFileSync(process.argv[2], JSON.stringify(calls));
process.exit(failed ? 1 : 0);

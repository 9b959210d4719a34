// One call, the way that is asked for: `call.mjs WAY [HOST]`. Without a host it asks a model at the place
// that the way knows by itself; with one it only asks that host for its models, and any answer will do.
// Nothing is configured here.
import https from "node:https";

const [way, host] = process.argv.slice(2);
const key = "sk-of-the-app";
const chat = "https://api.openai.com/v1/chat/completions";
const messages = [{ role: "user", content: "Say hello." }];
const body = JSON.stringify({ model: "gpt-4.1-mini", messages });
const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
const models = `https://${host}/v1/models`;

const ways = {
  async fetch() {
    const answer = host ? await fetch(models, { headers }) : await fetch(chat, { method: "POST", headers, body });
    return answer.text();
  },
  https: () =>
    new Promise((resolve, reject) => {
      const asked = https.request(host ? models : chat, { method: host ? "GET" : "POST", headers }, async (answer) => {
        let text = "";
        for await (const part of answer.setEncoding("utf8")) text += part;
        resolve(text);
      });
      asked.on("error", reject).end(host ? undefined : body);
    }),
  async openai() {
    const { default: OpenAI, APIError } = await import("openai");
    if (host) {
      const client = new OpenAI({ apiKey: key, baseURL: `https://${host}/v1`, maxRetries: 0 });
      return listed(() => client.models.list(), APIError);
    }
    const client = new OpenAI({ apiKey: key, maxRetries: 0 });
    let text = "";
    for await (const event of await client.responses.create({ model: "gpt-4.1-mini", input: "Say hello.", stream: true })) {
      text += event.type === "response.output_text.delta" ? event.delta : "";
    }
    return text;
  },
  async anthropic() {
    const { default: Anthropic, APIError } = await import("@anthropic-ai/sdk");
    if (host) {
      const client = new Anthropic({ apiKey: key, baseURL: `https://${host}`, maxRetries: 0 });
      return listed(() => client.models.list(), APIError);
    }
    const client = new Anthropic({ apiKey: key, maxRetries: 0 });
    return client.messages.stream({ model: "claude-sonnet-4-5", max_tokens: 64, messages }).finalText();
  },
};

// An answer with an error's status is an answer.
async function listed(list, APIError) {
  try {
    return JSON.stringify(await list());
  } catch (error) {
    if (error instanceof APIError && error.status) return error.message;
    throw error;
  }
}

console.log("answer:", await ways[way]());

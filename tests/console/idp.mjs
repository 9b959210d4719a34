// A real identity provider on loopback, for tests of signing in: `oidc-provider` with two clients and three
// people. It prints one line of JSON when it serves, and logs to standard error.
//
//   node idp.mjs [--port 0] [--redirect URL]...
//
// `alice` is in `tidegate-admins`, `bob` in `security`, `carol` in no group. Whoever is named in the form is
// signed in; consent is taken for given, as it is between an organisation and its own gateway.

import { createServer } from "node:http";
import { parseArgs } from "node:util";

// The library warns on standard output, which is for the one line.
console.info = console.log = console.warn = console.error;
const { default: Provider } = await import("oidc-provider");

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    redirect: {
      type: "string",
      multiple: true,
      default: ["http://127.0.0.1:8081/api/v1/sign-in/callback"],
    },
  },
});

const PEOPLE = {
  alice: { name: "Alice Archer", groups: ["staff", "tidegate-admins"] },
  bob: { name: "Bob Baker", groups: ["staff", "security"] },
  carol: { name: "Carol Carter", groups: [] },
};

const SECRET = "a secret+that/form-encoding:changes";

const server = createServer();
await new Promise((done) => server.listen(Number(options.port), "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const shared = {
  redirect_uris: options.redirect,
  grant_types: ["authorization_code"],
  response_types: ["code"],
};

const provider = new Provider(issuer, {
  clients: [
    {
      ...shared,
      client_id: "tidegate",
      client_secret: SECRET,
      token_endpoint_auth_method: "client_secret_basic",
    },
    { ...shared, client_id: "tidegate-public", token_endpoint_auth_method: "none" },
  ],
  claims: {
    openid: ["sub"],
    profile: ["name"],
    email: ["email", "email_verified"],
    groups: ["groups"],
  },
  scopes: ["openid", "profile", "email", "groups"],
  cookies: { keys: ["of tests only"] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) =>
    PEOPLE[id] && {
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: true,
        ...PEOPLE[id],
      }),
    },
  async loadExistingGrant(ctx) {
    const { client, session, params } = ctx.oidc;
    const known = session.grantIdFor(client.clientId);
    const grant =
      (known && (await provider.Grant.find(known))) ??
      new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
    grant.addOIDCScope(params.scope);
    await grant.save();
    return grant;
  },
  renderError(ctx, out, error) {
    console.error(error);
    ctx.type = "text";
    ctx.body = JSON.stringify(out);
  },
});

function page(uid, note = "") {
  const names = Object.keys(PEOPLE).join(", ");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Example SSO</title>
<main><h1>Example SSO</h1><p role="alert">${note}</p>
<form method="post" action="/interaction/${uid}">
<label>User <input name="login" autocomplete="username" autofocus></label> (${names})
<button>Sign in</button> <button name="cancel" value="yes">Cancel</button></form></main></html>`;
}

async function form(request) {
  let body = "";
  for await (const piece of request) body += piece;
  return new URLSearchParams(body);
}

async function interact(request, response) {
  const { uid } = await provider.interactionDetails(request, response);
  const show = (status, note) => {
    response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
    response.end(page(uid, note));
  };
  if (request.method !== "POST") return show(200);
  const given = await form(request);
  if (given.has("cancel")) {
    const result = { error: "access_denied", error_description: "the person said no" };
    return provider.interactionFinished(request, response, result);
  }
  const accountId = given.get("login");
  if (!PEOPLE[accountId]) return show(400, "Nobody here has that name.");
  return provider.interactionFinished(request, response, { login: { accountId } });
}

const serve = provider.callback();
server.on("request", (request, response) => {
  if (!request.url.startsWith("/interaction/")) return serve(request, response);
  interact(request, response).catch((error) => {
    console.error(error);
    response.writeHead(400).end("this sign-in is over");
  });
});

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));

process.stdout.write(
  `${JSON.stringify({
    issuer,
    clients: [
      { client_id: "tidegate", client_secret: SECRET },
      { client_id: "tidegate-public", client_secret: null },
    ],
    scopes: ["profile", "email", "groups"],
    people: PEOPLE,
  })}\n`,
);

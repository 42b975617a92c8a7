// The program behind oidc.ts: npm's oidc-provider, with a sign-in page that needs no script. Its settings are the only
// argument, as JSON.

import { createServer } from "node:http";
import Provider from "oidc-provider";

const { port, client, people } = JSON.parse(process.argv[2]);
const page = (title, content) =>
  `<!doctype html><html lang="en"><title>${title}</title><main><h1>${title}</h1>${content}</main></html>`;

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client],
  cookies: { keys: ["a key of the test's own"] },
  pkce: { required: () => true },
  claims: { email: ["email", "email_verified"], profile: ["groups"] },
  // So that the claims are in the ID token, as most providers have them.
  conformIdTokenClaims: false,
  findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  issueRefreshToken: (_, asks) => asks.grantTypeAllowed("refresh_token"),
  // Everybody has agreed to everything.
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => {
        const button = '<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out here, too</button>';
        context.body = page("Sign out", `${form}${button}`);
      },
    },
  },
});
const answer = provider.callback();

createServer(async (request, response) => {
  if (request.url === "/favicon.ico") return response.writeHead(204).end();
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  if (request.method === "POST") {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const login = new URLSearchParams(Buffer.concat(chunks).toString()).get("login");
    const result = people[login] ? { login: { accountId: login } } : { error: "access_denied" };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  const form = '<form method="post"><label>Login <input name="login"></label> <button>Sign in</button></form>';
  response.end(page("The provider's own page", form));
}).listen(port, "127.0.0.1", () => console.log("ready"));

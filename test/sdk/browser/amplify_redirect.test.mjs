// Amplify's signInWithRedirect in a single-page application: authorization code with PKCE, from the page itself. Amplify reaches the OAuth
// endpoints by HTTPS alone, so a proxy stands in front of the server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { address, claims, endpoint, makeUser } from "../js/support.mjs";
import { makeJourneyPool, travel } from "./journey.mjs";
import { leave, page, press, serve } from "./support.mjs";

/** What the page does. It tells what it knows in window.app, and what came back with the person in window.told. */
const source = `
  import { Amplify } from "aws-amplify";
  import { fetchAuthSession, fetchUserAttributes, signInWithRedirect, signOut } from "aws-amplify/auth";
  import { Hub } from "aws-amplify/utils";
  import "aws-amplify/auth/enable-oauth-listener";
  window.told = [];
  Hub.listen("auth", ({ payload }) => window.told.push({ event: payload.event, data: payload.data?.error?.message ?? payload.data }));
  Amplify.configure(window.settings);
  window.app = { fetchAuthSession, fetchUserAttributes, signInWithRedirect, signOut };
`;

let application, proxy, script, settings;

before(async () => {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL("../js", import.meta.url)) }, bundle: true, format: "iife", write: false,
    platform: "browser", logLevel: "error",
  });
  script = outputFiles[0].text;
  application = await serve((incoming, response) => {
    if (incoming.url === "/app.js") return response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    response.writeHead(200, { "content-type": "text/html" }).end(
      `<!doctype html><title>application</title><script>window.settings = ${JSON.stringify(settings)}</script><script src="/app.js"></script>`,
    );
  });
  const upstream = new URL(endpoint);
  proxy = createSecureServer(
    { cert: readFileSync(process.env.CENOTE_TEST_CERTIFICATE), key: readFileSync(process.env.CENOTE_TEST_KEY) },
    (incoming, outgoing) => {
      const { method, url: path, headers } = incoming;
      incoming.pipe(request({ host: upstream.hostname, port: upstream.port, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      }));
    },
  );
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  application.server.close();
  proxy.close();
});

/** configure makes the pool, and points Amplify at it. */
async function configure() {
  const callback = `${application.address}/`;
  const pool = await makeJourneyPool([callback]);
  settings = { Auth: { Cognito: {
    userPoolId: pool.id, userPoolClientId: pool.clientId, userPoolEndpoint: endpoint,
    loginWith: { oauth: {
      domain: `localhost:${proxy.address().port}`, scopes: ["openid", "email", "profile", "aws.cognito.signin.user.admin"],
      redirectSignIn: [callback], redirectSignOut: [callback], responseType: "code",
    } },
  } } };
  const event = async (name) => {
    await page.waitForURL((url) => url.href.startsWith(callback));
    const found = await page.waitForFunction((name) => window.told?.find(({ event }) => event === name), name);
    return found.jsonValue();
  };
  const app = {
    callback,
    event,
    /** signIn returns where the authorization endpoint sends the browser. */
    async signIn(input) {
      await page.goto(callback);
      const [asked] = await Promise.all([
        page.waitForResponse((response) => response.url().includes("/oauth2/authorize?")),
        leave(() => page.evaluate((input) => void window.app.signInWithRedirect(input), input)),
      ]);
      return asked.headers().location;
    },
    async user() {
      await event("signInWithRedirect");
      return (await page.evaluate(() => window.app.fetchUserAttributes())).email;
    },
    async signOut() {
      const [ended] = await Promise.all([
        page.waitForResponse((response) => response.url().includes("/logout?")),
        leave(() => page.evaluate(() => void window.app.signOut())),
      ]);
      assert.equal(ended.headers().location, callback);
      assert.equal(await page.evaluate(async () => (await window.app.fetchAuthSession()).tokens), undefined);
    },
  };
  return { pool, app };
}

test("people sign up, add factors, sign in by each and come in by other providers", async () => {
  const { pool, app } = await configure();
  await travel(pool, app);
});

test("the application gets its own state back, goes to a provider at once, and refreshes what it got", async () => {
  const { app } = await configure();
  await app.signIn({ provider: { custom: "Corp" }, customState: "a b-c/ü?&" });
  await press("Ann Example");
  assert.equal(await app.user(), "ann@example.com");
  assert.equal((await app.event("customOAuthState")).data, "a b-c/ü?&");
  const [before, after] = await page.evaluate(async () => {
    const read = async (options) => (await window.app.fetchAuthSession(options)).tokens.accessToken.toString();
    return [await read(), await read({ forceRefresh: true })];
  });
  assert.notEqual(before, after);
  assert.equal(claims(before).origin_jti, claims(after).origin_jti);
});

test("a refusal of the provider is an error of the sign-in", async () => {
  const { app } = await configure();
  await app.signIn({ provider: { custom: "Ministry" } });
  await page.getByLabel("Fault").selectOption("denied");
  await press("Ann Example");
  const { data } = await app.event("signInWithRedirect_failure");
  assert.match(data, /Invalid SAML response received: Status code is not success/);
});

test("an application asks whether somebody is signed in, and gets no page", async () => {
  const { pool, app } = await configure();
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  assert.ok((await app.signIn({ options: { prompt: "NONE" } })).startsWith(app.callback));
  const { data } = await app.event("signInWithRedirect_failure");
  assert.match(data, /login_required/);
  await app.signIn({ options: { prompt: "LOGIN", loginHint: email, lang: "de" } });
  assert.equal(await page.getByLabel("E-Mail-Adresse").inputValue(), email);
});

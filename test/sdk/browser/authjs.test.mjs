// Auth.js, which is what next-auth is made of, with its Cognito provider: an application that keeps its sessions on the server.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { Readable } from "node:stream";
import { Auth } from "@auth/core";
import Cognito from "@auth/core/providers/cognito";
import { endpoint } from "../js/support.mjs";
import { makeJourneyPool, travel } from "./journey.mjs";
import { follow, page, press, serve, site } from "./support.mjs";

let application, config, faults;

/** next does what the Next.js adapter does: it hands Auth.js web requests and sends its web responses. */
async function next(incoming, outgoing) {
  const headers = new Headers(Object.entries(incoming.headers));
  const body = incoming.method === "POST" ? Readable.toWeb(incoming) : undefined;
  const answer = await Auth(new Request(application.address + incoming.url, { method: incoming.method, headers, body, duplex: "half" }), config);
  outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), "set-cookie": answer.headers.getSetCookie() });
  outgoing.end(await answer.text());
}

before(async () => {
  application = await serve((request, response) => {
    if (request.url.startsWith("/auth/")) return next(request, response);
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>application</title>");
  });
});
after(async () => {
  application.server.close();
});
beforeEach(() => void (faults = []));

/** configure makes the pool, and points the application at it as its documentation says. */
async function configure() {
  const home = `${application.address}/`;
  const pool = await makeJourneyPool([`${application.address}/auth/callback/cognito`, home], { GenerateSecret: true, LogoutURLs: [home] });
  config = {
    basePath: "/auth", trustHost: true, secret: "a secret that is no secret in a test",
    providers: [Cognito({
      clientId: pool.clientId, clientSecret: pool.clientSecret, issuer: `${endpoint}/${pool.id}`, checks: ["pkce", "state", "nonce"],
    })],
    logger: { error: (error) => faults.push(error.name) },
  };
  const app = {
    async signIn() {
      await page.goto(`${application.address}/auth/signin`);
      await press("Sign in with Cognito");
    },
    async user() {
      await page.waitForURL((url) => url.origin === application.address && !url.pathname.startsWith("/auth/callback"));
      return (await page.evaluate(async () => (await fetch("/auth/session")).json()))?.user?.email;
    },
    async signOut() {
      await page.goto(`${application.address}/auth/signout`);
      await press("Sign out");
      await page.waitForURL(home);
      assert.equal(await page.evaluate(async () => (await fetch("/auth/session")).json()), null);
      await page.goto(`${site}/logout?${new URLSearchParams({ client_id: pool.clientId, logout_uri: home })}`);
      await page.waitForURL(home);
    },
  };
  return { pool, app };
}

test("people sign up, add factors, sign in by each and come in by other providers", async () => {
  const { pool, app } = await configure();
  await travel(pool, app);
  assert.deepEqual(faults, []);
});

test("a sign-in that the person breaks off is told to the application", async () => {
  const { app } = await configure();
  await app.signIn();
  await follow("Continue with Corp");
  await page.getByLabel("Fault").selectOption("denied");
  await press("Ann Example");
  await page.waitForURL(/\/auth\/(error|signin)/);
  assert.deepEqual(faults, ["OAuthCallbackError"]);
});

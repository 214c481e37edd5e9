// oidc-client-ts in a single-page application: sign-in by redirect, renewal by refresh token and in a frame, revocation, and both ways to sign
// out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { address, endpoint, makeChoicePool, makeUser } from "../js/support.mjs";
import { byEmail, byPages, enter, leave, page, serve, site } from "./support.mjs";

const library = readFileSync(new URL("node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js", import.meta.url), "utf8");
let application, callback, settings;

before(async () => {
  application = await serve((incoming, response) => {
    if (incoming.url === "/library.js") return response.writeHead(200, { "content-type": "text/javascript" }).end(library);
    const frame = incoming.url.startsWith("/silent") ? "manager.signinSilentCallback();" : "";
    response.writeHead(200, { "content-type": "text/html" }).end(
      `<!doctype html><title>application</title><script src="/library.js"></script>
       <script>window.manager = new oidc.UserManager(${JSON.stringify(settings)}); ${frame}</script>`,
    );
  });
  callback = `${application.address}/callback`;
});
after(async () => {
  application.server.close();
});

/** configure makes a pool with a user, who signs in. */
async function configure(more = {}) {
  const silent = `${application.address}/silent`;
  const pool = await makeChoicePool(byEmail, byPages({ CallbackURLs: [callback, silent], LogoutURLs: [callback] }));
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  settings = {
    authority: `${endpoint}/${pool.id}`, client_id: pool.clientId, redirect_uri: callback, silent_redirect_uri: silent, scope: "openid email",
    loadUserInfo: true, automaticSilentRenew: false, ...more,
  };
  await page.goto(callback);
  await leave(() => page.evaluate(() => void manager.signinRedirect({ state: { page: "/orders" } })));
  await enter(email);
  await page.waitForURL(`${callback}?*`);
  const user = await page.evaluate(async () => {
    const { profile, state, refresh_token } = await manager.signinRedirectCallback();
    return { profile, state, refresh_token };
  });
  assert.equal(user.profile.email, email);
  assert.deepEqual(user.state, { page: "/orders" });
  return { pool, user };
}

test("an application renews by the refresh token, revokes it, and signs out as the service wants it", async () => {
  const { pool } = await configure({ revokeTokenTypes: ["refresh_token"] });
  const [before, after] = await page.evaluate(async () => {
    const before = (await manager.getUser()).access_token;
    return [before, (await manager.signinSilent()).access_token];
  });
  assert.notEqual(before, after);
  await page.evaluate(() => manager.revokeTokens());
  const { status } = await fetch(`${endpoint}/oauth2/userInfo`, { headers: { authorization: `Bearer ${after}` } });
  assert.equal(status, 401);
  await page.evaluate((extraQueryParams) => void manager.signoutRedirect({ extraQueryParams }), { client_id: pool.clientId, logout_uri: callback });
  await page.waitForURL(callback);
  await page.goto(`${site}/oauth2/authorize?${new URLSearchParams({ client_id: pool.clientId, redirect_uri: callback, response_type: "code", prompt: "none" })}`);
  assert.match(page.url(), /error=login_required/);
});

test("an application renews in a frame without a refresh token, and signs out as OpenID Connect has it", async () => {
  const { user } = await configure({ post_logout_redirect_uri: callback });
  const renewed = await page.evaluate(async () => {
    const user = await manager.getUser();
    user.refresh_token = undefined;
    await manager.storeUser(user);
    return (await manager.signinSilent()).profile;
  });
  assert.equal(renewed.sub, user.profile.sub);
  assert.equal(renewed.auth_time, user.profile.auth_time);
  await page.goto(callback);
  await page.evaluate(() => void manager.signoutRedirect({ state: "bye" }));
  await page.waitForURL(`${callback}?state=*`);
});

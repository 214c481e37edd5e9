// openid-client, a certified relying party, as the back end of an application: both ways to authenticate, refreshing with and without
// rotation, revocation, tokens for the application itself, and what it says of refusals.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as oidc from "openid-client";
import { address, claims, endpoint, makeChoicePool, makeClient, makePool, makeUser, op } from "../js/support.mjs";
import { byEmail, byPages, callback, enter, page, press } from "./support.mjs";

const discover = (pool, authentication) =>
  oidc.discovery(new URL(`${endpoint}/${pool.id}`), pool.clientId, undefined, authentication, { execute: [oidc.allowInsecureRequests] });

/** come makes an authorization request, lets the person do something on the pages, and exchanges what comes back. */
async function come(config, act, parameters = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState(), expectedNonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback, scope: "openid email", state: expectedState, nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256", ...parameters,
  });
  await page.goto(url.href);
  await act?.();
  await page.waitForURL(`${callback}?*`);
  const maxAge = parameters.max_age === undefined ? undefined : Number(parameters.max_age);
  return oidc.authorizationCodeGrant(config, new URL(page.url()), { pkceCodeVerifier, expectedState, expectedNonce, maxAge, idTokenExpected: true });
}

for (const [name, authentication] of [["client_secret_basic", oidc.ClientSecretBasic], ["client_secret_post", oidc.ClientSecretPost]]) {
  test(`an application with a secret authenticates by ${name}`, async () => {
    const rotating = name === "client_secret_post";
    const pool = await makeChoicePool(byEmail, byPages({
      GenerateSecret: true,
      ...(rotating && { RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 0 }, ExplicitAuthFlows: ["ALLOW_USER_AUTH"] }),
    }));
    const email = address();
    await makeUser(pool, email, { email, email_verified: "true" });
    const config = await discover(pool, authentication(pool.clientSecret));
    const first = await come(config, () => enter(email), { max_age: "600" });
    const { sub, at_hash, email_verified } = first.claims();
    assert.ok(at_hash);
    assert.equal(email_verified, true);
    assert.equal((await oidc.fetchUserInfo(config, first.access_token, sub)).email, email);

    const next = await oidc.refreshTokenGrant(config, first.refresh_token);
    assert.equal(next.claims().sub, sub);
    assert.equal(typeof next.refresh_token, rotating ? "string" : "undefined");
    if (rotating) await assert.rejects(oidc.refreshTokenGrant(config, first.refresh_token), { error: "invalid_grant", status: 400 });
    await oidc.tokenRevocation(config, rotating ? next.refresh_token : first.refresh_token);
    await assert.rejects(oidc.refreshTokenGrant(config, rotating ? next.refresh_token : first.refresh_token), { error: "invalid_grant" });
    await assert.rejects(oidc.fetchUserInfo(config, next.access_token, sub));

    const stranger = await discover(pool, authentication("x".repeat(51)));
    await assert.rejects(oidc.refreshTokenGrant(stranger, first.refresh_token), { error: "invalid_client" });

    const again = await come(config, null, { prompt: "none" }); // still signed in here
    assert.equal(again.claims().auth_time, first.claims().auth_time);
    const bye = oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: callback, id_token_hint: first.id_token, state: "bye" });
    await page.goto(bye.href);
    assert.equal(page.url(), `${callback}?state=bye`);
    await assert.rejects(come(config, null, { prompt: "none" }), { error: "login_required" });
  });
}

test("a code is good once", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  const config = await discover(pool, oidc.None());
  const url = oidc.buildAuthorizationUrl(config, { redirect_uri: callback, scope: "openid", state: "s" });
  await page.goto(url.href);
  await enter(email);
  await page.waitForURL(`${callback}?*`);
  const back = new URL(page.url());
  await oidc.authorizationCodeGrant(config, back, { expectedState: "s" });
  await assert.rejects(oidc.authorizationCodeGrant(config, back, { expectedState: "s" }), { error: "invalid_grant" });
});

test("an application gets a token for itself", async () => {
  const pool = await makePool();
  await op("CreateResourceServer", { UserPoolId: pool.id, Identifier: "api", Name: "API", Scopes: ["read", "write"].map((ScopeName) => ({ ScopeName, ScopeDescription: ScopeName })) });
  const c = await makeClient(pool, { GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ["client_credentials"], AllowedOAuthScopes: ["api/read", "api/write"] });
  const config = await discover({ id: pool.id, clientId: c.ClientId }, oidc.ClientSecretBasic(c.ClientSecret));
  const all = await oidc.clientCredentialsGrant(config);
  assert.equal(claims(all.access_token).scope, "api/read api/write");
  assert.equal(all.expires_in, 3600);
  const one = await oidc.clientCredentialsGrant(config, { scope: "api/read", aws_client_metadata: JSON.stringify({ tenant: "blue" }) });
  assert.equal(claims(one.access_token).scope, "api/read");
  await assert.rejects(oidc.clientCredentialsGrant(config, { scope: "api/delete" }), { error: "invalid_scope" });
});

test("an application registers itself, and its user sees who asks", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  await op("UpdateUserPool", { UserPoolId: pool.id, AutoVerifiedAttributes: ["email"], DcrConfiguration: { EnableStatus: "Enabled" } });
  const registrar = await makeClient(pool, {
    GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ["client_credentials"], AllowedOAuthScopes: ["aws.cognito/dcr/register"],
  });
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  const { access_token: initialAccessToken } = await oidc.clientCredentialsGrant(
    await discover({ id: pool.id, clientId: registrar.ClientId }, oidc.ClientSecretBasic(registrar.ClientSecret)),
  );
  const config = await oidc.dynamicClientRegistration(
    new URL(`${endpoint}/${pool.id}`), { client_name: "A tool", redirect_uris: [callback], grant_types: ["authorization_code", "refresh_token"] }, undefined,
    { initialAccessToken, execute: [oidc.allowInsecureRequests] },
  );
  const tokens = await come(config, async () => {
    await page.getByText(`A tool, at ${new URL(callback).host}`).waitFor();
    await enter(email);
  });
  assert.equal(tokens.claims().email, email);
  const again = await come(config, () => press(`Continue as ${email}`));
  assert.equal(again.claims().sub, tokens.claims().sub);
});

// Chromium, with an authenticator that its developer tools play: a page on localhost registers passkeys and signs in with them, as any
// single-page application would, by fetch alone.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { claims, endpoint, makeChoicePool, makeUser, op, signIn } from "../js/support.mjs";

let browser, context, page, tools, site;

/** The page knows two calls; what they return, or the name of the error, is what a person would see. */
const html = `<!doctype html><title>judge</title><script type="module">
const call = async (operation, input) => {
  const response = await fetch(${JSON.stringify(endpoint)}, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSCognitoIdentityProviderService." + operation },
    body: JSON.stringify(input),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message), { name: answer.__type });
  return answer;
};
const told = (steps) => async (...given) => {
  try {
    return await steps(...given);
  } catch (error) {
    return { error: error.name, message: error.message };
  }
};
window.register = told(async (AccessToken) => {
  const { CredentialCreationOptions } = await call("StartWebAuthnRegistration", { AccessToken });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(CredentialCreationOptions);
  const Credential = (await navigator.credentials.create({ publicKey })).toJSON();
  await call("CompleteWebAuthnRegistration", { AccessToken, Credential });
  return { id: Credential.id };
});
window.signIn = told(async (ClientId, USERNAME) => {
  const asked = await call("InitiateAuth", { ClientId, AuthFlow: "USER_AUTH", AuthParameters: { USERNAME, PREFERRED_CHALLENGE: "WEB_AUTHN" } });
  if (asked.ChallengeName !== "WEB_AUTHN") return { asked: asked.ChallengeName };
  const options = JSON.parse(asked.ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS);
  const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  const answer = await call("RespondToAuthChallenge", {
    ClientId, ChallengeName: "WEB_AUTHN", Session: asked.Session, ChallengeResponses: { USERNAME, CREDENTIAL: JSON.stringify(credential.toJSON()) },
  });
  return { tokens: answer.AuthenticationResult };
});
</script>`;

before(async () => {
  site = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end(html));
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({
    executablePath: process.env.CENOTE_TEST_CHROMIUM || "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
});

after(async () => {
  await browser?.close();
  site.close();
});

beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(`http://localhost:${site.address().port}/`);
  tools = await context.newCDPSession(page);
  await tools.send("WebAuthn.enable");
});

afterEach(() => context.close());

/** authenticator plugs one in: a phone that asks for a finger, unless settings say otherwise. */
const authenticator = async (settings = {}) => {
  const { authenticatorId } = await tools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true, ...settings,
    },
  });
  return authenticatorId;
};

/** person makes a pool with a signed-in user. */
async function person(passkeys) {
  const pool = await makeChoicePool({}, {}, passkeys);
  await makeUser(pool, "ann");
  const { AccessToken } = await signIn(pool, "ann");
  return { pool, AccessToken };
}

const register = (AccessToken) => page.evaluate((token) => window.register(token), AccessToken);
const enter = ({ clientId }) => page.evaluate((id) => window.signIn(id, "ann"), clientId);

test("a passkey is registered on a page and signs in there, as often as one likes", async () => {
  const { pool, AccessToken } = await person();
  const phone = await authenticator();
  const made = await register(AccessToken);
  assert.ok(made.id, JSON.stringify(made));
  const { Credentials } = await op("ListWebAuthnCredentials", { AccessToken });
  assert.deepEqual(Credentials.map(({ CredentialId, RelyingPartyId }) => [CredentialId, RelyingPartyId]), [[made.id, "localhost"]]);
  assert.deepEqual(Credentials[0].AuthenticatorTransports, ["internal"]);
  for (let i = 0; i < 3; i++) {
    const { tokens, ...problem } = await enter(pool);
    assert.ok(tokens, JSON.stringify(problem));
    assert.equal(claims(tokens.AccessToken).username, "ann");
  }
  assert.equal((await register(AccessToken)).error, "InvalidStateError", "the same authenticator has one already");

  const { credentials } = await tools.send("WebAuthn.getCredentials", { authenticatorId: phone });
  const [credential] = credentials;
  assert.deepEqual([credential.isResidentCredential, credential.rpId, credential.signCount > 0], [true, "localhost", true]);
  await tools.send("WebAuthn.removeCredential", { authenticatorId: phone, credentialId: credential.credentialId });
  await tools.send("WebAuthn.addCredential", { authenticatorId: phone, credential: { ...credential, signCount: 0 } });
  assert.equal((await enter(pool)).error, "NotAuthorizedException", "a copy that has counted less is refused");

  await op("DeleteWebAuthnCredential", { AccessToken, CredentialId: made.id });
  assert.deepEqual(await enter(pool), { asked: "SELECT_CHALLENGE" });
});

test("a person who is not recognised registers nothing and signs in nowhere", async () => {
  const { pool, AccessToken } = await person();
  const phone = await authenticator();
  assert.ok((await register(AccessToken)).id);
  await tools.send("WebAuthn.setUserVerified", { authenticatorId: phone, isUserVerified: false });
  assert.equal((await enter(pool)).error, "NotAllowedError");
  await tools.send("WebAuthn.setUserVerified", { authenticatorId: phone, isUserVerified: true });
  assert.ok((await enter(pool)).tokens);
});

test("a key that only wants a touch signs in where the pool merely prefers more", async () => {
  const { pool, AccessToken } = await person({ UserVerification: "preferred" });
  const finger = await authenticator({ transport: "usb" });
  assert.ok((await register(AccessToken)).id);
  const { credentials } = await tools.send("WebAuthn.getCredentials", { authenticatorId: finger });
  await tools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: finger });
  const touch = await authenticator({ transport: "usb", hasUserVerification: false, isUserVerified: false });
  await tools.send("WebAuthn.addCredential", { authenticatorId: touch, credential: { ...credentials[0], signCount: 10 } });
  const { tokens, ...problem } = await enter(pool);
  assert.ok(tokens, JSON.stringify(problem));
});

test("a page elsewhere cannot use the passkeys", async () => {
  const { pool, AccessToken } = await person();
  await authenticator();
  assert.ok((await register(AccessToken)).id);
  for (const host of ["sub.localhost", "127.0.0.1"]) {
    await page.goto(`http://${host}:${site.address().port}/`);
    assert.equal((await enter(pool)).error, "SecurityError", host);
  }
});

// What the tests of the pages share: Chromium with a virtual authenticator, a relying party that takes the browser's return, and the rules that
// every page holds to.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, afterEach, before, beforeEach } from "node:test";
import * as oidc from "openid-client";
import { chromium } from "playwright-core";
import { endpoint, everyFlowOfChoice, op, password } from "../js/support.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** The pages and the passkeys are on localhost: an address of numbers can have no passkeys. */
export const site = endpoint.replace("127.0.0.1", "localhost");
/** What a test begins with: a page of a browser that nobody has used. */
export let context, page, tools, authenticator;
/** Where the application is. */
export let callback;
let browser, application;

before(async () => {
  application = await serve((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>application</title>"));
  callback = `${application.address}/callback`;
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
  application.server.close();
});

/** serve starts an application on localhost and returns it with its address. */
export async function serve(handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `http://localhost:${server.address().port}` };
}

/** open begins with a browser that nobody has used. */
export async function open() {
  await context?.close();
  context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ignoreHTTPSErrors: true });
  page = await context.newPage();
  tools = await context.newCDPSession(page);
  await tools.send("WebAuthn.enable");
  const added = await tools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  authenticator = added.authenticatorId;
}

beforeEach(open);

afterEach(async () => {
  await context.close();
  context = undefined;
});

/** What a client needs to sign people in by the pages. */
export const byPages = (changes = {}) => ({
  ExplicitAuthFlows: everyFlowOfChoice, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ["code"],
  AllowedOAuthScopes: ["openid", "email", "aws.cognito.signin.user.admin"], CallbackURLs: [callback], LogoutURLs: [callback],
  SupportedIdentityProviders: ["COGNITO"], ...changes,
});

export const byEmail = { UsernameAttributes: ["email"], AutoVerifiedAttributes: ["email"] };

/** addProviders gives the pool the providers that a development server has built in, Corp by OpenID Connect and Ministry by SAML. */
export async function addProviders(pool) {
  const AttributeMapping = { email: "email", email_verified: "email_verified", name: "name" };
  await op("CreateIdentityProvider", {
    UserPoolId: pool.id, ProviderName: "Corp", ProviderType: "OIDC", AttributeMapping,
    ProviderDetails: {
      client_id: "cenote", client_secret: "secret", authorize_scopes: "openid email", attributes_request_method: "GET",
      oidc_issuer: `${endpoint}/_cenote/idp/oidc`,
    },
  });
  await op("CreateIdentityProvider", {
    UserPoolId: pool.id, ProviderName: "Ministry", ProviderType: "SAML", AttributeMapping,
    ProviderDetails: { MetadataURL: `${endpoint}/_cenote/idp/saml/metadata` },
  });
  return ["COGNITO", "Corp", "Ministry"];
}

/** party is a relying party: it begins a sign-in, and takes the browser's return. */
export async function party(pool) {
  const issuer = new URL(`${endpoint}/${pool.id}`);
  const config = await oidc.discovery(issuer, pool.clientId, undefined, oidc.None(), { execute: [oidc.allowInsecureRequests] });
  let checks, verifier;
  return {
    async begin(more = {}) {
      verifier = oidc.randomPKCECodeVerifier();
      checks = { expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), pkceCodeVerifier: verifier };
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: callback, scope: "openid email", state: checks.expectedState, nonce: checks.expectedNonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...more,
      });
      await page.goto(url.href.replace(endpoint, site));
    },
    async end() {
      await page.waitForURL(`${callback}?*`);
      const tokens = await oidc.authorizationCodeGrant(config, new URL(page.url()), checks);
      const told = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
      assert.equal(told.email, tokens.claims().email);
      return { tokens, email: told.email };
    },
    signOut: () => page.goto(`${site}/logout?${new URLSearchParams({ client_id: pool.clientId, logout_uri: callback })}`),
  };
}

/** The most that a page may load: bytes without images, and requests with them. */
const mostBytes = 20_000, mostRequests = 3;

/** weigh holds the page to what it may load. */
async function weigh(name) {
  const { bytes, requests } = await page.evaluate(() => {
    const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const texts = loaded.filter(({ initiatorType }) => initiatorType !== "img" && initiatorType !== "css");
    const pictures = [...document.querySelectorAll("svg")].reduce((sum, svg) => sum + svg.outerHTML.length, 0);
    return { bytes: texts.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0) - pictures, requests: loaded.length };
  });
  assert.ok(bytes > 1000 && bytes <= mostBytes, `${name} has ${bytes} bytes`);
  assert.ok(requests <= mostRequests, `${name} takes ${requests} requests`);
}

/** heading waits for a page by its title. */
export const heading = (title) => page.getByRole("heading", { name: title, exact: true }).waitFor();

/** inspect holds the page of this title to WCAG 2.2 AA in both colours, and to a width of 320 pixels without a sideways scroll. */
export async function inspect(name, title) {
  await heading(title);
  await page.waitForLoadState(); // what a page weighs is known at its end
  await weigh(name);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1200, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${name} is ${wide} pixels wide on ${width}`);
      const folder = process.env.CENOTE_TEST_PICTURES;
      if (folder) {
        mkdirSync(folder, { recursive: true });
        await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true });
      }
    }
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`);
    });
    assert.deepEqual(found, [], `${name}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1200, height: 800 });
}

/**
 * leave does what leads to another page, and waits until that one has loaded. A click alone may return while the page before is still there, or
 * before the next one is whole: its fields may have the same names, and its scripts do not listen yet.
 */
export async function leave(act) {
  await Promise.all([page.waitForEvent("framenavigated"), act()]);
  await page.waitForLoadState();
}

/** press leaves by a button, follow by a link. */
export const press = (name) => leave(() => page.getByRole("button", { name, exact: true }).click());
export const follow = (name) => leave(() => page.getByRole("link", { name, exact: true }).click());

/** enter signs in by the pages of a pool whose users choose their first factor, with a password. */
export async function enter(email) {
  await page.getByLabel("E-mail address").fill(email);
  await press("Next");
  await press("Password");
  await page.getByLabel("Password").fill(password);
  await press("Sign in");
}

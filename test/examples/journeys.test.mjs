// Somebody who has read docs/managed-login.md adds a domain, app clients and providers to the pool that cenote dev has made, points the Next.js and
// the Amplify example at it, and uses both as their users do: sign up, add an authenticator app and a passkey, sign in by each, and by providers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { authenticator, follow, heading, page, press, site, tools } from "../sdk/browser/support.mjs";
import { SoftwareToken, address, code, endpoint, op, password } from "../sdk/js/support.mjs";

const pool = process.env.CENOTE_POOL_ID;
const example = (name) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const applications = [];

/** run starts a program in the folder of an example, and returns what it says line by line until it has said so much. */
async function run(name, args, env, until) {
  const child = spawn(process.execPath, args, { cwd: example(name), env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const said = [];
  if (until) applications.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (until?.test(line)) {
      child.stdout.resume();
      return;
    }
  }
  if (child.exitCode === null) await once(child, "exit");
  assert.ok(!until && child.exitCode === 0, `${name} ended with ${child.exitCode}:\n${said.join("\n")}`);
}

/** freePort returns a port of localhost that nobody uses. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

before(async () => {
  await op("CreateUserPoolDomain", { UserPoolId: pool, Domain: "shop" });
  await op("CreateIdentityProvider", {
    UserPoolId: pool, ProviderName: "Acme", ProviderType: "OIDC", AttributeMapping: { email: "email", email_verified: "email_verified" },
    ProviderDetails: {
      client_id: "cenote", client_secret: "secret", attributes_request_method: "GET", oidc_issuer: `${endpoint}/_cenote/idp/oidc`, authorize_scopes: "openid email",
    },
  });
  await op("CreateIdentityProvider", {
    UserPoolId: pool, ProviderName: "AcmeSAML", ProviderType: "SAML", AttributeMapping: { email: "email" },
    ProviderDetails: { MetadataURL: `${endpoint}/_cenote/idp/saml/metadata` },
  });
});

after(() => applications.forEach((child) => child.kill()));

/** makeClient makes an app client as the guide does, without ExplicitAuthFlows: the pages need none. */
async function makeClient(home, callbacks, more) {
  const { UserPoolClient } = await op("CreateUserPoolClient", {
    UserPoolId: pool, ClientName: "web", AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ["code"], AllowedOAuthScopes: ["openid", "email", "profile"],
    SupportedIdentityProviders: ["COGNITO", "Acme", "AcmeSAML"], CallbackURLs: callbacks, LogoutURLs: [home], ...more,
  });
  return UserPoolClient;
}

/** atHand says whether the person touches the authenticator when a page asks for a passkey. */
const atHand = (enabled) => tools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: authenticator, enabled });

const signedIn = (email) => page.getByText(`Signed in as ${email}`).waitFor();

/** travel goes all the way with an application that has the buttons "Sign in" and "Sign out" and says who is there. */
async function travel(home, { account, passkey, signOut = () => press("Sign out") }) {
  const email = address();
  const leave = async () => {
    await signOut();
    await page.waitForURL(home);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  };
  const signIn = async () => {
    await press("Sign in");
    await page.waitForURL((url) => url.pathname === "/login" && url.hostname === "localhost");
  };

  await page.goto(home);
  await signIn();
  await follow("Create an account");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("New password").fill(password);
  await press("Create account");
  await page.getByRole("textbox", { name: "Code" }).fill(await code(email));
  await press("Next");
  await press("Not now"); // where a passkey is offered
  await signedIn(email);

  await account();
  await follow("Second factors");
  await press("Set up an authenticator app");
  const token = new SoftwareToken((await page.locator("code").innerText()).replaceAll(" ", ""));
  await page.getByRole("textbox", { name: "Code" }).fill(await token.code());
  await press("Next");
  await page.getByText("Your changes have been saved.").waitFor();

  await page.goto(home);
  await passkey();
  await press("Create passkey");
  await page.waitForURL(home);
  await atHand(false);
  await leave();

  await signIn();
  await page.getByLabel("E-mail address").fill(email);
  await press("Next");
  await heading("Choose how to sign in");
  await press("Password");
  await page.getByLabel("Password").fill("Wr0ng-horse!");
  await press("Sign in");
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password").fill(password);
  await press("Sign in");
  await heading("Enter your code");
  await page.getByRole("textbox", { name: "Code" }).fill(await token.code());
  await press("Sign in");
  await signedIn(email);
  await leave();

  await atHand(true);
  await press("Sign in"); // the field for the address offers the passkey, and the authenticator takes it
  await signedIn(email);
  await atHand(false);
  await leave();

  for (const [provider, person] of [["Acme", "Ann"], ["AcmeSAML", "Bob"]]) {
    await signIn();
    await follow(`Continue with ${provider}`);
    await press(`${person} Example`);
    await signedIn(`${person.toLowerCase()}@example.com`);
    await leave();
  }
}

test("Next.js with NextAuth", async () => {
  const port = await freePort();
  const home = `http://localhost:${port}/`;
  const client = await makeClient(home, [`${home}api/auth/callback/cognito`, home], { GenerateSecret: true });
  const env = {
    COGNITO_ISSUER: `${endpoint}/${pool}`, COGNITO_CLIENT_ID: client.ClientId, COGNITO_CLIENT_SECRET: client.ClientSecret,
    NEXTAUTH_URL: home.slice(0, -1), NEXTAUTH_SECRET: "a secret that is no secret in a test",
  };
  const next = "node_modules/next/dist/bin/next";
  await run("nextjs", [next, "build"], env);
  await run("nextjs", [next, "start", "--hostname", "127.0.0.1", "--port", String(port)], env, /Ready/);
  await travel(home, {
    account: () => follow("Your account"),
    passkey: () => follow("Add a passkey"),
  });
});

test("Amplify with signInWithRedirect", async () => {
  const port = await freePort();
  const home = `http://localhost:${port}/`;
  const client = await makeClient(home, [home], { AllowedOAuthScopes: ["openid", "email", "profile", "aws.cognito.signin.user.admin"] });
  await run("amplify", ["serve.mjs"], { COGNITO_ENDPOINT: site, COGNITO_POOL_ID: pool, COGNITO_CLIENT_ID: client.ClientId, PORT: String(port) }, /^http:/);
  const open = (path) => page.goto(`${site}${path}?${new URLSearchParams({ client_id: client.ClientId, redirect_uri: home })}`);
  await travel(home, {
    account: () => open("/account"),
    passkey: () => open("/passkeys/add"),
    async signOut() {
      await page.getByRole("button", { name: "Refresh" }).click();
      await page.getByText("with new tokens").waitFor();
      await press("Sign out");
    },
  });
});

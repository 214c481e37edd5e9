// Chromium on the sign-in pages, as a person with a phone sees them: every journey ends in a certified relying party, every page on the way
// is checked by axe, wide and narrow, light and dark.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SoftwareToken, address, advance, code, endpoint, makeChoicePool, makeFactorPool, makeUser, op, password } from "../js/support.mjs";
import { addProviders, authenticator, byEmail, byPages, callback, context, enter, follow, heading, inspect, leave, page, party, press, serve, site, tools } from "./support.mjs";

test("a new account with an authenticator app, by a certified relying party, and in again after signing out", async () => {
  const pool = await makeFactorPool("ON", ["SOFTWARE_TOKEN_MFA"], byEmail, byPages());
  const email = address();
  const app = await party(pool);
  await app.begin();
  await inspect("sign_in", "Sign in");
  await follow("Create an account");
  await inspect("sign_up", "Create an account");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("New password").fill(password);
  await press("Create account");
  await inspect("confirm", "Confirm your account");
  await page.getByRole("textbox", { name: "Code" }).fill(await code(email));
  await press("Next");
  await inspect("totp_setup", "Set up an authenticator app");
  const token = new SoftwareToken((await page.locator("code").innerText()).replaceAll(" ", ""));
  await page.getByRole("textbox", { name: "Code" }).fill(await token.code());
  await press("Next");
  const { email: told } = await app.end();
  assert.equal(told, email);

  await app.begin({ prompt: "select_account" });
  await page.getByRole("button", { name: `Continue as ${email}` }).waitFor();
  await inspect("continue_as", "Sign in");
  await app.signOut();
  await app.begin();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("wrong");
  await press("Sign in");
  await page.getByRole("alert").waitFor();
  await inspect("sign_in_refused", "Sign in");
  await page.getByLabel("Password").fill(password);
  await press("Sign in");
  await inspect("code", "Enter your code");
  await advance("1m");
  await page.getByRole("textbox", { name: "Code" }).fill(await token.code());
  await press("Sign in");
  assert.equal((await app.end()).email, email);
});

/** presence lets the authenticator answer by itself, or wait for its user. */
const presence = (enabled) => tools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: authenticator, enabled });

test("a passkey is added on the pages and signs in there", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  const app = await party(pool);
  await app.begin();
  await page.getByLabel("E-mail address").fill(email);
  await press("Next");
  await inspect("select_challenge", "Choose how to sign in");
  await press("Password");
  await inspect("password", "Enter your password");
  await page.getByLabel("Password").fill(password);
  await press("Sign in");
  await app.end();

  await page.goto(`${site}/passkeys/add?${new URLSearchParams({ client_id: pool.clientId, redirect_uri: callback })}`);
  await inspect("add_passkey", "Add a passkey");
  await press("Create passkey");
  await page.waitForURL(callback);

  await app.signOut();
  await presence(false); // so that none is chosen in the field for the username
  await app.begin({ login_hint: email });
  await press("Next");
  await press("Passkey");
  await inspect("passkey", "Use your passkey");
  await presence(true);
  await press("Use passkey");
  assert.equal((await app.end()).email, email);
});

test("the button of a passkey page is there when it works; else the page says why not", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  const app = await party(pool);
  await app.begin();
  await enter(email);
  await app.end();
  const add = `${site}/passkeys/add?${new URLSearchParams({ client_id: pool.clientId, redirect_uri: callback })}`;
  const shown = async (page) => (await page.locator("main button:visible, .problem:visible").allInnerTexts()).join("\n");
  await page.goto(add);
  assert.equal(await shown(page), "Create passkey\nNot now");
  const plain = await context.browser().newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const still = await plain.newPage();
  await still.goto(add);
  assert.match(await shown(still), /^Not now\nPasskeys need JavaScript\./);
  await plain.close();
  await page.addInitScript(() => { delete window.PublicKeyCredential; });
  await page.goto(add);
  assert.match(await shown(page), /^Not now\nThis browser cannot use passkeys\./);
  await inspect("no_passkeys", "Add a passkey");
});

test("a forgotten password is replaced, and every page holds to the rules in German too", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  const app = await party(pool);
  await app.begin({ lang: "de" });
  await page.goto(page.url().replace("/login", "/forgotPassword"));
  await inspect("forgot_password", "Passwort vergessen?");
  await page.getByLabel("E-Mail-Adresse").fill(email);
  await press("Passwort zur\u00fccksetzen");
  await page.getByRole("textbox", { name: "Code" }).waitFor();
  await inspect("reset_password", "Passwort zur\u00fccksetzen");
  await page.getByRole("textbox", { name: "Code" }).fill(await code(email));
  await page.getByLabel("Neues Passwort").fill("An0ther-horse!");
  await press("Passwort \u00e4ndern");
  await heading("Anmelden");
  await page.goto(`${site}/error`);
  await inspect("error", "Bei der angeforderten Seite ist ein Fehler aufgetreten.");
});

test("an e-mail address leads to the identity provider of its domain", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  const [own, corp, ministry] = await addProviders(pool);
  await op("UpdateIdentityProvider", { UserPoolId: pool.id, ProviderName: ministry, IdpIdentifiers: ["ministry.example.com"] });
  await op("CreateIdentityProvider", {
    UserPoolId: pool.id, ProviderName: "Office", ProviderType: "SAML", IdpIdentifiers: ["office.example.com"], AttributeMapping: { email: "email" },
    ProviderDetails: { MetadataURL: `${endpoint}/_cenote/idp/saml/metadata` },
  });
  await op("UpdateUserPoolClient", { UserPoolId: pool.id, ClientId: pool.clientId, ...byPages({ SupportedIdentityProviders: [own, corp, ministry, "Office"] }) });
  const app = await party(pool);
  await app.begin();
  await inspect("sign_in_by_domain", "Sign in");
  const field = page.getByLabel("Work e-mail address");
  await field.fill("ann@elsewhere.example.com");
  await leave(() => field.press("Enter"));
  await page.getByRole("alert").waitFor();
  await inspect("sign_in_by_domain_refused", "Sign in");
  await field.fill("ann@Office.example.com");
  await leave(() => field.press("Enter"));
  await press("Ann Example");
  assert.equal((await app.end()).email, "ann@example.com");
});

/** A picture of one dot. */
const dot = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

test("a style of managed login and a classic look show their colours and images", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  const app = await party(pool);
  const logo = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="160" height="40"><rect width="160" height="40" rx="8" fill="#7a3e9d"/></svg>`);
  await op("CreateUserPoolDomain", { UserPoolId: pool.id, Domain: "looks" });
  await op("SetUICustomization", {
    UserPoolId: pool.id, ClientId: "ALL",
    CSS: ".submitButton-customizable { background-color: #7a3e9d; } .banner-customizable { background-color: #eeeeee; padding: 10px; }", ImageFile: dot,
  });
  const shown = () => page.evaluate(() => ({
    button: getComputedStyle(document.querySelector("form button")).backgroundColor,
    images: [...document.images].map((image) => image.naturalWidth),
  }));
  await app.begin();
  assert.deepEqual(await shown(), { button: "rgb(122, 62, 157)", images: [1] });
  await inspect("classic", "Sign in");

  const on = { enabled: true };
  const button = (backgroundColor, textColor) => ({ defaults: { backgroundColor, textColor }, hover: { backgroundColor, textColor }, active: { backgroundColor, textColor } });
  await op("CreateManagedLoginBranding", {
    UserPoolId: pool.id, ClientId: pool.clientId,
    Settings: {
      categories: { global: { pageHeader: on, pageFooter: on }, form: { location: { horizontal: "END", vertical: "CENTER" }, languageSelector: on } },
      components: {
        form: { logo: { ...on, position: "TOP" }, borderRadius: 4 },
        pageHeader: { logo: on },
        primaryButton: { lightMode: button("7a3e9dff", "ffffffff"), darkMode: button("d9b3f0ff", "1a0b24ff") },
      },
    },
    Assets: [
      { Category: "FORM_LOGO", ColorMode: "DYNAMIC", Extension: "SVG", Bytes: logo },
      { Category: "PAGE_HEADER_LOGO", ColorMode: "DYNAMIC", Extension: "SVG", Bytes: logo },
    ],
  });
  await app.begin();
  assert.deepEqual(await shown(), { button: "rgb(122, 62, 157)", images: [160, 160] });
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal((await shown()).button, "rgb(217, 179, 240)");
  await inspect("branded", "Sign in");
});

test("codes by text message are set up, and a form that two clicks send is sent once", async () => {
  const pool = await makeFactorPool("ON", ["SMS_MFA", "SOFTWARE_TOKEN_MFA"], byEmail, byPages());
  const email = address(), phone = "+12065550" + String(Date.now() % 1000).padStart(3, "0");
  await makeUser(pool, email, { email, email_verified: "true" });
  const app = await party(pool);
  await app.begin();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await press("Sign in");
  await inspect("mfa_setup", "Set up a second factor");
  await press("Code by text message");
  await page.getByLabel("Phone number").fill("12");
  await press("Next");
  await page.getByRole("alert").waitFor();
  await page.locator("[name=phone]:focus").waitFor();
  await inspect("phone_setup", "Set up codes by text message");
  await page.getByLabel("Phone number").fill(phone);
  await press("Next");
  await heading("Enter your code");
  await page.getByRole("textbox", { name: "Code" }).fill(await code(phone));
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  await page.getByRole("button", { name: "Sign in" }).evaluate((button) => { button.click(); button.click(); });
  assert.equal((await app.end()).email, email);
  assert.equal(sent.filter((address) => address.startsWith(site)).length, 1);
});

test("whoever goes back, or loads a page again, begins again and sends no form twice", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  const app = await party(pool);
  await app.begin();
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  await page.getByLabel("E-mail address").fill(email);
  await press("Next");
  await press("Password");
  await heading("Enter your password");
  await page.goBack();
  await heading("Sign in");
  await page.getByLabel("E-mail address").fill(email);
  await press("Next");
  await heading("Choose how to sign in");
  await page.reload();
  await heading("Sign in");
  assert.equal(sent.length, 3);
  await enter(email);
  await app.end();
});

test("an e-mail address of any letters is sent as it was typed", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  const email = "j\u00f6rg@m\u00fcller.example";
  await makeUser(pool, email, { email, email_verified: "true" });
  const app = await party(pool);
  await app.begin();
  await enter(email);
  assert.equal((await app.end()).email, email);
});

test("an application whose callback leads on to another origin is reached, from every form that ends there", async () => {
  const elsewhere = await serve((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>elsewhere</title>"));
  const onward = await serve((_, response) => response.writeHead(302, { location: `${elsewhere.address.replace("localhost", "127.0.0.1")}/home` }).end());
  const target = `${onward.address}/callback`;
  try {
    const pool = await makeChoicePool(byEmail, byPages({ CallbackURLs: [target], LogoutURLs: [target] }));
    const begin = () => page.goto(`${site}/login?${new URLSearchParams({ client_id: pool.clientId, response_type: "code", redirect_uri: target })}`);
    const arrived = () => page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/home$/);
    const email = address();
    await begin();
    await follow("Create an account");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("New password").fill(password);
    await press("Create account");
    await page.getByRole("textbox", { name: "Code" }).fill(await code(email));
    await press("Next");
    await press("Not now"); // where a passkey is offered
    await arrived();
    await begin();
    await press(`Continue as ${email}`);
    await arrived();
    await page.goto(`${site}/passkeys/add?${new URLSearchParams({ client_id: pool.clientId, redirect_uri: target })}`);
    await press("Not now");
    await arrived();
  } finally {
    elsewhere.server.close();
    onward.server.close();
  }
});

test("a passkey is chosen in the field for the username", async () => {
  const pool = await makeChoicePool(byEmail, byPages());
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  const app = await party(pool);
  await app.begin();
  assert.equal(await page.getByLabel("E-mail address").getAttribute("autocomplete"), "username webauthn");
  await enter(email);
  await app.end();
  await page.goto(`${site}/passkeys/add?${new URLSearchParams({ client_id: pool.clientId, redirect_uri: callback })}`);
  await press("Create passkey");
  await page.waitForURL(callback);

  await app.signOut();
  await app.begin(); // the authenticator picks the passkey by itself
  assert.equal((await app.end()).email, email);

  const { credentials } = await tools.send("WebAuthn.getCredentials", { authenticatorId: authenticator });
  await op("AdminDeleteUser", { UserPoolId: pool.id, Username: email });
  assert.equal(credentials.length, 1);
  await app.signOut();
  await app.begin();
  await page.getByRole("alert").waitFor();
});

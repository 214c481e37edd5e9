// Chromium on the account pages: a person looks after their own account, and every page holds to the rules of the sign-in pages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SoftwareToken, address, factorBlocks, makeChoicePool, makeFactorPool, makeUser, op, password } from "../js/support.mjs";
import { byEmail, byPages, callback, inspect, page, press, site } from "./support.mjs";

/** A pool that has everything that an account page can be about. */
async function person() {
  const pool = await makeChoicePool(
    { ...byEmail, DeviceConfiguration: { ChallengeRequiredOnNewDevice: true }, UserPoolTier: "PLUS", UserPoolAddOns: { AdvancedSecurityMode: "AUDIT" } },
    byPages(),
  );
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true", name: "Ann", nickname: "Annie" });
  return { pool, email };
}

const account = (pool, path = "") => `${site}/account${path}?${new URLSearchParams({ client_id: pool.clientId, redirect_uri: callback })}`;

/** signIn is a sign-in with the password, where another way could be chosen. */
async function signIn(email) {
  await page.getByLabel("E-mail address").fill(email);
  await press("Next");
  await press("Password");
  await page.getByLabel("Password").fill(password);
  await press("Sign in");
}

const heading = (name) => page.getByRole("heading", { name, exact: true }).waitFor();

test("a person looks after the account", async () => {
  const { pool, email } = await person();
  await page.goto(account(pool));
  await signIn(email);
  await heading("Your account");
  await inspect("account");

  await page.getByRole("link", { name: "Profile" }).click();
  await heading("Profile");
  await inspect("account_profile");
  await page.getByLabel("Name", { exact: true }).fill("Anna");
  await press("Save");
  await page.getByText("Your changes have been saved.").waitFor();
  await inspect("account_saved");

  await page.goto(account(pool, "/passkeys"));
  await inspect("account_passkeys_none");
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await inspect("account_passkeys_add");
  await press("Create passkey");
  await heading("Passkeys");
  await page.getByText("Device passkey").waitFor();
  await inspect("account_passkeys");
  await page.getByRole("button", { name: /^Delete/ }).click();
  await page.getByText("You have no passkeys yet.").waitFor();

  await page.goto(account(pool, "/password"));
  await inspect("account_password");
  await page.getByLabel("Current password").fill("wrong");
  await page.getByLabel("New password").fill("An0ther-horse!");
  await press("Change password");
  await page.getByRole("alert").waitFor();
  await inspect("account_password_refused");
  await page.getByLabel("Current password").fill(password);
  await page.getByLabel("New password").fill("An0ther-horse!");
  await press("Change password");
  await page.getByText("Your changes have been saved.").waitFor();

  await page.goto(account(pool, "/activity"));
  await page.getByText("Recent activity").waitFor();
  await inspect("account_activity");
  await page.goto(account(pool, "/devices"));
  await page.getByText("(this browser)").waitFor();
  await inspect("account_devices");
  await page.goto(account(pool));
  await page.getByRole("link", { name: "Return to the application" }).click();
  await page.waitForURL(callback);
});

test("an authenticator app is set up on the account pages, in German", async () => {
  const { pool, email } = await person();
  await op("SetUserPoolMfaConfig", { UserPoolId: pool.id, MfaConfiguration: "OPTIONAL", ...factorBlocks.SOFTWARE_TOKEN_MFA, ...factorBlocks.EMAIL_OTP });
  await page.goto(account(pool, "/factors"));
  await signIn(email);
  await heading("Second factors");
  await inspect("account_factors_before");
  await press("Set up an authenticator app");
  await inspect("account_totp");
  const token = new SoftwareToken((await page.locator("code").innerText()).replaceAll(" ", ""));
  await page.getByRole("textbox", { name: "Code" }).fill(await token.code());
  await press("Next");
  await page.getByText("Your changes have been saved.").waitFor();
  await page.goto(`${account(pool, "/factors")}&lang=de`);
  await heading("Zweite Faktoren");
  await inspect("account_factors_de");
  assert.ok(await page.getByRole("checkbox", { name: "Bei der Anmeldung danach fragen" }).first().isChecked());
});

test("a browser is remembered if its user ticks the box", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SOFTWARE_TOKEN_MFA"], { ...byEmail, DeviceConfiguration: { DeviceOnlyRememberedOnUserPrompt: true } }, byPages());
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  await page.goto(account(pool, "/devices"));
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await inspect("sign_in_remember");
  await page.getByLabel("Remember this browser").check();
  await press("Sign in");
  await page.getByText("(this browser)").waitFor();
  await page.getByRole("button", { name: /^Forget/ }).click();
  await page.getByText("No devices are remembered.").waitFor();
});

test("an account is deleted after another sign-in", async () => {
  const { pool, email } = await person();
  await page.goto(account(pool, "/delete"));
  await signIn(email);
  await page.getByText("Please sign in again to continue.").waitFor();
  await inspect("account_again");
  await signIn(email);
  await heading("Delete account");
  await inspect("account_delete");
  await press("Delete my account");
  await heading("Your account has been deleted");
  await inspect("account_deleted");
});

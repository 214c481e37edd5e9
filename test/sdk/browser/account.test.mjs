// Chromium on the account pages: a person looks after their own account, and every page holds to the rules of the sign-in pages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SoftwareToken, address, factorBlocks, makeChoicePool, makeFactorPool, makeUser, op, password, shown } from "../js/support.mjs";
import { byEmail, byPages, callback, enter, follow, inspect, leave, page, press, site } from "./support.mjs";

/** A pool that has everything that an account page can be about. */
async function person() {
  const pool = await makeChoicePool(
    { ...byEmail, DeviceConfiguration: { ChallengeRequiredOnNewDevice: true }, UserPoolTier: "PLUS", UserPoolAddOns: { AdvancedSecurityMode: "AUDIT" } },
    byPages(),
  );
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true", name: "Ann", nickname: "Annie", address: "1 Long Street\nTown" });
  return { pool, email };
}

const account = (pool, path = "") => `${site}/account${path}?${new URLSearchParams({ client_id: pool.clientId, redirect_uri: callback })}`;

test("a person looks after the account", async () => {
  const { pool, email } = await person();
  await page.goto(account(pool));
  await enter(email);
  await inspect("account", "Your account");

  await follow("Profile");
  await inspect("account_profile", "Profile");
  await page.getByLabel("Name", { exact: true }).fill("Anna");
  await press("Save");
  await page.getByText("Your changes have been saved.").waitFor();
  assert.equal(await page.getByLabel("Address", { exact: true }).inputValue(), "1 Long Street\nTown");
  assert.equal((await shown(pool, email)).address, "1 Long Street\nTown", "what the person left alone is as it was");
  await inspect("account_saved", "Profile");

  await page.goto(account(pool, "/passkeys"));
  await inspect("account_passkeys_none", "Passkeys");
  await follow("Add a passkey");
  await inspect("account_passkeys_add", "Add a passkey");
  await press("Create passkey");
  await page.getByText("Device passkey").waitFor();
  await inspect("account_passkeys", "Passkeys");
  await leave(() => page.getByRole("button", { name: /^Delete/ }).click());
  await page.getByText("You have no passkeys yet.").waitFor();

  await page.goto(account(pool, "/password"));
  await inspect("account_password", "Password");
  await page.getByLabel("Current password").fill("wrong");
  await page.getByLabel("New password").fill("An0ther-horse!");
  await press("Change password");
  await page.getByRole("alert").waitFor();
  await inspect("account_password_refused", "Password");
  await page.getByLabel("Current password").fill(password);
  await page.getByLabel("New password").fill("An0ther-horse!");
  await press("Change password");
  await page.getByText("Your changes have been saved.").waitFor();

  await page.goto(account(pool, "/activity"));
  await page.getByText("Recent activity").waitFor();
  await inspect("account_activity", "Sessions and activity");
  await page.goto(account(pool, "/devices"));
  await page.getByText("(this browser)").waitFor();
  await inspect("account_devices", "Remembered devices");
  await page.goto(account(pool));
  await follow("Return to the application");
  await page.waitForURL(callback);
});

test("an authenticator app is set up on the account pages, in German", async () => {
  const { pool, email } = await person();
  await op("SetUserPoolMfaConfig", { UserPoolId: pool.id, MfaConfiguration: "OPTIONAL", ...factorBlocks.SOFTWARE_TOKEN_MFA, ...factorBlocks.EMAIL_OTP });
  await page.goto(account(pool, "/factors"));
  await enter(email);
  await inspect("account_factors_before", "Second factors");
  await press("Set up an authenticator app");
  await inspect("account_totp", "Set up an authenticator app");
  const token = new SoftwareToken((await page.locator("code").innerText()).replaceAll(" ", ""));
  await page.getByRole("textbox", { name: "Code" }).fill(await token.code());
  await press("Next");
  await page.getByText("Your changes have been saved.").waitFor();
  await page.goto(`${account(pool, "/factors")}&lang=de`);
  await inspect("account_factors_de", "Zweite Faktoren");
  assert.ok(await page.getByRole("checkbox", { name: "Bei der Anmeldung danach fragen" }).first().isChecked());
});

test("a browser is remembered if its user ticks the box", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SOFTWARE_TOKEN_MFA"], { ...byEmail, DeviceConfiguration: { DeviceOnlyRememberedOnUserPrompt: true } }, byPages());
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true" });
  await page.goto(account(pool, "/devices"));
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await inspect("sign_in_remember", "Sign in");
  await page.getByLabel("Remember this browser").check();
  await press("Sign in");
  await page.getByText("(this browser)").waitFor();
  await leave(() => page.getByRole("button", { name: /^Forget/ }).click());
  await page.getByText("No devices are remembered.").waitFor();
});

test("an account is deleted after another sign-in", async () => {
  const { pool, email } = await person();
  await page.goto(account(pool, "/delete"));
  await enter(email);
  await page.getByText("Please sign in again to continue.").waitFor();
  await inspect("account_again", "Sign in");
  await enter(email);
  await inspect("account_delete", "Delete account");
  await press("Delete my account");
  await inspect("account_deleted", "Your account has been deleted");
});

// What a person does with an application whose users sign in by the pages, whatever library the application is made of: sign up with an
// authenticator app and a passkey, sign out and in again by each, and come in by other providers.
import assert from "node:assert/strict";
import { SoftwareToken, address, advance, code, makeChoicePool, op, password } from "../js/support.mjs";
import { addProviders, authenticator, byEmail, byPages, enter, follow, heading, page, press, tools } from "./support.mjs";

/** makeJourneyPool makes a pool in which everybody needs two factors, with the client of the application. */
export async function makeJourneyPool(callbacks, settings = {}) {
  const pool = await makeChoicePool({ ...byEmail, Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "WEB_AUTHN"] } } });
  await op("SetUserPoolMfaConfig", {
    UserPoolId: pool.id, MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: { Enabled: true },
    WebAuthnConfiguration: { RelyingPartyId: "localhost", UserVerification: "required", FactorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION" },
  });
  const SupportedIdentityProviders = await addProviders(pool);
  const AllowedOAuthScopes = ["openid", "email", "profile", "aws.cognito.signin.user.admin"];
  const { UserPoolClient } = await op("CreateUserPoolClient", {
    UserPoolId: pool.id, ClientName: "application", ...byPages({ CallbackURLs: callbacks, LogoutURLs: callbacks, AllowedOAuthScopes, SupportedIdentityProviders }), ...settings,
  });
  return { ...pool, clientId: UserPoolClient.ClientId, clientSecret: UserPoolClient.ClientSecret };
}

/** atHand says whether the person touches the authenticator when a page asks for a passkey. */
const atHand = (enabled) => tools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: authenticator, enabled });

/**
 * travel goes all the way. An application is {signIn(), user(), signOut()}: signIn leads to the pages, user waits until the
 * application knows who is there and returns their e-mail address, and signOut ends both sessions.
 */
export async function travel(pool, app) {
  const email = address();
  await app.signIn();
  await follow("Create an account");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("New password").fill(password);
  await press("Create account");
  await page.getByRole("textbox", { name: "Code" }).fill(await code(email));
  await press("Next");
  await heading("Set up an authenticator app");
  const token = new SoftwareToken((await page.locator("code").innerText()).replaceAll(" ", ""));
  await page.getByRole("textbox", { name: "Code" }).fill(await token.code());
  await press("Next");
  await heading("Add a passkey");
  await press("Create passkey");
  assert.equal(await app.user(), email);

  await atHand(false);
  await app.signOut();
  await app.signIn();
  await enter(email);
  await heading("Enter your code");
  await advance("1m");
  await page.getByRole("textbox", { name: "Code" }).fill(await token.code());
  await press("Sign in");
  assert.equal(await app.user(), email);

  await app.signOut();
  await atHand(true);
  await app.signIn(); // the field for the address offers the passkey, and the authenticator takes it
  assert.equal(await app.user(), email);
  await atHand(false);

  for (const [provider, person] of [["Corp", "ann"], ["Ministry", "bob"]]) {
    await app.signOut();
    await app.signIn();
    await follow(`Continue with ${provider}`);
    await press(`${person === "ann" ? "Ann" : "Bob"} Example`);
    assert.equal(await app.user(), `${person}@example.com`);
  }
  await app.signOut();
}

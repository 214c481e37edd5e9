// Amplify 6 beyond the password: every flow and every step of a sign-in, second factors, devices and passkeys.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Amplify } from "aws-amplify";
import {
  associateWebAuthnCredential, autoSignIn, confirmSignIn, confirmSignUp, deleteWebAuthnCredential, fetchAuthSession, fetchDevices,
  fetchMFAPreference, forgetDevice, getCurrentUser, listWebAuthnCredentials, rememberDevice, setUpTOTP, signIn, signOut, signUp,
  updateMFAPreference, verifyTOTPSetup,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { Functions, riddle, serveFunctions } from "./lambda.mjs";
import { Authenticator, asBrowser } from "./passkey.mjs";
import {
  MemoryStorage, SoftwareToken, address, code, endpoint, enrol, everyFlowOfChoice, hidden, list, makeChoicePool, makeFactorPool, makePool,
  makeUser, mask, op, pairs, password, phone, refused, signIn as sdkSignIn, wrong,
} from "./support.mjs";

serveFunctions();
const phoneInHand = new Authenticator();
asBrowser(phoneInHand);

let storage;

/** configure points Amplify at a pool of ours, with an empty storage; configuring resets the storage, so it is set afterwards. */
function configure(pool) {
  Amplify.configure({ Auth: { Cognito: { userPoolId: pool.id, userPoolClientId: pool.clientId, userPoolEndpoint: endpoint } } });
  storage = new MemoryStorage();
  cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);
  return pool;
}

afterEach(() => storage.clear());

const done = { isSignedIn: true, nextStep: { signInStep: "DONE" } };
const asks = (signInStep, more = {}) => ({ isSignedIn: false, nextStep: { signInStep, ...more } });
const enter = (username, options, secret = password) => signIn({ username, password: secret, options });
const confirm = (challengeResponse, options) => confirmSignIn({ challengeResponse, options });
const byMail = (to) => asks("CONFIRM_SIGN_IN_WITH_EMAIL_CODE", { codeDeliveryDetails: { deliveryMedium: "EMAIL", destination: mask(to) } });
const byText = (number) => asks("CONFIRM_SIGN_IN_WITH_SMS_CODE", { codeDeliveryDetails: { deliveryMedium: "SMS", destination: hidden(number) } });
const withToken = asks("CONFIRM_SIGN_IN_WITH_TOTP_CODE");
const withPassword = ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"];
const passwordFlows = [
  ...withPassword.map((authFlowType) => ({ authFlowType })),
  ...["PASSWORD", "PASSWORD_SRP"].map((preferredChallenge) => ({ authFlowType: "USER_AUTH", preferredChallenge })),
];
const label = ({ authFlowType, preferredChallenge }) => [authFlowType, preferredChallenge].filter(Boolean).join(" with ");

/** who is the user that Amplify believes to be signed in. */
const who = async () => (await getCurrentUser()).username;

// ---- second factors

for (const options of passwordFlows) {
  test(`${label(options)} is followed by each second factor`, async () => {
    const pool = configure(await makeFactorPool("OPTIONAL", ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]));
    const [to, number] = [address(), phone()];
    await makeUser(pool, "ann", { email: to, email_verified: "true", phone_number: number });
    const { AccessToken } = await sdkSignIn(pool, "ann");
    const token = await enrol(AccessToken);
    const preference = (settings) => op("SetUserMFAPreference", { AccessToken, ...settings });

    assert.deepEqual(await enter("ann", options), withToken);
    const digits = await token.code();
    await refused(confirm(wrong(digits)), "CodeMismatchException", "Invalid code received for user");
    assert.deepEqual(await confirm(digits), done, "the step goes on after a wrong code");
    assert.equal(await who(), "ann");
    await signOut();
    await enter("ann", options);
    await refused(confirm(digits), "ExpiredCodeException", "Your software token has already been used once.");

    await preference({ SMSMfaSettings: { Enabled: true, PreferredMfa: true } });
    assert.deepEqual(await enter("ann", options), byText(number));
    const text = await code(number);
    await refused(confirm(wrong(text)), "CodeMismatchException", "Invalid code or auth state for the user.");
    assert.deepEqual(await confirm(text), done);
    await signOut();

    await preference({ EmailMfaSettings: { Enabled: true, PreferredMfa: true } });
    assert.deepEqual(await enter("ann", options), byMail(to));
    const mail = await code(to);
    assert.match(mail, /^\d{6}$/);
    await refused(confirm(wrong(mail)), "CodeMismatchException", "Invalid code or auth state for the user.");
    assert.deepEqual(await confirm(mail), done);
    await refused(enter("ann", options), "UserAlreadyAuthenticatedException");
  });
}

test("a user with several factors and no preference chooses among them", async () => {
  const pool = configure(await makeFactorPool("OPTIONAL", ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]));
  const [to, number] = [address(), phone()];
  await makeUser(pool, "ann", { email: to, email_verified: "true", phone_number: number });
  await enter("ann");
  const setUp = await setUpTOTP();
  assert.match(setUp.getSetupUri("Judge").href, new RegExp(`^otpauth://totp/Judge:.*secret=${setUp.sharedSecret}&issuer=Judge$`));
  const token = new SoftwareToken(setUp.sharedSecret);
  const first = await token.code();
  await refused(verifyTOTPSetup({ code: wrong(first) }), "EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA");
  await verifyTOTPSetup({ code: first, options: { friendlyDeviceName: "My phone" } });
  assert.deepEqual(await fetchMFAPreference(), { preferred: undefined, enabled: undefined });
  await updateMFAPreference({ sms: "ENABLED", totp: "ENABLED", email: "NOT_PREFERRED" });
  const { preferred, enabled } = await fetchMFAPreference();
  assert.deepEqual([preferred, enabled.sort()], [undefined, ["EMAIL", "SMS", "TOTP"]]);
  await signOut();

  const asked = await enter("ann");
  assert.equal(asked.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_MFA_SELECTION");
  assert.deepEqual(asked.nextStep.allowedMFATypes.sort(), ["EMAIL", "SMS", "TOTP"]);
  for (const [choice, expected, digits] of [
    ["TOTP", withToken, () => token.code()],
    ["SMS", byText(number), () => code(number)],
    ["EMAIL", byMail(to), () => code(to)],
  ]) {
    await enter("ann");
    assert.deepEqual(await confirm(choice), expected, choice);
    assert.deepEqual(await confirm(await digits()), done, choice);
    if (choice !== "EMAIL") await signOut();
  }

  await updateMFAPreference({ totp: "PREFERRED" });
  assert.equal((await fetchMFAPreference()).preferred, "TOTP");
  await updateMFAPreference({ email: "PREFERRED" });
  assert.equal((await fetchMFAPreference()).preferred, "EMAIL");
  await updateMFAPreference({ sms: "DISABLED", totp: "DISABLED", email: "DISABLED" });
  assert.deepEqual(await fetchMFAPreference(), { preferred: undefined, enabled: undefined });
  await signOut();
  assert.deepEqual(await enter("ann"), done);
});

for (const options of passwordFlows) {
  test(`${label(options)} replaces a temporary password and sets up a software token`, async () => {
    const pool = configure(
      await makeFactorPool("ON", ["SOFTWARE_TOKEN_MFA"], {
        Schema: [{ Name: "given_name", AttributeDataType: "String", Required: true, Mutable: true }],
      }),
    );
    await op("AdminCreateUser", { UserPoolId: pool.id, Username: "ann", MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!" });
    assert.deepEqual(
      await enter("ann", options, "Temp-0rary!"),
      asks("CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED", { missingAttributes: ["given_name"] }),
    );
    const { nextStep } = await confirm(password, { userAttributes: { given_name: "Ann" } });
    assert.equal(nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_TOTP_SETUP");
    const token = new SoftwareToken(nextStep.totpSetupDetails.sharedSecret);
    const digits = await token.code();
    await refused(confirm(wrong(digits)), "EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA");
    assert.deepEqual(await confirm(digits, { friendlyDeviceName: "My phone" }), done);
    assert.deepEqual((await fetchMFAPreference()).enabled, ["TOTP"]);
    await signOut();
    assert.deepEqual(await enter("ann", options), withToken);
    assert.deepEqual(await confirm(await token.code()), done);
  });
}

test("where two factors can be set up, the user chooses which", async () => {
  const pool = configure(await makeFactorPool("ON", ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]));
  for (const name of ["ann", "bob"]) await makeUser(pool, name);
  const asked = await enter("ann");
  assert.equal(asked.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION");
  assert.deepEqual(asked.nextStep.allowedMFATypes.sort(), ["EMAIL", "TOTP"]);
  assert.deepEqual(await confirm("EMAIL"), asks("CONTINUE_SIGN_IN_WITH_EMAIL_SETUP"));
  await refused(confirm("no-address@"), "InvalidParameterException", "Invalid email address format.");
  const to = address();
  assert.deepEqual(await confirm(to), byMail(to));
  const digits = await code(to);
  await refused(confirm(wrong(digits)), "CodeMismatchException", "Invalid code or auth state for the user.");
  assert.deepEqual(await confirm(digits), done);
  const { tokens } = await fetchAuthSession();
  assert.deepEqual([tokens.idToken.payload.email, tokens.idToken.payload.email_verified], [to, true]);
  await signOut();
  assert.deepEqual(await enter("ann"), byMail(to));

  await enter("bob");
  const { nextStep } = await confirm("TOTP");
  assert.equal(nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_TOTP_SETUP");
  const token = new SoftwareToken(nextStep.totpSetupDetails.sharedSecret);
  assert.deepEqual(await confirm(await token.code()), done);
  await signOut();
  assert.deepEqual(await enter("bob"), withToken);
});

test("where e-mail is the only factor, it is set up at once", async () => {
  const pool = configure(await makeFactorPool("ON", ["EMAIL_OTP"]));
  await makeUser(pool, "ann");
  assert.deepEqual(await enter("ann"), asks("CONTINUE_SIGN_IN_WITH_EMAIL_SETUP"));
  const to = address();
  assert.deepEqual(await confirm(to), byMail(to));
  assert.deepEqual(await confirm(await code(to)), done);
});

// ---- the user's choice

/** chosen makes a user who can sign in in every way, and configures Amplify. */
async function chosen(settings, clientSettings) {
  const pool = configure(await makeChoicePool(settings, clientSettings));
  const [to, number] = [address(), phone()];
  await makeUser(pool, "ann", { email: to, email_verified: "true", phone_number: number, phone_number_verified: "true" });
  return { pool, to, number };
}

const choose = (preferredChallenge, secret) =>
  signIn({ username: "ann", password: secret, options: { authFlowType: "USER_AUTH", preferredChallenge } });

test("USER_AUTH offers what the user has, and takes what the user chooses", async () => {
  const { to, number } = await chosen();
  const selection = asks("CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION", {
    availableChallenges: ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"],
  });
  assert.deepEqual(await choose(), selection);
  for (const factor of ["PASSWORD", "PASSWORD_SRP"]) {
    await choose();
    assert.deepEqual(await confirm(factor), asks("CONFIRM_SIGN_IN_WITH_PASSWORD"));
    await refused(confirm("Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
    await choose();
    await confirm(factor);
    assert.deepEqual(await confirm(password), done, factor);
    assert.equal((await getCurrentUser()).signInDetails.authFlowType, "USER_AUTH");
    await signOut();
  }
  for (const [factor, expected, destination] of [["EMAIL_OTP", byMail(to), to], ["SMS_OTP", byText(number), number]]) {
    await choose();
    assert.deepEqual(await confirm(factor), expected);
    const digits = await code(destination);
    assert.match(digits, /^\d{8}$/);
    await refused(confirm(wrong(digits)), "CodeMismatchException", "Invalid code or auth state for the user.");
    assert.deepEqual(await confirm(digits), done);
    await signOut();
  }
});

test("USER_AUTH takes a preference, and offers the rest when the user lacks it", async () => {
  const { pool, to, number } = await chosen();
  assert.deepEqual(await choose("PASSWORD", password), done);
  await signOut();
  assert.deepEqual(await choose("PASSWORD_SRP", password), done);
  await signOut();
  await refused(choose("PASSWORD", "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  await refused(choose("PASSWORD_SRP", "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  assert.deepEqual(await choose("EMAIL_OTP"), byMail(to));
  assert.deepEqual(await confirm(await code(to)), done);
  await signOut();
  assert.deepEqual(await choose("SMS_OTP"), byText(number));
  assert.deepEqual(await confirm(await code(number)), done);
  await signOut();
  assert.deepEqual(
    await choose("WEB_AUTHN"),
    asks("CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION", { availableChallenges: ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"] }),
  );
  await op("AdminDeleteUserAttributes", { UserPoolId: pool.id, Username: "ann", UserAttributeNames: ["email"] });
  assert.deepEqual((await choose("EMAIL_OTP")).nextStep.availableChallenges, ["PASSWORD_SRP", "PASSWORD", "SMS_OTP"]);
});

test("USER_AUTH works with the e-mail address as user name, and with an alias", async () => {
  const to = address();
  for (const settings of [{ UsernameAttributes: ["email"] }, { AliasAttributes: ["email"] }]) {
    const pool = configure(await makeChoicePool(settings));
    const { Username } = await makeUser(pool, settings.UsernameAttributes ? to : "ann", { email: to, email_verified: "true" });
    const options = (preferredChallenge) => ({ username: to, options: { authFlowType: "USER_AUTH", preferredChallenge } });
    assert.deepEqual(await signIn(options("EMAIL_OTP")), byMail(to));
    assert.deepEqual(await confirm(await code(to)), done);
    assert.equal((await fetchAuthSession()).tokens.accessToken.payload.username, Username);
    await signOut();
    for (const factor of ["PASSWORD", "PASSWORD_SRP"]) {
      assert.deepEqual(await signIn({ ...options(factor), password }), done, factor);
      await signOut();
      await signIn(options());
      await confirm(factor);
      assert.deepEqual(await confirm(password), done, `${factor} after a selection`);
      await signOut();
    }
  }
});

test("after the sign-up, a user without a password is signed in by the code that confirmed it", async () => {
  configure(await makeChoicePool({ AutoVerifiedAttributes: ["email"] }));
  const to = address();
  const made = await signUp({ username: "ann", options: { userAttributes: { email: to }, autoSignIn: { authFlowType: "USER_AUTH" } } });
  assert.equal(made.nextStep.signUpStep, "CONFIRM_SIGN_UP");
  const { nextStep } = await confirmSignUp({ username: "ann", confirmationCode: await code(to) });
  assert.equal(nextStep.signUpStep, "COMPLETE_AUTO_SIGN_IN");
  assert.deepEqual(await autoSignIn(), done, "no second code is needed");
  assert.equal((await getCurrentUser()).userId, made.userId);
  await signOut();
  assert.deepEqual(await choose(), byMail(to), "a single factor is asked for at once");
  assert.deepEqual(await confirm(await code(to)), done);
});

// ---- passkeys

test("a user registers a passkey, signs in with it, and deletes it", async () => {
  await chosen();
  await enter("ann");
  await associateWebAuthnCredential();
  const { credentials } = await listWebAuthnCredentials();
  assert.equal(credentials.length, 1);
  const [{ credentialId, friendlyCredentialName, relyingPartyId, authenticatorAttachment, authenticatorTransports, createdAt }] = credentials;
  assert.ok(credentialId && friendlyCredentialName);
  assert.deepEqual([relyingPartyId, authenticatorAttachment, authenticatorTransports.sort()], ["localhost", "platform", ["hybrid", "internal"]]);
  assert.ok(Math.abs(createdAt - Date.now()) < 3600_000);
  await refused(associateWebAuthnCredential(), "PasskeyAlreadyExists");
  await signOut();

  assert.deepEqual(await choose("WEB_AUTHN"), done);
  assert.equal(await who(), "ann");
  await signOut();
  const { nextStep } = await choose();
  assert.deepEqual(nextStep.availableChallenges, ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]);
  assert.deepEqual(await confirm("WEB_AUTHN"), done);
  await deleteWebAuthnCredential({ credentialId });
  assert.deepEqual((await listWebAuthnCredentials()).credentials, []);
  await refused(deleteWebAuthnCredential({ credentialId }), "ResourceNotFoundException");
  await signOut();
  assert.equal((await choose("WEB_AUTHN")).nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION");
});

test("a user who has not the passkey at hand chooses another factor", async () => {
  const { to } = await chosen();
  await enter("ann");
  await associateWebAuthnCredential();
  await signOut();
  phoneInHand.forget();
  await refused(choose("WEB_AUTHN"), "PasskeyAuthenticationCanceled");

  await choose();
  await refused(confirm("WEB_AUTHN"), "PasskeyAuthenticationCanceled");
  assert.deepEqual(await confirm("EMAIL_OTP"), byMail(to), "the session of the passkey takes another choice");
  assert.deepEqual(await confirm(await code(to)), done);
});

// ---- challenges of one's own

/** riddled makes a pool whose users answer a riddle, and configures Amplify. */
async function riddled(answers = riddle(["blue", "green"]), settings = {}) {
  const functions = new Functions(answers);
  const pool = configure(await makePool({ LambdaConfig: functions.config(), ...settings }, { ExplicitAuthFlows: everyFlowOfChoice }));
  await makeUser(pool, "ann");
  return { pool, functions };
}

const colour = (round) => asks("CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE", { additionalInfo: { USERNAME: "ann", question: `colour ${round}` } });

test("CUSTOM_WITHOUT_SRP asks what the functions make up", async () => {
  const { functions } = await riddled();
  const options = { authFlowType: "CUSTOM_WITHOUT_SRP", clientMetadata: { step: "start" } };
  assert.deepEqual(await signIn({ username: "ann", options }), colour(1));
  assert.deepEqual(await confirm("red"), colour(1));
  assert.deepEqual(await confirm("blue"), colour(2));
  functions.sources();
  assert.deepEqual(await confirm("green", { clientMetadata: { step: "end" } }), done);
  assert.equal(await who(), "ann");
  const events = functions.take();
  assert.deepEqual(events.VerifyAuthChallengeResponse_Authentication.request.clientMetadata, { step: "end" });
  assert.match(events.VerifyAuthChallengeResponse_Authentication.callerContext.awsSdkVersion, /^aws-sdk-/);
  await signOut();
  await signIn({ username: "ann", options });
  for (let i = 0; i < 2; i++) await confirm("red");
  await refused(confirm("red"), "NotAuthorizedException", "Incorrect username or password.");
});

test("CUSTOM_WITH_SRP asks after the password was proved", async () => {
  await riddled();
  const options = { authFlowType: "CUSTOM_WITH_SRP" };
  assert.deepEqual(await enter("ann", options), colour(1));
  assert.deepEqual(await confirm("blue"), colour(2));
  assert.deepEqual(await confirm("green"), done);
  await signOut();
  await refused(enter("ann", options, "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  await refused(signIn({ username: "nobody", password, options }), "UserNotFoundException", "User does not exist.");
});

test("a function's refusal reaches the page as it was worded", async () => {
  await riddled({ ...riddle(), CreateAuthChallenge: () => { throw new Error("no riddles today"); } });
  await refused(
    signIn({ username: "ann", options: { authFlowType: "CUSTOM_WITHOUT_SRP" } }),
    "UserLambdaValidationException",
    "CreateAuthChallenge failed with error no riddles today.",
  );
});

// ---- devices

const tracked = (ChallengeRequiredOnNewDevice, DeviceOnlyRememberedOnUserPrompt) => ({
  DeviceConfiguration: { ChallengeRequiredOnNewDevice, DeviceOnlyRememberedOnUserPrompt },
});
const deviceKey = () => storage.getItem(storage.keys().find((key) => key.endsWith(".deviceKey")));

test("a device that the user remembers skips the second factor", async () => {
  const pool = configure(await makeFactorPool("OPTIONAL", ["SMS_MFA"], tracked(true, true)));
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  await op("AdminSetUserMFAPreference", { UserPoolId: pool.id, Username: "ann", SMSMfaSettings: { Enabled: true, PreferredMfa: true } });
  assert.deepEqual(await enter("ann"), byText(number));
  assert.deepEqual(await confirm(await code(number)), done);
  const key = deviceKey();
  const [device] = await fetchDevices();
  assert.equal(device.id, key);
  assert.equal(device.name, "judge");
  assert.equal(device.attributes.device_status, "valid");
  for (const date of [device.createDate, device.lastModifiedDate, device.lastAuthenticatedDate]) {
    assert.ok(Math.abs(date - Date.now()) < 3600_000, String(date));
  }
  await signOut();
  assert.deepEqual(await enter("ann"), byText(number), "confirmed is not remembered");
  await confirm(await code(number));
  assert.equal(deviceKey(), key, "the device was known");
  await rememberDevice();
  await signOut();
  for (const authFlowType of withPassword) {
    assert.deepEqual(await enter("ann", { authFlowType }), done, authFlowType);
    const { tokens } = await fetchAuthSession({ forceRefresh: true });
    assert.equal(tokens.accessToken.payload.device_key, key, "a refresh names the device");
    await signOut();
  }
  assert.deepEqual(await enter("ann", { authFlowType: "USER_AUTH", preferredChallenge: "PASSWORD_SRP" }), done);
  await forgetDevice();
  assert.deepEqual(await fetchDevices(), []);
  assert.equal(deviceKey(), null);
});

test("a device that was forgotten elsewhere becomes a new one", async () => {
  const pool = configure(await makeFactorPool("OPTIONAL", ["SMS_MFA"], tracked(true, false)));
  await makeUser(pool, "ann", { phone_number: phone() });
  await enter("ann");
  const key = deviceKey();
  const { Device } = await op("AdminGetDevice", { UserPoolId: pool.id, Username: "ann", DeviceKey: key });
  assert.equal(pairs(Device.DeviceAttributes)["dev:device_remembered_status"], "remembered");
  await signOut();
  await op("AdminForgetDevice", { UserPoolId: pool.id, Username: "ann", DeviceKey: key });
  assert.deepEqual(await enter("ann"), done);
  assert.notEqual(deviceKey(), key);
  const [{ id }] = await fetchDevices();
  await forgetDevice({ device: { id } });
  await refused(forgetDevice({ device: { id } }), "ResourceNotFoundException", "Device does not exist.");
});

test("a custom challenge is followed by the proof of a remembered device", async () => {
  const { pool } = await riddled(riddle(), tracked(true, false));
  await op("AdminUpdateUserAttributes", { UserPoolId: pool.id, Username: "ann", UserAttributes: list({ name: "Ann" }) });
  await enter("ann");
  const key = deviceKey();
  await signOut();
  assert.deepEqual(await signIn({ username: "ann", options: { authFlowType: "CUSTOM_WITHOUT_SRP" } }), colour(1));
  assert.deepEqual(await confirm("blue"), done);
  assert.equal((await fetchAuthSession()).tokens.accessToken.payload.device_key, key);
});

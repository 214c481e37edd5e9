// Amplify 6 in Node: what a new web application calls, from sign-up to deletion.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Amplify } from "aws-amplify";
import {
  autoSignIn, confirmResetPassword, confirmSignIn, confirmSignUp, confirmUserAttribute, deleteUser, deleteUserAttributes, fetchAuthSession,
  fetchUserAttributes, getCurrentUser, resendSignUpCode, resetPassword, sendUserAttributeVerificationCode, signIn, signOut, signUp,
  updatePassword, updateUserAttributes,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import {
  MemoryStorage, address, claims, code, endpoint, list, makePool, makeUser, mask, op, password, phone, refresh, refused, signIn as sdkSignIn, wrong,
} from "./support.mjs";

let storage;

/** configure points Amplify at a pool of ours, with an empty storage; configuring resets the storage, so it is set afterwards. */
function configure(pool) {
  Amplify.configure({
    Auth: { Cognito: { userPoolId: pool.id, userPoolClientId: pool.clientId, userPoolEndpoint: endpoint, loginWith: { username: true } } },
  });
  storage = new MemoryStorage();
  cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);
  return pool;
}

const byMail = { AutoVerifiedAttributes: ["email"] };
const enter = (username, secret = password, options) => signIn({ username, password: secret, options });
const done = { isSignedIn: true, nextStep: { signInStep: "DONE" } };

test("a user signs up, has the code sent again, confirms and signs in", async () => {
  configure(await makePool(byMail));
  const to = address();
  const made = await signUp({ username: "ann", password, options: { userAttributes: { email: to, name: "Ann" } } });
  assert.equal(made.isSignUpComplete, false);
  assert.deepEqual(made.nextStep, {
    signUpStep: "CONFIRM_SIGN_UP",
    codeDeliveryDetails: { deliveryMedium: "EMAIL", destination: mask(to), attributeName: "email" },
  });
  const first = await code(to);
  const unconfirmed = await enter("ann");
  assert.equal(unconfirmed.isSignedIn, false);
  assert.equal(unconfirmed.nextStep.signInStep, "CONFIRM_SIGN_UP");
  const again = await resendSignUpCode({ username: "ann" });
  assert.deepEqual(again, { deliveryMedium: "EMAIL", destination: mask(to), attributeName: "email" });
  const second = await code(to);
  await refused(
    confirmSignUp({ username: "ann", confirmationCode: wrong(second) }),
    "CodeMismatchException",
    "Invalid verification code provided, please try again.",
  );
  if (first !== second) await refused(confirmSignUp({ username: "ann", confirmationCode: first }), "CodeMismatchException");
  const confirmed = await confirmSignUp({ username: "ann", confirmationCode: second });
  assert.deepEqual(confirmed, { isSignUpComplete: true, nextStep: { signUpStep: "DONE" } });
  assert.deepEqual(await enter("ann"), done);
  assert.equal((await getCurrentUser()).userId, made.userId);
});

test("after the confirmation a user is signed in without asking again", async () => {
  configure(await makePool(byMail));
  const to = address();
  await signUp({ username: "ann", password, options: { userAttributes: { email: to }, autoSignIn: true } });
  const { nextStep } = await confirmSignUp({ username: "ann", confirmationCode: await code(to) });
  assert.equal(nextStep.signUpStep, "COMPLETE_AUTO_SIGN_IN");
  assert.deepEqual(await autoSignIn(), done);
  assert.equal((await getCurrentUser()).username, "ann");
});

for (const authFlowType of ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"]) {
  test(`${authFlowType} gives a session with both tokens`, async () => {
    const pool = configure(await makePool());
    await makeUser(pool, "ann", { email: "ann@example.com", email_verified: "true" });
    await refused(enter("ann", "Wr0ng-horse!", { authFlowType }), "NotAuthorizedException", "Incorrect username or password.");
    await refused(enter("nobody", password, { authFlowType }), "UserNotFoundException", "User does not exist.");
    assert.deepEqual(await enter("ann", password, { authFlowType }), done);
    const { tokens, userSub } = await fetchAuthSession();
    assert.equal(tokens.accessToken.payload.username, "ann");
    assert.equal(tokens.accessToken.payload.client_id, pool.clientId);
    assert.equal(tokens.idToken.payload.email, "ann@example.com");
    assert.equal(tokens.idToken.payload.email_verified, true);
    assert.equal(userSub, tokens.idToken.payload.sub);
    const user = await getCurrentUser();
    assert.equal(user.username, "ann");
    assert.equal(user.userId, userSub);
    assert.equal(user.signInDetails.authFlowType, authFlowType);
    await refused(enter("ann"), "UserAlreadyAuthenticatedException");
    await signOut();
  });
}

test("SRP takes an alias, and an e-mail address as user name", async () => {
  const to = address();
  const aliased = configure(await makePool({ AliasAttributes: ["email"] }));
  await makeUser(aliased, "ann", { email: to, email_verified: "true" });
  assert.deepEqual(await enter(to), done);
  assert.equal((await getCurrentUser()).username, "ann");
  await signOut();

  const named = configure(await makePool({ UsernameAttributes: ["email"] }));
  const { Username: sub } = await makeUser(named, to);
  assert.deepEqual(await enter(to), done);
  const user = await getCurrentUser();
  assert.deepEqual([user.username, user.userId, user.signInDetails.loginId], [sub, sub, to]);
});

test("a session is refreshed when asked and when the tokens have ended", async () => {
  const pool = configure(await makePool());
  await makeUser(pool, "ann");
  await enter("ann");
  const { tokens: first } = await fetchAuthSession();
  const { tokens: same } = await fetchAuthSession();
  assert.equal(same.accessToken.toString(), first.accessToken.toString());
  const { tokens: second } = await fetchAuthSession({ forceRefresh: true });
  assert.notEqual(second.accessToken.toString(), first.accessToken.toString());
  assert.notEqual(second.idToken.toString(), first.idToken.toString());
  assert.equal(second.accessToken.payload.origin_jti, first.accessToken.payload.origin_jti);
  assert.equal(second.idToken.payload.auth_time, first.idToken.payload.auth_time);

  const drift = storage.keys().find((key) => key.endsWith(".clockDrift"));
  storage.setItem(drift, String(2 * 3600_000)); // the server's clock is two hours ahead: the tokens look ended
  const { tokens: third } = await fetchAuthSession();
  assert.notEqual(third.accessToken.payload.jti, second.accessToken.payload.jti);

  await op("AdminUserGlobalSignOut", { UserPoolId: pool.id, Username: "ann" });
  const { tokens: none } = await fetchAuthSession({ forceRefresh: true });
  assert.equal(none, undefined);
  await refused(getCurrentUser(), "UserUnAuthenticatedException");
});

test("a client with rotation stores each new refresh token", async () => {
  const pool = configure(
    await makePool({}, {
      ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"],
      RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 0 },
    }),
  );
  await makeUser(pool, "ann");
  await enter("ann");
  const stored = () => storage.getItem(storage.keys().find((key) => key.endsWith(".refreshToken")));
  const seen = new Set([stored()]);
  for (let i = 0; i < 3; i++) {
    assert.ok((await fetchAuthSession({ forceRefresh: true })).tokens);
    seen.add(stored());
  }
  assert.equal(seen.size, 4);
});

test("a signed-in user reads, writes, verifies and deletes attributes", async () => {
  const pool = configure(await makePool(byMail));
  await makeUser(pool, "ann", { name: "Ann", nickname: "an" });
  await enter("ann");
  const { sub, ...rest } = await fetchUserAttributes();
  assert.equal(sub, (await getCurrentUser()).userId);
  assert.deepEqual(rest, { name: "Ann", nickname: "an" });

  const to = address();
  const update = await updateUserAttributes({ userAttributes: { name: "Anna", email: to } });
  assert.deepEqual(update.name, { isUpdated: true, nextStep: { updateAttributeStep: "DONE" } });
  assert.deepEqual(update.email, {
    isUpdated: false,
    nextStep: {
      updateAttributeStep: "CONFIRM_ATTRIBUTE_WITH_CODE",
      codeDeliveryDetails: { attributeName: "email", deliveryMedium: "EMAIL", destination: mask(to) },
    },
  });
  await code(to);
  const sent = await sendUserAttributeVerificationCode({ userAttributeKey: "email" });
  assert.equal(sent.destination, mask(to));
  const digits = await code(to);
  const confirm = (confirmationCode) => confirmUserAttribute({ userAttributeKey: "email", confirmationCode });
  await refused(confirm(wrong(digits)), "CodeMismatchException", "Invalid verification code provided, please try again.");
  await confirm(digits);
  await deleteUserAttributes({ userAttributeKeys: ["nickname"] });
  assert.deepEqual(await fetchUserAttributes(), { sub, name: "Anna", email: to, email_verified: "true" });
});

test("a password is changed by who knows it and reset by who forgot it", async () => {
  const pool = configure(await makePool(byMail));
  const to = address();
  await makeUser(pool, "ann", { email: to, email_verified: "true" });
  await enter("ann");
  const change = (oldPassword, newPassword) => updatePassword({ oldPassword, newPassword });
  await refused(change("Wr0ng-horse!", "Bett3r-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  await refused(change(password, "weakling"), "InvalidPasswordException", /^Password does not conform to policy: Password must have /);
  await change(password, "Bett3r-horse!");
  await signOut();
  await refused(enter("ann"), "NotAuthorizedException", "Incorrect username or password.");

  const asked = await resetPassword({ username: "ann" });
  assert.deepEqual(asked, {
    isPasswordReset: false,
    nextStep: {
      resetPasswordStep: "CONFIRM_RESET_PASSWORD_WITH_CODE",
      codeDeliveryDetails: { deliveryMedium: "EMAIL", destination: mask(to), attributeName: "email" },
    },
  });
  const digits = await code(to);
  const confirm = (confirmationCode, newPassword = "B3st-horse!") => confirmResetPassword({ username: "ann", confirmationCode, newPassword });
  await refused(confirm(wrong(digits)), "CodeMismatchException", "Invalid verification code provided, please try again.");
  await confirm(digits);
  assert.deepEqual(await enter("ann", "B3st-horse!"), done);
});

test("a user whom an administrator reset is sent to the reset", async () => {
  const pool = configure(await makePool(byMail));
  const to = address();
  await makeUser(pool, "ann", { email: to, email_verified: "true" });
  await op("AdminResetUserPassword", { UserPoolId: pool.id, Username: "ann" });
  const asked = await enter("ann");
  assert.deepEqual(asked, { isSignedIn: false, nextStep: { signInStep: "RESET_PASSWORD" } });
  await confirmResetPassword({ username: "ann", confirmationCode: await code(to), newPassword: "B3st-horse!" });
  assert.deepEqual(await enter("ann", "B3st-horse!"), done);
});

for (const authFlowType of ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"]) {
  test(`a temporary password is replaced after ${authFlowType}`, async () => {
    const pool = configure(
      await makePool({ Schema: [{ Name: "given_name", AttributeDataType: "String", Required: true, Mutable: true }] }),
    );
    await op("AdminCreateUser", {
      UserPoolId: pool.id, Username: "ann", MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!",
      UserAttributes: list({ phone_number: phone() }),
    });
    const asked = await enter("ann", "Temp-0rary!", { authFlowType });
    assert.equal(asked.isSignedIn, false);
    assert.deepEqual(asked.nextStep, {
      signInStep: "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED",
      missingAttributes: ["given_name"],
    });
    await refused(
      confirmSignIn({ challengeResponse: "weakling", options: { userAttributes: { given_name: "Ann" } } }),
      "InvalidPasswordException",
      /^Password does not conform to policy: Password must have /,
    );
    assert.deepEqual(await confirmSignIn({ challengeResponse: password, options: { userAttributes: { given_name: "Ann" } } }), done);
    assert.equal((await fetchUserAttributes()).given_name, "Ann");
    await signOut();
    assert.deepEqual(await enter("ann"), done);
  });
}

test("signing out revokes this sign-in, and every one when asked", async () => {
  const pool = configure(await makePool());
  await makeUser(pool, "ann");
  const elsewhere = await sdkSignIn(pool, "ann");
  await enter("ann");
  const token = () => storage.getItem(storage.keys().find((key) => key.endsWith(".refreshToken")));
  const local = token();
  assert.ok(local);
  await signOut();
  assert.deepEqual(storage.keys().filter((key) => key.endsWith("Token")), []);
  await refused(refresh(pool, local), "NotAuthorizedException", "Refresh Token has been revoked");
  assert.equal(claims((await refresh(pool, elsewhere.RefreshToken)).AuthenticationResult.AccessToken).username, "ann");

  await enter("ann");
  await signOut({ global: true });
  await refused(refresh(pool, elsewhere.RefreshToken), "NotAuthorizedException", "Refresh Token has been revoked");
  await refused(getCurrentUser(), "UserUnAuthenticatedException");
});

test("a user deletes the own account", async () => {
  const pool = configure(await makePool());
  await makeUser(pool, "ann");
  await enter("ann");
  await deleteUser();
  await refused(getCurrentUser(), "UserUnAuthenticatedException");
  await refused(enter("ann"), "UserNotFoundException", "User does not exist.");
});

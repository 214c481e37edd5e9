// What time does: codes, sessions, tokens and temporary passwords end, failed passwords lock and unlock. The server's clock
// is moved; nothing here waits.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  address, advance, code, initiate, list, makeClient, makePool, makeUser, op, password, refresh, refused, signIn,
} from "./support.mjs";

const byMail = { AutoVerifiedAttributes: ["email"] };
const expired = ["ExpiredCodeException", "Invalid code provided, please request a code again."];
const limited = /^Attempt limit exceeded, please try after some time\.$/;

test("failed passwords lock a user for a time that doubles", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  await makeUser(pool, "bob");
  const fail = () => refused(initiate(pool, "ann", "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  const locked = (secret) => refused(initiate(pool, "ann", secret), "NotAuthorizedException", "Password attempts exceeded");
  for (let n = 1; n <= 6; n++) await fail();
  for (const wait of ["2s", "3s", "5s", "9s", "17s"]) {
    await advance(wait); // past the lock of 1, 2, 4, 8 and 16 seconds
    await fail();
  }
  // Eleven failures lock for 32 seconds; neither right nor wrong passwords pass, and none lengthens the lock.
  for (const secret of [password, "Wr0ng-horse!", password]) await locked(secret);
  await refused(
    op("AdminInitiateAuth", {
      UserPoolId: pool.id, ClientId: pool.clientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", AuthParameters: { USERNAME: "ann", PASSWORD: password },
    }),
    "NotAuthorizedException",
    "Password attempts exceeded",
  );
  const sibling = { ...pool, clientId: (await makeClient(pool)).ClientId };
  await refused(initiate(sibling, "ann"), "NotAuthorizedException", "Password attempts exceeded");
  await signIn(pool, "bob");
  await advance("5s");
  await locked(password);
  await advance("28s");
  await signIn(pool, "ann");
  await fail();
  await signIn(pool, "ann");

  for (let n = 1; n <= 6; n++) await fail();
  await advance("16m");
  await fail();
  await signIn(pool, "ann");
});

test("the lock never lasts longer than about fifteen minutes", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const fail = () => refused(initiate(pool, "ann", "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  for (let n = 1; n <= 6; n++) await fail();
  for (let seconds = 1; seconds < 600; seconds *= 2) {
    await advance(`${seconds + 1}s`);
    await fail();
  }
  await refused(initiate(pool, "ann"), "NotAuthorizedException", "Password attempts exceeded");
  await advance("16m");
  await signIn(pool, "ann");
});

test("a sign-up code lives for a day and a resent one starts anew", async () => {
  const pool = await makePool(byMail);
  const to = address();
  await op("SignUp", { ClientId: pool.clientId, Username: "ann", Password: password, UserAttributes: list({ email: to }) });
  const confirm = (ConfirmationCode) => op("ConfirmSignUp", { ClientId: pool.clientId, Username: "ann", ConfirmationCode });
  const first = await code(to);
  await advance("24h1m");
  await refused(confirm(first), ...expired);
  await op("ResendConfirmationCode", { ClientId: pool.clientId, Username: "ann" });
  const second = await code(to);
  await advance("23h");
  await confirm(second);
});

test("a recovery code lives for an hour", async () => {
  const pool = await makePool(byMail);
  const to = address();
  await makeUser(pool, "ann", { email: to, email_verified: "true" });
  const forgot = () => op("ForgotPassword", { ClientId: pool.clientId, Username: "ann" });
  const recover = (ConfirmationCode) =>
    op("ConfirmForgotPassword", { ClientId: pool.clientId, Username: "ann", ConfirmationCode, Password: "Bett3r-horse!" });
  await forgot();
  const first = await code(to);
  await advance("61m");
  await refused(recover(first), ...expired);
  await forgot();
  const second = await code(to);
  await advance("58m");
  await recover(second);
});

test("an attribute code lives for a day", async () => {
  const pool = await makePool(byMail, { AccessTokenValidity: 1, TokenValidityUnits: { AccessToken: "days" } });
  const to = address();
  await makeUser(pool, "ann");
  await op("UpdateUserAttributes", { AccessToken: (await signIn(pool, "ann")).AccessToken, UserAttributes: list({ email: to }) });
  const first = await code(to);
  await advance("24h1m");
  const { AccessToken } = await signIn(pool, "ann");
  await refused(op("VerifyUserAttribute", { AccessToken, AttributeName: "email", Code: first }), ...expired);
});

test("a sign-in session lives as long as the client says", async () => {
  const pool = await makePool();
  const long = { ...pool, clientId: (await makeClient(pool, { AuthSessionValidity: 15 })).ClientId };
  await op("AdminCreateUser", { UserPoolId: pool.id, Username: "ann", MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!" });
  const answer = (p, Session) =>
    op("RespondToAuthChallenge", {
      ClientId: p.clientId, ChallengeName: "NEW_PASSWORD_REQUIRED", Session, ChallengeResponses: { USERNAME: "ann", NEW_PASSWORD: password },
    });
  const [short, patient] = [await initiate(pool, "ann", "Temp-0rary!"), await initiate(long, "ann", "Temp-0rary!")];
  await advance("3m5s");
  await refused(answer(pool, short.Session), "NotAuthorizedException", "Invalid session for the user, session is expired.");
  await advance("11m");
  assert.ok((await answer(long, patient.Session)).AuthenticationResult.AccessToken);
});

test("a temporary password lives for the days of the policy and a resend starts them anew", async () => {
  const pool = await makePool({ Policies: { PasswordPolicy: { MinimumLength: 8, TemporaryPasswordValidityDays: 2 } } });
  const create = (input) =>
    op("AdminCreateUser", { UserPoolId: pool.id, Username: "ann", TemporaryPassword: "Temp-0rary!", ...input });
  await create({ MessageAction: "SUPPRESS" });
  await advance("47h");
  assert.equal((await initiate(pool, "ann", "Temp-0rary!")).ChallengeName, "NEW_PASSWORD_REQUIRED");
  await advance("2h");
  await refused(
    initiate(pool, "ann", "Temp-0rary!"),
    "NotAuthorizedException",
    "Temporary password has expired and must be reset by an administrator.",
  );
  await refused(initiate(pool, "ann", "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  await create({ MessageAction: "RESEND", TemporaryPassword: "Temp-1rary!" });
  assert.equal((await initiate(pool, "ann", "Temp-1rary!")).ChallengeName, "NEW_PASSWORD_REQUIRED");
});

test("access and refresh tokens end when the client says", async () => {
  const pool = await makePool({}, {
    AccessTokenValidity: 10,
    IdTokenValidity: 20,
    RefreshTokenValidity: 60,
    TokenValidityUnits: { AccessToken: "minutes", IdToken: "minutes", RefreshToken: "minutes" },
  });
  await makeUser(pool, "ann");
  const first = await signIn(pool, "ann");
  assert.equal(first.ExpiresIn, 600);
  await advance("9m");
  await op("GetUser", { AccessToken: first.AccessToken });
  await advance("1m30s");
  for (const name of ["GetUser", "GlobalSignOut", "DeleteUser"]) {
    await refused(op(name, { AccessToken: first.AccessToken }), "NotAuthorizedException", "Access Token has expired");
  }
  await advance("45m");
  const { AuthenticationResult } = await refresh(pool, first.RefreshToken);
  await op("GetUser", { AccessToken: AuthenticationResult.AccessToken });
  await advance("5m");
  await refused(refresh(pool, first.RefreshToken), "NotAuthorizedException", "Refresh Token has expired");
  await refused(
    op("GetTokensFromRefreshToken", { ClientId: pool.clientId, RefreshToken: first.RefreshToken }),
    "NotAuthorizedException",
    /^Refresh Token has expired\.?$/,
  );
});

test("a replaced refresh token works through the grace period", async () => {
  const pool = await makePool({}, {
    ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"],
    RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 60 },
  });
  await makeUser(pool, "ann");
  const { RefreshToken } = await signIn(pool, "ann");
  const renew = () => op("GetTokensFromRefreshToken", { ClientId: pool.clientId, RefreshToken });
  await renew();
  await advance("30s");
  await renew();
  await advance("40s");
  await refused(renew(), "RefreshTokenReuseException");
});

test("guessing and resending are limited for an hour", async () => {
  const pool = await makePool(byMail);
  const to = address();
  await makeUser(pool, "bob");
  await op("SignUp", { ClientId: pool.clientId, Username: "ann", Password: password, UserAttributes: list({ email: to }) });

  /** attempts counts the calls that pass before the limit is told. */
  async function attempts(call, passes, most) {
    for (let n = 0; n <= most; n++) {
      const name = await call().then(
        () => "passed",
        (error) => {
          if (["LimitExceededException", "TooManyFailedAttemptsException"].includes(error.name)) assert.match(error.message, limited);
          return error.name;
        },
      );
      if (name.startsWith("LimitExceeded") || name.startsWith("TooManyFailed")) return n;
      assert.equal(name, passes);
    }
    assert.fail(`no limit after ${most} attempts`);
  }
  const resend = () => op("ResendConfirmationCode", { ClientId: pool.clientId, Username: "ann" });
  assert.ok((await attempts(resend, "passed", 6)) >= 2, "two quick resends pass");
  const guess = () => op("ConfirmSignUp", { ClientId: pool.clientId, Username: "ann", ConfirmationCode: "x" });
  assert.ok((await attempts(guess, "CodeMismatchException", 16)) >= 3, "a few wrong guesses pass");
  await advance("61m");
  await resend();

  const { AccessToken } = await signIn(pool, "bob");
  const change = () => op("ChangePassword", { AccessToken, PreviousPassword: "Wr0ng-horse!", ProposedPassword: "Bett3r-horse!" });
  assert.ok((await attempts(change, "NotAuthorizedException", 6)) >= 3, "a few wrong passwords pass");
});

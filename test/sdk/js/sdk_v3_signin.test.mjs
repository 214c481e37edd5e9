// The AWS SDK for JavaScript v3 through the sign-in flows that need no proof: passwords, temporary passwords, refresh,
// revocation, global sign-out, and what the tokens say.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  claims, endpoint, everyFlow, header, initiate, list, makeClient, makePool, makeUser, op, password, refresh, refused, secretHash, signIn, uuid,
} from "./support.mjs";

const flow = (pool, AuthFlow, AuthParameters, input) => op("InitiateAuth", { ClientId: pool.clientId, AuthFlow, AuthParameters, ...input });
const adminFlow = (pool, AuthFlow, AuthParameters, input) =>
  op("AdminInitiateAuth", { UserPoolId: pool.id, ClientId: pool.clientId, AuthFlow, AuthParameters, ...input });
const ann = { USERNAME: "ann", PASSWORD: password };

/** tokens checks the outer shape of a finished sign-in. */
function tokens(answer, { refreshed = false } = {}) {
  assert.equal(answer.ChallengeName, undefined, "no challenge beside tokens");
  assert.equal(answer.Session, undefined);
  assert.deepEqual(answer.ChallengeParameters, {});
  const result = answer.AuthenticationResult;
  const names = ["AccessToken", "ExpiresIn", "IdToken", "TokenType", ...(refreshed ? [] : ["RefreshToken"])].sort();
  assert.deepEqual(Object.keys(result).sort(), names);
  assert.equal(result.TokenType, "Bearer");
  assert.equal(result.ExpiresIn, 3600);
  return result;
}

test("password flows answer tokens, signed and unsigned", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const { RefreshToken } = tokens(await flow(pool, "USER_PASSWORD_AUTH", ann));
  assert.equal(RefreshToken.split(".").length, 5);
  assert.match(RefreshToken, /^[A-Za-z0-9-_=.]+$/);
  tokens(await adminFlow(pool, "ADMIN_USER_PASSWORD_AUTH", ann));
  tokens(await adminFlow(pool, "ADMIN_NO_SRP_AUTH", ann));
  tokens(
    await flow(pool, "USER_PASSWORD_AUTH", ann, {
      AnalyticsMetadata: { AnalyticsEndpointId: "d70b2ba36a8c4dc5a04a0451a31a1e12" },
      ClientMetadata: { key: "value" },
      UserContextData: { EncodedData: "opaque", IpAddress: "192.0.2.1" },
    }),
  );
});

test("legacy flow names open their own flow and leave refresh open", async () => {
  const pool = await makePool({}, { ExplicitAuthFlows: ["ADMIN_NO_SRP_AUTH"] });
  await makeUser(pool, "ann");
  const { RefreshToken } = tokens(await adminFlow(pool, "ADMIN_NO_SRP_AUTH", ann));
  tokens(await refresh(pool, RefreshToken, "REFRESH_TOKEN"), { refreshed: true });
  await refused(initiate(pool, "ann"), "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client");
});

test("the ID token says who signed in and through which client", async () => {
  const pool = await makePool({ Schema: [{ Name: "score", AttributeDataType: "Number", Mutable: true }] }, {
    ReadAttributes: ["email", "email_verified", "phone_number", "phone_number_verified", "address", "updated_at", "name", "custom:score"],
  });
  await makeUser(pool, "ann", {
    email: "ann@example.com", email_verified: "true", phone_number: "+12065551212", phone_number_verified: "false", address: "1 Main Street", updated_at: "1700000000",
    name: "Ann", nickname: "hidden", "custom:score": "7",
  });
  const before = Math.floor(Date.now() / 1000) - 1;
  const { IdToken, AccessToken } = await signIn(pool, "ann");
  const id = claims(IdToken);
  const access = claims(AccessToken);

  assert.deepEqual(Object.keys(header(IdToken)).sort(), ["alg", "kid"]);
  assert.equal(header(IdToken).alg, "RS256");
  assert.notEqual(header(IdToken).kid, header(AccessToken).kid, "two keys");
  assert.match(header(IdToken).kid, /^[A-Za-z0-9+/]{43}=$/);

  for (const name of ["sub", "jti", "origin_jti", "event_id"]) assert.match(id[name], uuid, name);
  for (const name of ["auth_time", "iat", "exp"]) assert.ok(Number.isInteger(id[name]), name);
  assert.ok(id.auth_time >= before && id.iat >= id.auth_time && id.iat <= Date.now() / 1000 + 1);
  assert.equal(id.exp - id.iat, 3600);
  const { sub, iss, jti, origin_jti, event_id, auth_time, iat, exp, ...said } = id;
  assert.deepEqual(said, {
    aud: pool.clientId,
    token_use: "id",
    "cognito:username": "ann",
    email: "ann@example.com",
    email_verified: true,
    phone_number: "+12065551212",
    phone_number_verified: false,
    address: { formatted: "1 Main Street" },
    updated_at: 1700000000,
    name: "Ann",
    "custom:score": "7",
  });

  assert.deepEqual(access, {
    sub, iss, origin_jti, event_id, auth_time, iat, exp,
    jti: access.jti,
    client_id: pool.clientId,
    token_use: "access",
    scope: "aws.cognito.signin.user.admin",
    username: "ann",
  });
  assert.notEqual(access.jti, jti);
  assert.match(access.jti, uuid);

  assert.ok(
    iss === `${endpoint}/${pool.id}` || iss === `https://cognito-idp.us-east-1.amazonaws.com/${pool.id}`,
    `issuer ${iss}`,
  );
  const discovery = await (await fetch(`${endpoint}/${pool.id}/.well-known/openid-configuration`)).json();
  assert.equal(discovery.issuer, iss);
  assert.equal(discovery.jwks_uri, `${iss}/.well-known/jwks.json`);
  assert.deepEqual(discovery.id_token_signing_alg_values_supported, ["RS256"]);
  assert.deepEqual(discovery.subject_types_supported, ["public"]);
  assert.deepEqual(discovery.scopes_supported, ["openid", "email", "phone", "profile"]);
  const { keys } = await (await fetch(`${endpoint}/${pool.id}/.well-known/jwks.json`)).json();
  assert.equal(keys.length, 2);
  for (const key of keys) {
    assert.deepEqual(Object.keys(key).sort(), ["alg", "e", "kid", "kty", "n", "use"]);
    assert.deepEqual([key.alg, key.e, key.kty, key.use], ["RS256", "AQAB", "RSA", "sig"]);
    assert.equal(Buffer.from(key.n, "base64url").length, 256);
  }
  assert.deepEqual(keys.map(({ kid }) => kid).sort(), [header(IdToken).kid, header(AccessToken).kid].sort());
});

test("groups appear in both tokens, their roles and the preferred one in the ID token", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const role = (name) => `arn:aws:iam::123456789012:role/${name}`;
  const join = async (GroupName, settings) => {
    await op("CreateGroup", { UserPoolId: pool.id, GroupName, ...settings });
    await op("AdminAddUserToGroup", { UserPoolId: pool.id, Username: "ann", GroupName });
  };
  assert.equal(claims((await signIn(pool, "ann")).IdToken)["cognito:groups"], undefined);
  await join("low", { Precedence: 9, RoleArn: role("low") });
  await join("high", { Precedence: 1, RoleArn: role("high") });
  await join("none");
  const first = await signIn(pool, "ann");
  assert.deepEqual(claims(first.AccessToken)["cognito:groups"], ["high", "low", "none"]);
  assert.equal(claims(first.AccessToken)["cognito:roles"], undefined);
  const id = claims(first.IdToken);
  assert.deepEqual(id["cognito:groups"], ["high", "low", "none"]);
  assert.deepEqual([...id["cognito:roles"]].sort(), [role("high"), role("low")]);
  assert.equal(id["cognito:preferred_role"], role("high"));
  await join("tie", { Precedence: 1, RoleArn: role("tie") });
  const { AuthenticationResult } = await refresh(pool, first.RefreshToken);
  const again = claims(AuthenticationResult.IdToken);
  assert.equal(again["cognito:preferred_role"], undefined, "two groups tie with different roles");
  assert.equal(again["cognito:groups"].length, 4, "groups are read again at a refresh");
});

test("flows a client does not allow are refused before anything else", async (t) => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const closed = { id: pool.id, clientId: (await makeClient(pool, { ExplicitAuthFlows: ["ALLOW_USER_AUTH"] })).ClientId };
  const cases = {
    "plain password": [() => initiate(closed, "ann"), "USER_PASSWORD_AUTH flow not enabled for this client"],
    "SRP": [() => flow(closed, "USER_SRP_AUTH", { USERNAME: "ann", SRP_A: "aa" }), "USER_SRP_AUTH is not enabled for the client."],
    "custom": [() => flow(closed, "CUSTOM_AUTH", { USERNAME: "ann" }), "CUSTOM_AUTH is not enabled for the client."],
    "admin password": [() => adminFlow(closed, "ADMIN_USER_PASSWORD_AUTH", ann), "Auth flow not enabled for this client"],
    "admin password, old name": [() => adminFlow(closed, "ADMIN_NO_SRP_AUTH", ann), "Auth flow not enabled for this client"],
    "an admin flow without a signature": [() => flow(pool, "ADMIN_USER_PASSWORD_AUTH", ann), /^Initiate Auth method not supported\.?$/],
    "a user flow with a signature": [() => adminFlow(pool, "USER_PASSWORD_AUTH", ann), /^Initiate Auth method not supported\.?$/],
    "no user name": [() => flow(pool, "USER_PASSWORD_AUTH", { PASSWORD: password }), "Missing required parameter USERNAME"],
    "an empty user name": [() => flow(pool, "USER_PASSWORD_AUTH", { USERNAME: "", PASSWORD: password }), "Missing required parameter USERNAME"],
    "no password": [() => flow(pool, "USER_PASSWORD_AUTH", { USERNAME: "ann" }), "Missing required parameter PASSWORD"],
    "no A": [() => flow(pool, "USER_SRP_AUTH", { USERNAME: "ann" }), "Missing required parameter SRP_A"],
    "no refresh token": [() => flow(pool, "REFRESH_TOKEN_AUTH", {}), "Missing required parameter REFRESH_TOKEN"],
    "an unknown flow": [
      () => flow(pool, "MAGIC_AUTH", ann),
      /^1 validation error detected: Value 'MAGIC_AUTH' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: \[.*USER_SRP_AUTH.*\]$/,
    ],
  };
  for (const [name, [call, message]] of Object.entries(cases)) {
    await t.test(name, () => refused(call(), "InvalidParameterException", message));
  }
});

test("clients and pools that are unknown, or belong elsewhere, are not found", async () => {
  const pool = await makePool();
  const other = await makePool();
  await makeUser(pool, "ann");
  await refused(
    initiate({ clientId: "1example23456789abcdefghij" }, "ann"),
    "ResourceNotFoundException",
    "User pool client 1example23456789abcdefghij does not exist.",
  );
  await refused(
    adminFlow({ id: "us-east-1_AAAAAAAAA", clientId: pool.clientId }, "ADMIN_USER_PASSWORD_AUTH", ann),
    "ResourceNotFoundException",
    "User pool us-east-1_AAAAAAAAA does not exist.",
  );
  await refused(
    adminFlow({ id: other.id, clientId: pool.clientId }, "ADMIN_USER_PASSWORD_AUTH", ann),
    "ResourceNotFoundException",
    `User pool client ${pool.clientId} does not exist.`,
  );
});

test("who exists is told or hidden as the client says", async () => {
  const pool = await makePool({ AutoVerifiedAttributes: ["email"] }, { PreventUserExistenceErrors: "LEGACY" });
  const hiding = { ...pool, clientId: (await makeClient(pool, { PreventUserExistenceErrors: "ENABLED" })).ClientId };
  await makeUser(pool, "ann");
  for (const p of [pool, hiding]) {
    await refused(initiate(p, "ann", "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
    await signIn(p, "ann");
  }
  await refused(initiate(pool, "nobody"), "UserNotFoundException", "User does not exist.");
  await refused(initiate(hiding, "nobody"), "NotAuthorizedException", "Incorrect username or password.");
  const asNobody = { USERNAME: "nobody", PASSWORD: password };
  await refused(adminFlow(pool, "ADMIN_USER_PASSWORD_AUTH", asNobody), "UserNotFoundException", "User does not exist.");
  await refused(adminFlow(hiding, "ADMIN_USER_PASSWORD_AUTH", asNobody), "NotAuthorizedException", "Incorrect username or password.");

  const about = (p, name, input) => op(name, { ClientId: p.clientId, Username: "nobody", ...input });
  const missing = "Username/client id combination not found.";
  await refused(about(pool, "ForgotPassword"), "UserNotFoundException", missing);
  await refused(about(pool, "ConfirmSignUp", { ConfirmationCode: "123456" }), "UserNotFoundException", missing);
  for (const name of ["ForgotPassword", "ResendConfirmationCode"]) {
    const { CodeDeliveryDetails } = await about(hiding, name);
    assert.ok(["EMAIL", "SMS"].includes(CodeDeliveryDetails.DeliveryMedium), name);
    assert.match(CodeDeliveryDetails.Destination, /\*/, name);
  }
  await refused(about(hiding, "ConfirmSignUp", { ConfirmationCode: "123456" }), "ExpiredCodeException", "Invalid code provided, please request a code again.");
  const confirm = await about(hiding, "ConfirmForgotPassword", { ConfirmationCode: "123456", Password: password }).then(
    () => assert.fail("a password was set for nobody"),
    (error) => error,
  );
  assert.ok(["CodeMismatchException", "ExpiredCodeException"].includes(confirm.name), confirm.name);

  const srp = (p, USERNAME) => flow(p, "USER_SRP_AUTH", { USERNAME, SRP_A: "f".repeat(700) });
  await refused(srp(pool, "nobody"), "UserNotFoundException", "User does not exist.");
  const [real, first, second] = [await srp(hiding, "ann"), await srp(hiding, "nobody"), await srp(hiding, "nobody")];
  assert.equal(first.ChallengeName, "PASSWORD_VERIFIER");
  assert.deepEqual(Object.keys(first).sort(), Object.keys(real).sort());
  assert.deepEqual(Object.keys(first.ChallengeParameters).sort(), Object.keys(real.ChallengeParameters).sort());
  assert.equal(first.ChallengeParameters.SALT, second.ChallengeParameters.SALT, "the salt of nobody stays the same");
  assert.equal(first.ChallengeParameters.USER_ID_FOR_SRP, second.ChallengeParameters.USER_ID_FOR_SRP);
  assert.notEqual(first.ChallengeParameters.SRP_B, second.ChallengeParameters.SRP_B);
});

test("a client secret asks for its hash, by its own rules in each flow", async () => {
  const pool = await makePool({ UsernameAttributes: ["email"] }, { GenerateSecret: true });
  const { Username: sub } = await makeUser(pool, "ann@example.com");
  const to = { USERNAME: "ann@example.com", PASSWORD: password };
  const mismatch = `SecretHash does not match for the client: ${pool.clientId}`;
  const missing = `Client ${pool.clientId} is configured with secret but SECRET_HASH was not received`;
  await refused(flow(pool, "USER_PASSWORD_AUTH", to), "NotAuthorizedException", missing);
  await refused(flow(pool, "USER_PASSWORD_AUTH", { ...to, SECRET_HASH: "bm9uZQ==" }), "NotAuthorizedException", mismatch);
  await refused(
    flow(pool, "USER_PASSWORD_AUTH", { ...to, USERNAME: "nobody@example.com", SECRET_HASH: "bm9uZQ==" }),
    "NotAuthorizedException",
    mismatch,
  );
  await refused(op("SignUp", { ClientId: pool.clientId, Username: "new@example.com", Password: password }), "NotAuthorizedException", missing);
  await refused(
    op("SignUp", { ClientId: pool.clientId, Username: "new@example.com", Password: password, SecretHash: "bm9uZQ==" }),
    "NotAuthorizedException",
    mismatch,
  );
  await op("SignUp", {
    ClientId: pool.clientId, Username: "new@example.com", Password: password, SecretHash: secretHash(pool, "new@example.com"),
  });

  const { RefreshToken } = await signIn(pool, "ann@example.com");
  const again = (SECRET_HASH) => flow(pool, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: RefreshToken, ...(SECRET_HASH && { SECRET_HASH }) });
  tokens(await again(secretHash(pool, sub)), { refreshed: true });
  tokens(await again(pool.clientSecret), { refreshed: true });
  await refused(again(secretHash(pool, "ann@example.com")), "NotAuthorizedException", mismatch);
  await refused(again(), "NotAuthorizedException", missing);

  const renew = (ClientSecret) => op("GetTokensFromRefreshToken", { ClientId: pool.clientId, RefreshToken, ClientSecret });
  assert.ok((await renew(pool.clientSecret)).AuthenticationResult.AccessToken);
  await refused(renew("wrong"), "NotAuthorizedException");
  const revoke = (ClientSecret) => op("RevokeToken", { ClientId: pool.clientId, Token: RefreshToken, ClientSecret });
  await refused(revoke(undefined), "UnauthorizedException");
  await refused(revoke("wrong"), "UnauthorizedException");
  assert.deepEqual(await revoke(pool.clientSecret), {});

  const bare = await makePool();
  await makeUser(bare, "ann");
  await refused(
    flow(bare, "USER_PASSWORD_AUTH", { ...ann, SECRET_HASH: "bm9uZQ==" }),
    "NotAuthorizedException",
    `Unable to verify secret hash for client ${bare.clientId}`,
  );
});

test("a temporary password must be replaced, with the attributes that the pool requires", async () => {
  const pool = await makePool({
    Schema: [
      { Name: "given_name", AttributeDataType: "String", Required: true, Mutable: true },
      { Name: "email", AttributeDataType: "String", Required: true, Mutable: true },
    ],
  });
  const make = (Username) =>
    op("AdminCreateUser", {
      UserPoolId: pool.id, Username, MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!",
      UserAttributes: list({ email: `${Username}@example.com`, email_verified: "true" }),
    });
  await make("ann");
  const challenge = async (username = "ann") => initiate(pool, username, "Temp-0rary!");
  const answer = (Session, responses, input) =>
    op("RespondToAuthChallenge", {
      ClientId: pool.clientId, ChallengeName: "NEW_PASSWORD_REQUIRED", Session, ChallengeResponses: { USERNAME: "ann", ...responses }, ...input,
    });
  const asked = await challenge();
  assert.equal(asked.ChallengeName, "NEW_PASSWORD_REQUIRED");
  assert.equal(asked.AuthenticationResult, undefined);
  assert.ok(asked.Session.length >= 20 && asked.Session.length <= 2048);
  assert.deepEqual(Object.keys(asked.ChallengeParameters).sort(), ["USER_ID_FOR_SRP", "requiredAttributes", "userAttributes"]);
  assert.equal(asked.ChallengeParameters.USER_ID_FOR_SRP, "ann");
  assert.deepEqual(JSON.parse(asked.ChallengeParameters.requiredAttributes), ["userAttributes.given_name"]);
  const shown = JSON.parse(asked.ChallengeParameters.userAttributes);
  assert.equal(shown.email, "ann@example.com");
  assert.equal(shown.email_verified, "true");

  const given = { NEW_PASSWORD: password, "userAttributes.given_name": "Ann" };
  await refused(answer(asked.Session, { "userAttributes.given_name": "Ann" }), "InvalidParameterException", "Missing required parameter NEW_PASSWORD");
  await refused(answer(undefined, given), "InvalidParameterException", "Missing required parameter Session");
  await refused(
    answer(asked.Session, { ...given, NEW_PASSWORD: "weakling" }),
    "InvalidPasswordException",
    /^Password does not conform to policy: Password must have /,
  );
  const lacking = await challenge();
  await refused(answer(lacking.Session, { NEW_PASSWORD: password }), "InvalidParameterException", /given_name/);
  const rewriting = await challenge();
  await refused(
    answer(rewriting.Session, { ...given, "userAttributes.email": "other@example.com" }),
    "NotAuthorizedException",
    "Cannot modify an already provided email",
  );
  await make("bob");
  const foreign = await challenge("bob");
  await refused(answer(foreign.Session, given), "NotAuthorizedException", "Invalid session for the user.");
  await refused(answer("x".repeat(40), given), "NotAuthorizedException", "Invalid session for the user.");
  const second = await makeClient(pool);
  await refused(answer((await challenge()).Session, given, { ClientId: second.ClientId }), "NotAuthorizedException", "Invalid session for the user.");

  tokens(await answer(asked.Session, given));
  await refused(answer(asked.Session, given), "NotAuthorizedException", "Invalid session for the user, session can only be used once.");
  const user = await op("AdminGetUser", { UserPoolId: pool.id, Username: "ann" });
  assert.equal(user.UserStatus, "CONFIRMED");
  assert.ok(user.UserAttributes.some(({ Name, Value }) => Name === "given_name" && Value === "Ann"));
  await refused(initiate(pool, "ann", "Temp-0rary!"), "NotAuthorizedException", "Incorrect username or password.");
  await signIn(pool, "ann");
});

test("administrators answer a challenge too", async () => {
  const pool = await makePool();
  await op("AdminCreateUser", { UserPoolId: pool.id, Username: "ann", MessageAction: "SUPPRESS", TemporaryPassword: password });
  const { ChallengeName, Session } = await adminFlow(pool, "ADMIN_USER_PASSWORD_AUTH", ann);
  assert.equal(ChallengeName, "NEW_PASSWORD_REQUIRED");
  tokens(
    await op("AdminRespondToAuthChallenge", {
      UserPoolId: pool.id, ClientId: pool.clientId, ChallengeName, Session, ChallengeResponses: { USERNAME: "ann", NEW_PASSWORD: password },
    }),
  );
});

test("a refresh keeps the sign-in and renews the tokens", async () => {
  const pool = await makePool({}, { ReadAttributes: ["name"] });
  await makeUser(pool, "ann", { name: "Ann" });
  const first = await signIn(pool, "ann");
  const before = claims(first.IdToken);
  await op("AdminUpdateUserAttributes", { UserPoolId: pool.id, Username: "ann", UserAttributes: list({ name: "Anna" }) });
  const renewals = [
    await refresh(pool, first.RefreshToken, "REFRESH_TOKEN_AUTH"),
    await refresh(pool, first.RefreshToken, "REFRESH_TOKEN"),
    await adminFlow(pool, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: first.RefreshToken }),
  ].map((answer) => tokens(answer, { refreshed: true }));
  const renewed = await op("GetTokensFromRefreshToken", { ClientId: pool.clientId, RefreshToken: first.RefreshToken });
  assert.equal(renewed.AuthenticationResult.RefreshToken, undefined);
  renewals.push(renewed.AuthenticationResult);
  for (const { IdToken, AccessToken } of renewals) {
    const after = claims(IdToken);
    for (const name of ["sub", "origin_jti", "auth_time", "event_id", "iss", "aud"]) assert.equal(after[name], before[name], name);
    assert.equal(claims(AccessToken).origin_jti, before.origin_jti);
    assert.notEqual(after.jti, before.jti);
    assert.ok(after.iat >= before.iat);
    assert.equal(after.name, "Anna", "attributes are read again");
    await op("GetUser", { AccessToken });
  }

  const other = { ...pool, clientId: (await makeClient(pool)).ClientId };
  const invalid = /^Invalid Refresh Token\.?$/;
  await refused(refresh(other, first.RefreshToken), "NotAuthorizedException", invalid);
  await refused(refresh(pool, "nonsense"), "NotAuthorizedException", invalid);
  await refused(refresh(pool, first.AccessToken), "NotAuthorizedException", invalid);
  const altered = first.RefreshToken.replace(/.{4}$/, (end) => (end === "AAAA" ? "BBBB" : "AAAA"));
  await refused(refresh(pool, altered), "NotAuthorizedException", invalid);
  await refused(op("GetTokensFromRefreshToken", { ClientId: other.clientId, RefreshToken: first.RefreshToken }), "NotAuthorizedException", invalid);
});

test("a client with rotation gets a new refresh token each time", async () => {
  const pool = await makePool({}, {
    ExplicitAuthFlows: everyFlow.filter((name) => name !== "ALLOW_REFRESH_TOKEN_AUTH"),
    RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 0 },
  });
  await makeUser(pool, "ann");
  const { RefreshToken } = await signIn(pool, "ann");
  const renew = (token) => op("GetTokensFromRefreshToken", { ClientId: pool.clientId, RefreshToken: token });
  const { AuthenticationResult: next } = await renew(RefreshToken);
  assert.notEqual(next.RefreshToken, RefreshToken);
  const { AuthenticationResult: last } = await renew(next.RefreshToken);
  assert.ok(last.RefreshToken);
  await refused(refresh(pool, last.RefreshToken), "UnsupportedOperationException");
  await refused(renew(RefreshToken), "RefreshTokenReuseException");
  await refused(renew(last.RefreshToken), "NotAuthorizedException", "Refresh Token has been revoked");
  await refused(op("GetUser", { AccessToken: last.AccessToken }), "NotAuthorizedException", "Access Token has been revoked");
});

test("revoking a refresh token ends that sign-in and no other", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const [lost, kept] = [await signIn(pool, "ann"), await signIn(pool, "ann")];
  const { AuthenticationResult: renewed } = await refresh(pool, lost.RefreshToken);
  const revoke = (Token, ClientId = pool.clientId) => op("RevokeToken", { ClientId, Token });
  await refused(revoke(lost.AccessToken), "UnsupportedTokenTypeException");
  await refused(revoke(lost.IdToken), "UnsupportedTokenTypeException");
  await refused(revoke(lost.RefreshToken, (await makeClient(pool)).ClientId), "UnauthorizedException");
  assert.deepEqual(await revoke(lost.RefreshToken), {});
  assert.deepEqual(await revoke(lost.RefreshToken), {}, "twice is fine");
  await refused(refresh(pool, lost.RefreshToken), "NotAuthorizedException", "Refresh Token has been revoked");
  for (const { AccessToken } of [lost, renewed]) {
    await refused(op("GetUser", { AccessToken }), "NotAuthorizedException", "Access Token has been revoked");
  }
  await op("GetUser", { AccessToken: kept.AccessToken });
  await refresh(pool, kept.RefreshToken);

  const without = { ...pool, clientId: (await makeClient(pool, { EnableTokenRevocation: false })).ClientId };
  const plain = await signIn(without, "ann");
  assert.equal(claims(plain.AccessToken).origin_jti, undefined);
  await refused(revoke(plain.RefreshToken, without.clientId), "UnsupportedOperationException");
});

test("a global sign-out ends every sign-in so far and none that follows", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  await makeUser(pool, "bob");
  const [first, second, bob] = [await signIn(pool, "ann"), await signIn(pool, "ann"), await signIn(pool, "bob")];
  const dead = async (tokens) => {
    await refused(refresh(pool, tokens.RefreshToken), "NotAuthorizedException", "Refresh Token has been revoked");
    for (const name of ["GetUser", "GlobalSignOut", "DeleteUser"]) {
      await refused(op(name, { AccessToken: tokens.AccessToken }), "NotAuthorizedException", "Access Token has been revoked");
    }
  };
  assert.deepEqual(await op("GlobalSignOut", { AccessToken: first.AccessToken }), {});
  const third = await signIn(pool, "ann");
  await dead(first);
  await dead(second);
  await op("GetUser", { AccessToken: third.AccessToken });
  await refresh(pool, third.RefreshToken);
  assert.deepEqual(await op("AdminUserGlobalSignOut", { UserPoolId: pool.id, Username: "ann" }), {});
  await dead(third);
  await signIn(pool, "ann");
  await op("GetUser", { AccessToken: bob.AccessToken });
});

test("only a live access token of this service opens the user's own operations", async (t) => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const { AccessToken, IdToken, RefreshToken } = await signIn(pool, "ann");
  const [head, body, signature] = AccessToken.split(".");
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const cases = {
    "an ID token": [IdToken, "Invalid Access Token"],
    "a refresh token": [RefreshToken, "Invalid Access Token"],
    "a word": ["nonsense", "Invalid Access Token"],
    "an altered body": [`${head}.${part({ ...claims(AccessToken), username: "bob" })}.${signature}`],
    "no signature": [`${part({ ...header(AccessToken), alg: "none" })}.${body}.`],
    "another key id": [`${part({ ...header(AccessToken), kid: header(IdToken).kid })}.${body}.${signature}`],
  };
  for (const [name, [token, message]] of Object.entries(cases)) {
    await t.test(name, () => refused(op("GetUser", { AccessToken: token }), "NotAuthorizedException", message));
  }
  await t.test("characters no token has", () =>
    refused(op("GetUser", { AccessToken: "a b" }), "InvalidParameterException", /at 'accessToken' failed to satisfy constraint: Member must satisfy regular expression pattern: /),
  );
});

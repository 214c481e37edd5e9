// The AWS SDK for JavaScript v3: the USER_AUTH flow, in which a user chooses how to sign in, and passkeys.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { Authenticator } from "./passkey.mjs";
import {
  address, advance, begin, claims, code, enrol, everyFlow, everyFlowOfChoice, factorBlocks, hidden, inbox, list, makeChoicePool, makeClient,
  makePool, makeUser, mask, op, pairs, password, phone, refused, respond, signIn, wrong,
} from "./support.mjs";

const choose = (pool, username, PREFERRED_CHALLENGE, parameters = {}) =>
  begin(pool, "USER_AUTH", username, { ...(PREFERRED_CHALLENGE && { PREFERRED_CHALLENGE }), ...parameters });

/** person makes a user who has everything but a passkey. */
async function person(pool, username = "ann") {
  const [to, number] = [address(), phone()];
  await makeUser(pool, username, { email: to, email_verified: "true", phone_number: number, phone_number_verified: "true" });
  return { to, number };
}

const wrongCode = ["CodeMismatchException", "Invalid code or auth state for the user."];
const wrongPassword = ["NotAuthorizedException", "Incorrect username or password."];
const invalidSession = ["NotAuthorizedException", "Invalid session for the user."];
const usedSession = ["NotAuthorizedException", "Invalid session for the user, session can only be used once."];
const expiredSession = ["NotAuthorizedException", "Invalid session for the user, session is expired."];
const passwords = ["PASSWORD_SRP", "PASSWORD"];

// ---- the choice

test("a user is offered what the pool allows and the user has", async () => {
  const pool = await makeChoicePool();
  const { to, number } = await person(pool);
  const asked = await choose(pool, "ann");
  assert.deepEqual([asked.name, asked.parameters], ["SELECT_CHALLENGE", {}]);
  assert.deepEqual(asked.available, [...passwords, "EMAIL_OTP", "SMS_OTP"]);
  assert.ok(asked.session.length >= 20 && asked.session.length <= 2048);
  for (const ANSWER of ["WEB_AUTHN", "SMS_MFA", "nonsense"]) await refused(respond(asked, { ANSWER }), "InvalidParameterException");
  await refused(respond(asked, {}), "InvalidParameterException", "Missing required parameter ANSWER");

  const byMail = await choose(pool, "ann", "EMAIL_OTP");
  assert.deepEqual([byMail.name, byMail.available], ["EMAIL_OTP", asked.available]);
  assert.deepEqual(byMail.parameters, { CODE_DELIVERY_DELIVERY_MEDIUM: "EMAIL", CODE_DELIVERY_DESTINATION: mask(to) });
  const byText = await choose(pool, "ann", "SMS_OTP");
  assert.deepEqual(byText.parameters, { CODE_DELIVERY_DELIVERY_MEDIUM: "SMS", CODE_DELIVERY_DESTINATION: hidden(number) });
  for (const challenge of passwords) {
    const posed = await choose(pool, "ann", challenge);
    assert.deepEqual([posed.name, posed.parameters], [challenge, {}]);
  }
  assert.deepEqual((await choose(pool, "ann", "WEB_AUTHN")).name, "SELECT_CHALLENGE", "a preference that the user lacks is no error");
  await refused(choose(pool, "ann", "MAGIC"), "InvalidParameterException");
  await refused(choose(pool, "nobody"), "UserNotFoundException", "User does not exist.");
  await refused(begin(pool, "USER_AUTH", ""), "InvalidParameterException", "Missing required parameter USERNAME");
  for (const stepUp of ["TARGET_ACR_VALUES", "MAX_AGE", "ACCESS_TOKEN"]) {
    await refused(choose(pool, "ann", undefined, { [stepUp]: "1" }), "InvalidParameterException");
  }
  await makeUser(pool, "bob", { email: address() });
  assert.deepEqual((await choose(pool, "bob")).available, passwords, "an address that is not verified is no factor");

  const closed = await makePool({}, { ExplicitAuthFlows: everyFlow });
  await makeUser(closed, "ann");
  await refused(choose(closed, "ann"), "InvalidParameterException", "USER_AUTH is not enabled for the client.");
  const plain = await makePool({}, { ExplicitAuthFlows: everyFlowOfChoice });
  await makeUser(plain, "ann", { email: address(), email_verified: "true" });
  assert.deepEqual((await choose(plain, "ann")).available, passwords, "a pool that allows no more offers no more");
  const allowed = await makePool({}, { ExplicitAuthFlows: ["ALLOW_USER_AUTH"] });
  await makeUser(allowed, "ann");
  assert.ok((await choose(allowed, "ann", "PASSWORD", { PASSWORD: password })).tokens, "the flow allows passwords within itself");
  await refused(
    begin(allowed, "USER_PASSWORD_AUTH", "ann", { PASSWORD: password }), "InvalidParameterException",
    "USER_PASSWORD_AUTH flow not enabled for this client",
  );
});

test("a password is taken with the preference, with the choice, or after it", async () => {
  const pool = await makeChoicePool();
  await person(pool);
  const { tokens } = await choose(pool, "ann", "PASSWORD", { PASSWORD: password });
  assert.equal(claims(tokens.AccessToken).username, "ann");
  await refused(choose(pool, "ann", "PASSWORD", { PASSWORD: "Wr0ng-horse!" }), ...wrongPassword);
  const asked = await choose(pool, "ann");
  await refused(respond(asked, { ANSWER: "PASSWORD", PASSWORD: "Wr0ng-horse!" }), ...wrongPassword);
  assert.ok((await respond(await choose(pool, "ann"), { ANSWER: "PASSWORD", PASSWORD: password })).tokens);
  const posed = await respond(await choose(pool, "ann"), { ANSWER: "PASSWORD" });
  assert.equal(posed.name, "PASSWORD");
  await refused(respond(posed, {}), "InvalidParameterException", "Missing required parameter PASSWORD");
  assert.ok((await respond(posed, { PASSWORD: password })).tokens);
  await refused(respond(posed, { PASSWORD: password }), ...usedSession);

  const srp = await respond(await choose(pool, "ann"), { ANSWER: "PASSWORD_SRP", SRP_A: "a".repeat(768) });
  assert.equal(srp.name, "PASSWORD_VERIFIER");
  assert.deepEqual(Object.keys(srp.parameters).sort(), ["SALT", "SECRET_BLOCK", "SRP_B", "USERNAME", "USER_ID_FOR_SRP"]);
  assert.ok(srp.session, "unlike USER_SRP_AUTH");
  assert.equal((await respond(await choose(pool, "ann", "PASSWORD_SRP"), { SRP_A: "a".repeat(768) })).name, "PASSWORD_VERIFIER");
});

test("a one-time code signs in, once and in time", async () => {
  const pool = await makeChoicePool();
  const { to, number } = await person(pool);
  const asked = await choose(pool, "ann", "EMAIL_OTP");
  const digits = await code(to);
  assert.match(digits, /^\d{8}$/);
  for (let i = 0; i < 6; i++) await refused(respond(asked, { EMAIL_OTP_CODE: wrong(digits) }), ...wrongCode);
  await refused(respond(asked, {}), "InvalidParameterException", "Missing required parameter EMAIL_OTP_CODE");
  const { tokens } = await respond(asked, { EMAIL_OTP_CODE: digits });
  assert.equal(claims(tokens.IdToken).email, to);
  await refused(respond(asked, { EMAIL_OTP_CODE: digits }), ...usedSession);

  const chosen = await respond(await choose(pool, "ann"), { ANSWER: "SMS_OTP" });
  assert.equal(chosen.name, "SMS_OTP");
  assert.ok((await respond(chosen, { SMS_OTP_CODE: await code(number) })).tokens);
  const late = await choose(pool, "ann", "EMAIL_OTP");
  const tooLate = await code(to);
  await advance("3m1s");
  await refused(respond(late, { EMAIL_OTP_CODE: tooLate }), ...expiredSession);

  const [first, second] = [await choose(pool, "ann", "EMAIL_OTP"), await choose(pool, "ann", "EMAIL_OTP")];
  const [early, newest] = [await code(to), await code(to)];
  await refused(respond(first, { EMAIL_OTP_CODE: early }), ...wrongCode);
  assert.ok((await respond(second, { EMAIL_OTP_CODE: newest })).tokens);
  const selection = await choose(pool, "ann");
  await respond(selection, { ANSWER: "EMAIL_OTP" });
  await refused(respond(selection, { ANSWER: "EMAIL_OTP" }), ...usedSession);
});

test("a user who needs a second factor, or a new password, is offered passwords only", async () => {
  const pool = await makeChoicePool();
  await op("AdminCreateUser", {
    UserPoolId: pool.id, Username: "bob", MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!",
    UserAttributes: list({ email: address(), email_verified: "true" }),
  });
  assert.deepEqual((await choose(pool, "bob")).available, passwords);
  const renew = await choose(pool, "bob", "PASSWORD", { PASSWORD: "Temp-0rary!" });
  assert.equal(renew.name, "NEW_PASSWORD_REQUIRED");
  assert.ok((await respond(renew, { NEW_PASSWORD: password })).tokens);

  const { to } = await person(pool);
  const pending = await choose(pool, "ann", "EMAIL_OTP");
  const digits = await code(to);
  await op("SetUserPoolMfaConfig", { UserPoolId: pool.id, MfaConfiguration: "OPTIONAL", ...factorBlocks.SOFTWARE_TOKEN_MFA });
  const { AccessToken } = await signIn(pool, "ann");
  const token = await enrol(AccessToken);
  assert.deepEqual((await choose(pool, "ann")).available, passwords);
  await refused(respond(pending, { EMAIL_OTP_CODE: digits }), ...invalidSession);
  const asked = await choose(pool, "ann", "PASSWORD", { PASSWORD: password });
  assert.equal(asked.name, "SOFTWARE_TOKEN_MFA");
  assert.ok((await respond(asked, { SOFTWARE_TOKEN_MFA_CODE: await token.code() })).tokens);

  const required = (factors) => op("SetUserPoolMfaConfig", { UserPoolId: factors.id, MfaConfiguration: "ON", ...factorBlocks.SOFTWARE_TOKEN_MFA });
  await refused(
    required(await makeChoicePool()), "InvalidParameterException",
    "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled",
  );
});

test("a user without a password signs in by codes alone", async () => {
  const pool = await makeChoicePool({ AutoVerifiedAttributes: ["email"] });
  const to = address();
  const { User } = await op("AdminCreateUser", {
    UserPoolId: pool.id, Username: "ann", MessageAction: "SUPPRESS", UserAttributes: list({ email: to, email_verified: "true" }),
  });
  assert.equal(User.UserStatus, "CONFIRMED");
  const asked = await choose(pool, "ann");
  assert.deepEqual([asked.name, asked.available], ["EMAIL_OTP", ["EMAIL_OTP"]], "the only factor is asked for at once");
  const { tokens } = await respond(asked, { EMAIL_OTP_CODE: await code(to) });
  assert.deepEqual((await op("GetUserAuthFactors", { AccessToken: tokens.AccessToken })).ConfiguredUserAuthFactors, ["EMAIL_OTP"]);
  await refused(begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: password }), ...wrongPassword);
  await op("ChangePassword", { AccessToken: tokens.AccessToken, ProposedPassword: password });
  assert.deepEqual((await choose(pool, "ann")).available, [...passwords, "EMAIL_OTP"]);
  await signIn(pool, "ann");
});

test("whoever confirms a sign-up is signed in by its session, once", async () => {
  const pool = await makeChoicePool({ AutoVerifiedAttributes: ["email"] });
  const signUp = async (Username) => {
    const to = address();
    const { Session } = await op("SignUp", { ClientId: pool.clientId, Username, UserAttributes: list({ email: to }) });
    assert.ok(Session);
    const confirm = (ConfirmationCode, more = {}) => op("ConfirmSignUp", { ClientId: pool.clientId, Username, ConfirmationCode, ...more });
    return { to, Session, confirm };
  };
  const ann = await signUp("ann");
  await refused(choose(pool, "ann"), "UserNotConfirmedException", "User is not confirmed.");
  const confirmed = await ann.confirm(await code(ann.to), { Session: ann.Session });
  const go = (Username, Session) => begin(pool, "USER_AUTH", Username, { PREFERRED_CHALLENGE: "EMAIL_OTP" }, { Session });
  const { tokens } = await go("ann", confirmed.Session);
  assert.equal(claims(tokens.IdToken).email_verified, true);
  assert.deepEqual((await inbox(ann.to)).length, 1, "no second code");
  await refused(go("ann", confirmed.Session), ...usedSession);
  await refused(go("ann", ann.Session), ...invalidSession);

  const bob = await signUp("bob");
  const { Session } = await bob.confirm(await code(bob.to));
  assert.ok(Session, "Amplify sends no session with the confirmation and goes on with the one that it is answered");
  await refused(go("ann", Session), ...invalidSession);
  assert.ok((await go("bob", Session)).tokens);
  const eve = await signUp("eve");
  await refused(eve.confirm(await code(eve.to), { Session: (await signUp("eva")).Session }), ...invalidSession);
  const late = await signUp("late");
  const { Session: tooLate } = await late.confirm(await code(late.to), { Session: late.Session });
  await advance("3m1s");
  await refused(go("late", tooLate), ...expiredSession);
});

test("a client that hides users gives away nobody, whatever is chosen", async () => {
  const pool = await makeChoicePool({ UsernameAttributes: ["email"] }, { PreventUserExistenceErrors: "ENABLED" });
  // Unknown users have other factors now and then, as users have: some have no password, some a phone number too.
  let nobody, asked;
  do {
    nobody = address();
    asked = await choose(pool, nobody, "EMAIL_OTP");
  } while (asked.name !== "EMAIL_OTP" || !passwords.every((factor) => asked.available.includes(factor)));
  assert.deepEqual([asked.name, asked.parameters], [
    "EMAIL_OTP", { CODE_DELIVERY_DELIVERY_MEDIUM: "EMAIL", CODE_DELIVERY_DESTINATION: mask(nobody) },
  ]);
  for (const digits of ["12345678", "87654321"]) await refused(respond(asked, { EMAIL_OTP_CODE: digits }), ...wrongCode);
  await refused(choose(pool, nobody, "PASSWORD", { PASSWORD: password }), ...wrongPassword);
  const selection = await choose(pool, nobody);
  assert.ok(selection.available.length > 0);
  assert.equal((await choose(pool, nobody, "PASSWORD_SRP", { SRP_A: "a".repeat(768) })).name, "PASSWORD_VERIFIER");
  const real = address();
  await makeUser(pool, real, { email: real, email_verified: "true" });
  const theirs = await choose(pool, real, "EMAIL_OTP");
  assert.deepEqual([theirs.name, Object.keys(theirs.parameters)], [asked.name, Object.keys(asked.parameters)]);
  for (let n = 0; `${asked.available}` !== `${theirs.available}`; n++) {
    assert.ok(n < 100, `no unknown user is offered ${theirs.available}`);
    asked = await choose(pool, address(), "EMAIL_OTP");
  }
});

test("what a user can sign in with is shown to the user and to administrators", async () => {
  const pool = await makeChoicePool();
  await person(pool);
  const { AccessToken } = await signIn(pool, "ann");
  const own = await op("GetUserAuthFactors", { AccessToken });
  assert.deepEqual(own, { Username: "ann", ConfiguredUserAuthFactors: ["PASSWORD", "EMAIL_OTP", "SMS_OTP"] });
  assert.deepEqual(await op("AdminGetUserAuthFactors", { UserPoolId: pool.id, Username: "ann" }), own);
  await register(AccessToken, new Authenticator());
  assert.deepEqual((await op("GetUserAuthFactors", { AccessToken })).ConfiguredUserAuthFactors, ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]);
  await refused(op("AdminGetUserAuthFactors", { UserPoolId: pool.id, Username: "nobody" }), "UserNotFoundException", "User does not exist.");
});

// ---- passkeys

const start = async (AccessToken) => (await op("StartWebAuthnRegistration", { AccessToken })).CredentialCreationOptions;
const complete = (AccessToken, Credential) => op("CompleteWebAuthnRegistration", { AccessToken, Credential });
const register = async (AccessToken, authenticator) => complete(AccessToken, authenticator.create(await start(AccessToken)));
const credentials = async (AccessToken, more = {}) => (await op("ListWebAuthnCredentials", { AccessToken, ...more })).Credentials;

/** keyed makes a pool with a user who has a passkey. */
async function keyed({ passkeys, authenticator = new Authenticator(), ...settings } = {}) {
  const pool = await makeChoicePool(settings, {}, passkeys);
  const user = await person(pool);
  const { AccessToken } = await signIn(pool, "ann");
  await register(AccessToken, authenticator);
  return { pool, authenticator, AccessToken, ...user };
}

const ask = async (pool, username = "ann") => {
  const asked = await choose(pool, username, "WEB_AUTHN");
  assert.equal(asked.name, "WEB_AUTHN");
  return { ...asked, options: JSON.parse(asked.parameters.CREDENTIAL_REQUEST_OPTIONS) };
};
const prove = (asked, credential) => respond(asked, { CREDENTIAL: JSON.stringify(credential) });

test("a passkey is registered, listed, used and deleted", async () => {
  const pool = await makeChoicePool();
  await person(pool);
  const { AccessToken } = await signIn(pool, "ann");
  const { sub } = pairs((await op("GetUser", { AccessToken })).UserAttributes);
  const options = await start(AccessToken);
  assert.deepEqual(options.rp, { id: "localhost", name: "localhost" });
  assert.deepEqual(options.user, { id: Buffer.from(sub).toString("base64url"), name: "ann", displayName: "ann" });
  assert.deepEqual(options.pubKeyCredParams, [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -257 }]);
  assert.deepEqual(options.authenticatorSelection, { requireResidentKey: true, residentKey: "required", userVerification: "required" });
  assert.match(options.challenge, /^[A-Za-z0-9_-]{22,}$/);
  assert.ok(options.timeout > 0);
  assert.deepEqual(options.excludeCredentials ?? [], []);
  const phoneKey = new Authenticator();
  const made = phoneKey.create(options);
  assert.deepEqual(await complete(AccessToken, made), {});
  await refused(complete(AccessToken, made), "WebAuthnChallengeNotFoundException");

  const usb = new Authenticator({ algorithm: -257, attachment: "cross-platform", counts: true });
  await register(AccessToken, usb);
  assert.equal((await start(AccessToken)).excludeCredentials.length, 2);
  const all = await credentials(AccessToken);
  assert.equal(all.length, 2);
  const [first] = all.filter(({ CredentialId }) => CredentialId === made.id);
  assert.deepEqual([first.RelyingPartyId, first.AuthenticatorAttachment], ["localhost", "platform"]);
  assert.deepEqual(first.AuthenticatorTransports.sort(), ["hybrid", "internal"]);
  assert.ok(first.FriendlyCredentialName && first.CreatedAt instanceof Date);
  const page = await op("ListWebAuthnCredentials", { AccessToken, MaxResults: 1 });
  const next = await op("ListWebAuthnCredentials", { AccessToken, MaxResults: 1, NextToken: page.NextToken });
  assert.equal(new Set([...page.Credentials, ...next.Credentials].map(({ CredentialId }) => CredentialId)).size, 2);
  assert.equal(next.NextToken, undefined);

  for (const authenticator of [phoneKey, usb]) {
    const asked = await ask(pool);
    assert.deepEqual([asked.options.rpId, asked.options.userVerification, asked.options.timeout], ["localhost", "required", 180000]);
    assert.equal(asked.options.allowCredentials.length, 2);
    const { tokens } = await prove(asked, authenticator.get(asked.options));
    assert.equal(claims(tokens.AccessToken).username, "ann");
    await refused(prove(asked, authenticator.get(asked.options)), "NotAuthorizedException");
  }
  await op("DeleteWebAuthnCredential", { AccessToken, CredentialId: made.id });
  await refused(op("DeleteWebAuthnCredential", { AccessToken, CredentialId: made.id }), "ResourceNotFoundException");
  const asked = await ask(pool);
  await refused(prove(asked, phoneKey.get({ ...asked.options, allowCredentials: [] })), "NotAuthorizedException");
  assert.ok((await prove(asked, usb.get(asked.options))).tokens, "the other one still works, in the same session");
});

test("a registration that is forged, foreign or late is refused, and the right one can follow", async () => {
  const { pool, AccessToken } = await keyed();
  const authenticator = new Authenticator();
  const options = await start(AccessToken);
  const malformed = ["InvalidParameterException", "Credential data is not valid"];
  for (const [lie, error] of [
    [{ clientData: { origin: "https://evil.example" } }, ["WebAuthnOriginNotAllowedException"]],
    [{ clientData: { origin: "https://localhost.evil.example" } }, ["WebAuthnOriginNotAllowedException"]],
    [{ clientData: { crossOrigin: true } }, ["WebAuthnOriginNotAllowedException"]],
    [{ rpId: "evil.example" }, ["WebAuthnRelyingPartyMismatchException"]],
    [{ verifies: false }, ["WebAuthnCredentialNotSupportedException"]],
    [{ algorithm: -8 }, ["WebAuthnCredentialNotSupportedException"]],
    [{ clientData: { challenge: Buffer.alloc(32).toString("base64url") } }, ["WebAuthnChallengeNotFoundException"]],
    [{ clientData: { type: "webauthn.get" } }, malformed],
    [{ absent: true }, malformed],
  ]) {
    await refused(complete(AccessToken, authenticator.create(options, lie)), ...error).catch((failure) => {
      throw new Error(`${JSON.stringify(lie)}: ${failure.message}`);
    });
  }
  const made = authenticator.create(options);
  for (const broken of [
    {}, { ...made, response: {} }, { ...made, response: { ...made.response, attestationObject: "AAAA" } }, { ...made, type: "password" },
    { ...made, response: { ...made.response, clientDataJSON: Buffer.from("{}").toString("base64url") } },
    { ...made, clientExtensionResults: { credProps: { rk: false } } },
    { ...made, response: { ...made.response, attestationObject: "A".repeat(50_000) } },
  ]) {
    await refused(complete(AccessToken, broken), "InvalidParameterException");
  }
  const other = await makeClient(pool);
  const elsewhere = await signIn({ clientId: other.ClientId }, "ann");
  await refused(complete(elsewhere.AccessToken, made), "WebAuthnClientMismatchException");
  assert.deepEqual(await complete(AccessToken, made), {}, "the right one follows");
  const late = authenticator.create({ ...(await start(AccessToken)), excludeCredentials: [] });
  await advance("10m");
  await refused(complete((await signIn(pool, "ann")).AccessToken, late), "WebAuthnChallengeNotFoundException");
});

test("an assertion that is forged, foreign or replayed is refused, and the right one can follow", async () => {
  const { pool, authenticator } = await keyed({ authenticator: new Authenticator({ counts: true }) });
  const bob = new Authenticator();
  await makeUser(pool, "bob");
  await register((await signIn(pool, "bob")).AccessToken, bob);
  const asked = await ask(pool);
  const right = authenticator.get(asked.options);
  const lies = [
    { clientData: { origin: "https://evil.example" } }, { clientData: { type: "webauthn.create" } }, { rpId: "evil.example" }, { verifies: false },
    { absent: true }, { clientData: { challenge: Buffer.alloc(32).toString("base64url") } }, { userHandle: Buffer.from("bob").toString("base64url") },
    { private: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }, { count: 0 },
  ];
  for (const lie of lies) {
    await refused(prove(asked, authenticator.get(asked.options, lie)), "NotAuthorizedException").catch((failure) => {
      throw new Error(`${JSON.stringify(lie)}: ${failure.message}`);
    });
  }
  await refused(prove(asked, bob.get({ ...asked.options, allowCredentials: [] })), "NotAuthorizedException");
  for (const CREDENTIAL of ["nonsense", "{}", "[]", JSON.stringify({ ...right, response: {} }), "x".repeat(50_000)]) {
    await refused(respond(asked, { CREDENTIAL }), "InvalidParameterException", "Credential data is not valid");
  }
  await refused(respond(asked, {}), "InvalidParameterException", "Missing required parameter CREDENTIAL");
  await refused(prove(asked, (await ask(pool).then(({ options }) => authenticator.get(options)))), "NotAuthorizedException");
  assert.ok((await prove(asked, authenticator.get(asked.options))).tokens, "the right one follows");

  const again = await ask(pool);
  await refused(prove(again, right), "NotAuthorizedException");
  const clone = authenticator.get(again.options, { count: 1 });
  await refused(prove(again, clone), "NotAuthorizedException");
  assert.ok((await prove(again, authenticator.get(again.options))).tokens);
});

test("while a passkey is asked for, another factor can be chosen", async () => {
  const { pool, to } = await keyed();
  const asked = await ask(pool);
  const byMail = await respond(asked, { ANSWER: "EMAIL_OTP" }, { ChallengeName: "SELECT_CHALLENGE" });
  assert.equal(byMail.name, "EMAIL_OTP");
  assert.ok((await respond(byMail, { EMAIL_OTP_CODE: await code(to) })).tokens);
  const chosen = await respond(await choose(pool, "ann"), { ANSWER: "WEB_AUTHN" });
  assert.equal(chosen.name, "WEB_AUTHN");
});

test("user verification and the second factor are as the pool wants them", async () => {
  const touch = new Authenticator({ verifies: false });
  const lax = await keyed({ passkeys: { UserVerification: "preferred" }, authenticator: touch });
  const asked = await ask(lax.pool);
  assert.equal(asked.options.userVerification, "preferred");
  assert.ok((await prove(asked, touch.get(asked.options))).tokens);

  for (const FactorConfiguration of ["SINGLE_FACTOR", "MULTI_FACTOR_WITH_USER_VERIFICATION"]) {
    const { pool, AccessToken, authenticator } = await keyed({ passkeys: { FactorConfiguration } });
    await op("SetUserPoolMfaConfig", {
      UserPoolId: pool.id, MfaConfiguration: "OPTIONAL", ...factorBlocks.SOFTWARE_TOKEN_MFA,
      WebAuthnConfiguration: { RelyingPartyId: "localhost", UserVerification: "required", FactorConfiguration },
    });
    await enrol(AccessToken);
    const both = FactorConfiguration !== "SINGLE_FACTOR";
    assert.deepEqual((await choose(pool, "ann")).available, both ? [...passwords, "WEB_AUTHN"] : passwords, FactorConfiguration);
    if (!both) continue;
    const step = await ask(pool);
    assert.ok((await prove(step, authenticator.get(step.options))).tokens, "a passkey that verified its user is both factors");
    await op("SetUserMFAPreference", { AccessToken, WebAuthnMfaSettings: { Enabled: false } });
    assert.deepEqual((await choose(pool, "ann")).available, passwords);
  }
});

test("pools without passkeys, and users with too many, are told so", async () => {
  const plain = await makePool({}, { ExplicitAuthFlows: everyFlowOfChoice });
  await makeUser(plain, "ann");
  const { AccessToken } = await signIn(plain, "ann");
  await refused(start(AccessToken), "WebAuthnNotEnabledException");
  await refused(complete(AccessToken, {}), "WebAuthnNotEnabledException");
  await refused(start("no.access.token"), "NotAuthorizedException", "Invalid Access Token");
  await refused(makeChoicePool({}, {}, { RelyingPartyId: "127.0.0.1" }), "InvalidParameterException");

  const own = await keyed();
  for (let i = 1; i < 20; i++) await register(own.AccessToken, new Authenticator());
  assert.equal((await credentials(own.AccessToken)).length, 20);
  await refused(start(own.AccessToken), "LimitExceededException");
});

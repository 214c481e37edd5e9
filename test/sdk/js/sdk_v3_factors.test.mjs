// The AWS SDK for JavaScript v3: second factors, from the pool's configuration to the last wrong code, and the sessions between challenges.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  SoftwareToken, address, advance, begin, claims, code, enrol, everyFlowOfChoice, factorBlocks, hidden, inbox, makeClient, makeFactorPool,
  makePool, makeUser, mask, op, ownSender, pairs, password, phone, refused, respond, secretHash, serverTime, wrong,
} from "./support.mjs";

const everyFactor = ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"];
const totpOnly = ["SOFTWARE_TOKEN_MFA"];
const on = { Enabled: true };
const preferred = { Enabled: true, PreferredMfa: true };
const off = { Enabled: false };

const configure = (pool, input) => op("SetUserPoolMfaConfig", { UserPoolId: pool.id, ...input });
const configured = (pool) => op("GetUserPoolMfaConfig", { UserPoolId: pool.id });
const adminPrefer = (pool, Username, settings) => op("AdminSetUserMFAPreference", { UserPoolId: pool.id, Username, ...settings });
const byPassword = (pool, username, secret = password) => begin(pool, "USER_PASSWORD_AUTH", username, { PASSWORD: secret });

/** person makes a user with a verified address and a number, signed in already. */
async function person(pool, username = "ann") {
  const [to, number] = [address(), phone()];
  await makeUser(pool, username, { email: to, email_verified: "true", phone_number: number });
  const { tokens } = await byPassword(pool, username);
  return { to, number, username, AccessToken: tokens?.AccessToken };
}

// The texts that many tests meet.
const wrongCode = ["CodeMismatchException", "Invalid code or auth state for the user."];
const wrongToken = ["CodeMismatchException", "Invalid code received for user"];
const usedToken = ["ExpiredCodeException", "Your software token has already been used once."];
const notEnabled = ["EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA"];
const invalidSession = ["NotAuthorizedException", "Invalid session for the user."];
const usedSession = ["NotAuthorizedException", "Invalid session for the user, session can only be used once."];
const expiredSession = ["NotAuthorizedException", "Invalid session for the user, session is expired."];

// ---- the pool

test("a pool's MFA configuration is replaced as a whole and shown as it was set", async () => {
  const pool = await makePool(ownSender);
  assert.deepEqual(await configured(pool), { MfaConfiguration: "OFF" });
  const all = await configure(pool, { MfaConfiguration: "OPTIONAL", ...Object.assign({}, ...Object.values(factorBlocks)) });
  assert.equal(all.MfaConfiguration, "OPTIONAL");
  assert.deepEqual(all.SoftwareTokenMfaConfiguration, { Enabled: true });
  assert.deepEqual(all.EmailMfaConfiguration, factorBlocks.EMAIL_OTP.EmailMfaConfiguration);
  assert.equal(all.SmsMfaConfiguration.SmsConfiguration.ExternalId, "judge");
  assert.deepEqual(await configured(pool), all);
  assert.equal((await op("DescribeUserPool", { UserPoolId: pool.id })).UserPool.MfaConfiguration, "OPTIONAL");

  const tokens = await configure(pool, { MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: on });
  assert.deepEqual(tokens, { MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: on });
  await configure(pool, { MfaConfiguration: "OFF" });
  assert.equal((await configured(pool)).MfaConfiguration, "OFF");
  const passkeys = { RelyingPartyId: "login.example.com", UserVerification: "required" };
  assert.deepEqual((await configure(pool, { MfaConfiguration: "OFF", WebAuthnConfiguration: passkeys })).WebAuthnConfiguration, passkeys);
  assert.equal((await configure(pool, {})).MfaConfiguration, "OFF", "without a mode it is turned off");
});

test("a configuration that contradicts itself is refused and changes nothing", async () => {
  const pool = await makePool(ownSender);
  const before = await configure(pool, { MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: on });
  const together = "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.";
  for (const block of Object.values(factorBlocks)) {
    await refused(configure(pool, { MfaConfiguration: "OFF", ...block }), "InvalidParameterException", together);
    await refused(configure(pool, block), "InvalidParameterException", together);
  }
  await refused(configure(pool, { MfaConfiguration: "OFF", SoftwareTokenMfaConfiguration: off }), "InvalidParameterException", together);
  for (const MfaConfiguration of ["ON", "OPTIONAL"]) {
    await refused(configure(pool, { MfaConfiguration }), "InvalidParameterException");
  }
  await refused(
    configure(pool, { MfaConfiguration: "SOMETIMES", SoftwareTokenMfaConfiguration: on }), "InvalidParameterException",
    "1 validation error detected: Value 'SOMETIMES' at 'mfaConfiguration' failed to satisfy constraint: " +
      "Member must satisfy enum value set: [OPTIONAL, OFF, ON]",
  );
  const nowhere = { id: "us-east-1_nowhere1" };
  await refused(configure(nowhere, { MfaConfiguration: "OFF" }), "ResourceNotFoundException", `User pool ${nowhere.id} does not exist.`);
  assert.deepEqual(await configured(pool), before);

  const bare = await makePool();
  await refused(configure(bare, { MfaConfiguration: "OPTIONAL", ...factorBlocks.EMAIL_OTP }), "InvalidParameterException");
  const mailOnly = await makePool({
    ...ownSender, AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "verified_email", Priority: 1 }] },
  });
  await refused(configure(mailOnly, { MfaConfiguration: "OPTIONAL", ...factorBlocks.EMAIL_OTP }), "InvalidParameterException");
  for (const MfaConfiguration of ["ON", "OPTIONAL"]) {
    await refused(
      makePool({ MfaConfiguration }), "InvalidParameterException",
      "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
    );
  }
});

// ---- software tokens

test("a software token is set up with an access token", async () => {
  const pool = await makeFactorPool("OPTIONAL", totpOnly);
  const { AccessToken } = await person(pool);
  const associate = () => op("AssociateSoftwareToken", { AccessToken });
  const verify = (UserCode, more = {}) => op("VerifySoftwareToken", { AccessToken, UserCode, ...more });
  await refused(verify("123456"), "SoftwareTokenMFANotFoundException");
  const answer = await associate();
  assert.deepEqual(Object.keys(answer), ["SecretCode"], "no session without one");
  const token = new SoftwareToken(answer.SecretCode);
  const digits = await token.code();
  await refused(verify(wrong(digits)), ...notEnabled);
  for (const [bad, constraint] of [
    ["12345", "Member must have length greater than or equal to 6"],
    ["1234567", "Member must have length less than or equal to 6"],
    ["12345a", "Member must satisfy regular expression pattern: [0-9]+"],
  ]) {
    const text = `1 validation error detected: Value at 'userCode' failed to satisfy constraint: ${constraint}`;
    await refused(verify(bad), "InvalidParameterException", text);
  }
  assert.deepEqual(await verify(digits), { Status: "SUCCESS" });
  assert.equal((await op("GetUser", { AccessToken })).UserMFASettingList, undefined, "verified is not turned on");
  await op("SetUserMFAPreference", { AccessToken, SoftwareTokenMfaSettings: preferred });

  const second = new SoftwareToken((await associate()).SecretCode);
  const asked = await byPassword(pool, "ann");
  assert.ok((await respond(asked, { SOFTWARE_TOKEN_MFA_CODE: await token.code() })).tokens, "the first counts until the second is verified");
  await verify(await second.code(), { FriendlyDeviceName: "Second" });
  const again = await byPassword(pool, "ann");
  assert.equal(again.parameters.FRIENDLY_DEVICE_NAME, "Second");
  await refused(respond(again, { SOFTWARE_TOKEN_MFA_CODE: token.at(Math.floor((await serverTime()) / 30) + 1) }), ...wrongToken);
  assert.ok((await respond(again, { SOFTWARE_TOKEN_MFA_CODE: await second.code() })).tokens);
});

test("set-up needs one way to be known, and a pool that offers it", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"]);
  const { AccessToken } = await person(pool);
  const disabled = ["SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool"];
  await refused(op("AssociateSoftwareToken", { AccessToken }), ...disabled);
  await refused(op("VerifySoftwareToken", { AccessToken, UserCode: "123456" }), ...disabled);
  await refused(op("AssociateSoftwareToken", {}), "InvalidParameterException");
  await refused(op("VerifySoftwareToken", { UserCode: "123456" }), "InvalidParameterException");
  await refused(op("AssociateSoftwareToken", { AccessToken: "no.access.token" }), "NotAuthorizedException", "Invalid Access Token");
  await refused(op("AssociateSoftwareToken", { Session: "x".repeat(40) }), ...invalidSession);
  await refused(op("VerifySoftwareToken", { Session: "AYABe".repeat(20), UserCode: "123456" }), ...invalidSession);
});

test("a code counts once, at the set-up and at a sign-in", async () => {
  const pool = await makeFactorPool("OPTIONAL", totpOnly);
  const { AccessToken } = await person(pool);
  const token = new SoftwareToken((await op("AssociateSoftwareToken", { AccessToken })).SecretCode);
  const first = await token.code();
  await op("VerifySoftwareToken", { AccessToken, UserCode: first });
  await op("SetUserMFAPreference", { AccessToken, SoftwareTokenMfaSettings: preferred });
  const asked = await byPassword(pool, "ann");
  assert.deepEqual([asked.name, asked.parameters], ["SOFTWARE_TOKEN_MFA", { USER_ID_FOR_SRP: "ann" }]);
  await refused(respond(asked, { SOFTWARE_TOKEN_MFA_CODE: first }), ...usedToken);
  for (const bad of [wrong(first), "12345", "abcdef", "1234567"]) await refused(respond(asked, { SOFTWARE_TOKEN_MFA_CODE: bad }), ...wrongToken);
  await refused(respond(asked, {}), "InvalidParameterException", "Missing required parameter SOFTWARE_TOKEN_MFA_CODE");
  const second = await token.code();
  assert.ok((await respond(asked, { SOFTWARE_TOKEN_MFA_CODE: second })).tokens);
  await refused(respond(await byPassword(pool, "ann"), { SOFTWARE_TOKEN_MFA_CODE: second }), ...usedToken);
  const outdated = token.at(Math.floor((await serverTime()) / 30) - 3);
  await refused(respond(await byPassword(pool, "ann"), { SOFTWARE_TOKEN_MFA_CODE: outdated }), ...wrongToken);
  const late = await byPassword(pool, "ann");
  await advance("91s");
  const lately = token.at(Math.floor((await serverTime()) / 30) - 1);
  assert.ok((await respond(late, { SOFTWARE_TOKEN_MFA_CODE: lately })).tokens, "a step too late is good enough");
});

test("where MFA is required, the set-up passes from session to session", async () => {
  const pool = await makeFactorPool("ON", totpOnly);
  await makeUser(pool, "ann");
  const asked = await byPassword(pool, "ann");
  assert.equal(asked.name, "MFA_SETUP");
  assert.deepEqual(JSON.parse(asked.parameters.MFAS_CAN_SETUP), totpOnly);
  assert.equal(asked.parameters.USER_ID_FOR_SRP, "ann");
  await refused(respond(asked, {}), "InvalidParameterException");
  const made = await op("AssociateSoftwareToken", { Session: asked.session });
  assert.notEqual(made.Session, asked.session);
  await refused(op("AssociateSoftwareToken", { Session: asked.session }), ...usedSession);
  const token = new SoftwareToken(made.SecretCode);
  const digits = await token.code();
  await refused(op("VerifySoftwareToken", { Session: made.Session, UserCode: wrong(digits) }), ...notEnabled);
  await refused(respond(asked, {}, { Session: made.Session }), "InvalidParameterException");
  const verified = await op("VerifySoftwareToken", { Session: made.Session, UserCode: digits, FriendlyDeviceName: "My phone" });
  assert.equal(verified.Status, "SUCCESS");
  await refused(op("VerifySoftwareToken", { Session: made.Session, UserCode: await token.code() }), ...usedSession);
  const { tokens } = await respond(asked, { SOFTWARE_TOKEN_MFA_CODE: "extra keys are ignored" }, { Session: verified.Session });
  assert.equal(claims(tokens.AccessToken).username, "ann");
  await refused(respond(asked, {}, { Session: verified.Session }), ...usedSession);
  assert.deepEqual((await op("GetUser", { AccessToken: tokens.AccessToken })).UserMFASettingList, totpOnly);
});

test("a token that was verified counts even when its sign-in was given up", async () => {
  const pool = await makeFactorPool("ON", totpOnly);
  await makeUser(pool, "ann");
  const asked = await byPassword(pool, "ann");
  const rival = await byPassword(pool, "ann");
  const { SecretCode, Session } = await op("AssociateSoftwareToken", { Session: asked.session });
  const token = new SoftwareToken(SecretCode);
  await op("VerifySoftwareToken", { Session, UserCode: await token.code() });
  const again = await byPassword(pool, "ann");
  assert.equal(again.name, "SOFTWARE_TOKEN_MFA");
  await refused(op("AssociateSoftwareToken", { Session: rival.session }), "NotAuthorizedException");
  assert.ok((await respond(again, { SOFTWARE_TOKEN_MFA_CODE: await token.code() })).tokens);
});

test("a set-up that takes longer than its session starts anew", async () => {
  const pool = await makeFactorPool("ON", totpOnly);
  await makeUser(pool, "ann");
  const asked = await byPassword(pool, "ann");
  const { SecretCode, Session } = await op("AssociateSoftwareToken", { Session: asked.session });
  await advance("3m1s");
  const token = new SoftwareToken(SecretCode);
  await refused(op("VerifySoftwareToken", { Session, UserCode: await token.code() }), ...expiredSession);
  assert.equal((await byPassword(pool, "ann")).name, "MFA_SETUP");
});

test("an administrator takes a lost token away", async () => {
  const pool = await makeFactorPool("ON", totpOnly);
  await makeUser(pool, "ann");
  const asked = await byPassword(pool, "ann");
  const { SecretCode, Session } = await op("AssociateSoftwareToken", { Session: asked.session });
  const token = new SoftwareToken(SecretCode);
  await op("VerifySoftwareToken", { Session, UserCode: await token.code() });
  const remove = (Username) => op("AdminDeleteSoftwareToken", { UserPoolId: pool.id, Username });
  const pending = await byPassword(pool, "ann");
  await remove("ann");
  await refused(
    respond(pending, { SOFTWARE_TOKEN_MFA_CODE: await token.code() }), "SoftwareTokenMFANotFoundException",
    "Software Token MFA does not exist for the user.",
  );
  assert.equal((await op("AdminGetUser", { UserPoolId: pool.id, Username: "ann" })).UserMFASettingList, undefined);
  assert.equal((await byPassword(pool, "ann")).name, "MFA_SETUP");
  await refused(remove("nobody"), "UserNotFoundException", "User does not exist.");
});

// ---- text messages and e-mail

test("codes by text message and e-mail are asked for, counted and verified", async () => {
  const pool = await makeFactorPool("OPTIONAL", everyFactor);
  const { to, number } = await person(pool);
  await adminPrefer(pool, "ann", { SMSMfaSettings: preferred });
  const bySMS = await byPassword(pool, "ann");
  assert.deepEqual([bySMS.name, bySMS.parameters], ["SMS_MFA", {
    CODE_DELIVERY_DELIVERY_MEDIUM: "SMS", CODE_DELIVERY_DESTINATION: hidden(number), USER_ID_FOR_SRP: "ann",
  }]);
  const text = await code(number);
  assert.match(text, /^\d{6}$/);
  for (let i = 0; i < 6; i++) await refused(respond(bySMS, { SMS_MFA_CODE: wrong(text) }), ...wrongCode);
  await refused(respond(bySMS, { SOFTWARE_TOKEN_MFA_CODE: text }), "InvalidParameterException", "Missing required parameter SMS_MFA_CODE");
  await refused(
    respond(bySMS, { SOFTWARE_TOKEN_MFA_CODE: text }, { ChallengeName: "SOFTWARE_TOKEN_MFA" }), "SoftwareTokenMFANotFoundException",
    "Software Token MFA does not exist for the user.",
  );
  const { tokens } = await respond(bySMS, { SMS_MFA_CODE: text });
  assert.equal(claims(tokens.IdToken).phone_number_verified, true);
  await refused(respond(bySMS, { SMS_MFA_CODE: text }), ...usedSession);

  await adminPrefer(pool, "ann", { EmailMfaSettings: preferred });
  const byMail = await byPassword(pool, "ann");
  assert.deepEqual([byMail.name, byMail.parameters], ["EMAIL_OTP", {
    CODE_DELIVERY_DELIVERY_MEDIUM: "EMAIL", CODE_DELIVERY_DESTINATION: mask(to), USER_ID_FOR_SRP: "ann",
  }]);
  const [message] = await inbox(to);
  assert.equal(message.subject, "Your code");
  const mailed = await code(to);
  assert.ok(message.body.includes(`Your code is ${mailed}.`), "the pool's own words");
  await refused(respond(byMail, { EMAIL_OTP_CODE: wrong(mailed) }), ...wrongCode);
  await refused(respond(byMail, { EMAIL_OTP_CODE: text }), ...wrongCode);
  assert.ok((await respond(byMail, { EMAIL_OTP_CODE: mailed })).tokens);
});

test("a code is bound to its sign-in and ends with its session", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"], {}, { AuthSessionValidity: 5 });
  const { number } = await person(pool);
  const other = await person(pool, "bob");
  for (const name of ["ann", "bob"]) await adminPrefer(pool, name, { SMSMfaSettings: preferred });
  const first = await byPassword(pool, "ann");
  const early = await code(number);
  const second = await byPassword(pool, "ann");
  const late = await code(number);
  await refused(respond(first, { SMS_MFA_CODE: early }), ...wrongCode);
  await refused(respond(first, { SMS_MFA_CODE: late }), ...wrongCode);
  const bobs = await byPassword(pool, "bob");
  await refused(respond(bobs, { SMS_MFA_CODE: late }), ...wrongCode);
  assert.ok((await respond(bobs, { SMS_MFA_CODE: await code(other.number) })).tokens);
  await advance("4m59s");
  assert.ok((await respond(second, { SMS_MFA_CODE: late })).tokens);
  const third = await byPassword(pool, "ann");
  const digits = await code(number);
  await advance("5m1s");
  await refused(respond(third, { SMS_MFA_CODE: digits }), ...expiredSession);
});

test("an address that guards the sign-in does not recover the password", async () => {
  const pool = await makeFactorPool("OPTIONAL", everyFactor);
  const { to } = await person(pool);
  const forgot = () => op("ForgotPassword", { ClientId: pool.clientId, Username: "ann" });
  await adminPrefer(pool, "ann", { EmailMfaSettings: preferred });
  await refused(
    forgot(), "InvalidParameterException", "Cannot reset password for the user as there is no registered/verified email or phone_number",
  );
  await adminPrefer(pool, "ann", { EmailMfaSettings: off });
  assert.equal((await forgot()).CodeDeliveryDetails.Destination, mask(to));
});

test("e-mail is set up during a sign-in, unless the user has another address", async () => {
  const pool = await makeFactorPool("ON", ["EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]);
  await makeUser(pool, "ann");
  const asked = await byPassword(pool, "ann");
  assert.deepEqual(JSON.parse(asked.parameters.MFAS_CAN_SETUP).sort(), ["EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]);
  await refused(respond(asked, { EMAIL: "nonsense" }), "InvalidParameterException", "Invalid email address format.");
  const to = address();
  const next = await respond(asked, { EMAIL: to });
  assert.deepEqual([next.name, next.parameters.CODE_DELIVERY_DESTINATION], ["EMAIL_OTP", mask(to)]);
  const digits = await code(to);
  await refused(respond(next, { EMAIL_OTP_CODE: wrong(digits) }), ...wrongCode);
  const before = await op("AdminGetUser", { UserPoolId: pool.id, Username: "ann" });
  assert.equal(pairs(before.UserAttributes).email, undefined, "nothing is the user's before the code came back");
  const { tokens } = await respond(next, { EMAIL_OTP_CODE: digits });
  assert.deepEqual([claims(tokens.IdToken).email, claims(tokens.IdToken).email_verified], [to, true]);
  assert.equal((await byPassword(pool, "ann")).name, "EMAIL_OTP");

  await makeUser(pool, "bob", { email: address() });
  const bobs = await byPassword(pool, "bob");
  assert.equal(bobs.name, "MFA_SETUP", "an address that is not verified is no factor");
  await refused(respond(bobs, { EMAIL: address() }), "NotAuthorizedException", "Cannot modify an already provided email");
});

// ---- choice and preference

test("a user with several factors is asked for one of them", async () => {
  const pool = await makeFactorPool("OPTIONAL", everyFactor);
  const { AccessToken, to, number } = await person(pool);
  const token = await enrol(AccessToken, on);
  await op("SetUserMFAPreference", { AccessToken, SMSMfaSettings: on, EmailMfaSettings: on });
  const asked = await byPassword(pool, "ann");
  assert.equal(asked.name, "SELECT_MFA_TYPE");
  assert.deepEqual(JSON.parse(asked.parameters.MFAS_CAN_CHOOSE).sort(), [...everyFactor].sort());
  assert.equal(asked.parameters.USER_ID_FOR_SRP, "ann");
  assert.deepEqual([(await inbox(to)).length, (await inbox(number)).length], [0, 0], "nothing is sent before the choice");
  for (const ANSWER of ["WEB_AUTHN", "PASSWORD", "nonsense"]) await refused(respond(asked, { ANSWER }), "InvalidParameterException");
  await refused(respond(asked, {}), "InvalidParameterException", "Missing required parameter ANSWER");
  await refused(respond(asked, { SMS_MFA_CODE: "123456" }, { ChallengeName: "SMS_MFA" }), ...invalidSession);
  const byMail = await respond(asked, { ANSWER: "EMAIL_MFA" });
  assert.equal(byMail.name, "EMAIL_OTP", "the documentation's name is taken too");
  await refused(respond(asked, { ANSWER: "SMS_MFA" }), ...usedSession);
  assert.ok((await respond(byMail, { EMAIL_OTP_CODE: await code(to) })).tokens);
  for (const [ANSWER, response, digits] of [
    ["SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE", () => token.code()],
    ["SMS_MFA", "SMS_MFA_CODE", () => code(number)],
    ["EMAIL_OTP", "EMAIL_OTP_CODE", () => code(to)],
  ]) {
    const chosen = await respond(await byPassword(pool, "ann"), { ANSWER });
    assert.equal(chosen.name, ANSWER);
    assert.ok((await respond(chosen, { [response]: await digits() })).tokens, ANSWER);
  }
});

test("preferences follow their rules, for users and administrators alike", async () => {
  const pool = await makeFactorPool("OPTIONAL", everyFactor);
  await makeUser(pool, "bob");
  const { tokens } = await byPassword(pool, "bob");
  const { AccessToken } = await person(pool);
  const name = { SMSMfaSettings: "SMS_MFA", SoftwareTokenMfaSettings: "SOFTWARE_TOKEN_MFA", EmailMfaSettings: "EMAIL_OTP" };
  for (const [setting, factor] of Object.entries(name)) {
    const text = `User does not have delivery config set to turn on ${factor}`;
    await refused(op("SetUserMFAPreference", { AccessToken: tokens.AccessToken, [setting]: on }), "InvalidParameterException", text);
    await refused(adminPrefer(pool, "bob", { [setting]: preferred }), "InvalidParameterException", text);
    await adminPrefer(pool, "bob", { [setting]: off });
  }
  await refused(adminPrefer(pool, "nobody", { SMSMfaSettings: on }), "UserNotFoundException", "User does not exist.");

  await enrol(AccessToken, on);
  const set = (settings) => op("SetUserMFAPreference", { AccessToken, ...settings });
  const both = async () => {
    const own = await op("GetUser", { AccessToken });
    const { ConfiguredUserAuthFactors: factors, ...shown } = await op("GetUserAuthFactors", { AccessToken });
    const { UserMFASettingList, PreferredMfaSetting } = await op("AdminGetUser", { UserPoolId: pool.id, Username: "ann" });
    const { ConfiguredUserAuthFactors, ...admin } = await op("AdminGetUserAuthFactors", { UserPoolId: pool.id, Username: "ann" });
    assert.deepEqual([own.UserMFASettingList, own.PreferredMfaSetting], [UserMFASettingList, PreferredMfaSetting]);
    assert.deepEqual([shown.UserMFASettingList, shown.PreferredMfaSetting], [UserMFASettingList, PreferredMfaSetting]);
    assert.deepEqual([admin, ConfiguredUserAuthFactors], [shown, factors]);
    return [UserMFASettingList?.sort(), PreferredMfaSetting];
  };
  assert.deepEqual(await both(), [totpOnly, undefined]);
  await refused(set({ SMSMfaSettings: preferred, SoftwareTokenMfaSettings: preferred }), "InvalidParameterException");
  await refused(set({ SMSMfaSettings: { Enabled: false, PreferredMfa: true } }), "InvalidParameterException");
  assert.deepEqual(await both(), [totpOnly, undefined], "a refusal changes nothing");
  await set({ SMSMfaSettings: preferred });
  assert.deepEqual(await both(), [["SMS_MFA", "SOFTWARE_TOKEN_MFA"], "SMS_MFA"]);
  await set({ EmailMfaSettings: preferred });
  assert.deepEqual(await both(), [[...everyFactor].sort(), "EMAIL_OTP"], "a new preference takes the place of the old");
  await set({ EmailMfaSettings: off });
  assert.deepEqual(await both(), [["SMS_MFA", "SOFTWARE_TOKEN_MFA"], undefined]);
  await set({});
  assert.deepEqual(await both(), [["SMS_MFA", "SOFTWARE_TOKEN_MFA"], undefined], "what is left out stays");
});

test("the legacy settings are text messages only, and shown by themselves", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"]);
  const { AccessToken, number } = await person(pool);
  const MFAOptions = [{ DeliveryMedium: "SMS", AttributeName: "phone_number" }];
  await op("SetUserSettings", { AccessToken, MFAOptions });
  const own = await op("GetUser", { AccessToken });
  assert.deepEqual([own.MFAOptions, own.UserMFASettingList], [MFAOptions, undefined]);
  const asked = await byPassword(pool, "ann");
  assert.equal(asked.name, "SMS_MFA");
  assert.ok((await respond(asked, { SMS_MFA_CODE: await code(number) })).tokens);
  await op("AdminSetUserSettings", { UserPoolId: pool.id, Username: "ann", MFAOptions: [] });
  assert.equal((await op("AdminGetUser", { UserPoolId: pool.id, Username: "ann" })).MFAOptions, undefined);
  assert.ok((await byPassword(pool, "ann")).tokens);
  await op("AdminSetUserSettings", { UserPoolId: pool.id, Username: "ann", MFAOptions });
  assert.equal((await byPassword(pool, "ann")).name, "SMS_MFA");
  const byMail = [{ DeliveryMedium: "EMAIL", AttributeName: "email" }];
  await refused(op("SetUserSettings", { AccessToken, MFAOptions: byMail }), "InvalidParameterException");
});

test("where MFA is required, a phone number alone is a factor, and turning MFA off ends it", async () => {
  const pool = await makeFactorPool("ON", ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]);
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  const asked = await byPassword(pool, "ann");
  assert.equal(asked.name, "SMS_MFA");
  const { tokens } = await respond(asked, { SMS_MFA_CODE: await code(number) });
  await enrol(tokens.AccessToken);
  await configure(pool, { MfaConfiguration: "ON", ...factorBlocks.SMS_MFA });
  assert.equal((await byPassword(pool, "ann")).name, "SOFTWARE_TOKEN_MFA", "a token that was set up is still asked for");
  await configure(pool, { MfaConfiguration: "OFF" });
  assert.ok((await byPassword(pool, "ann")).tokens);
});

test("administrators walk the whole ladder: new password, set-up, tokens", async () => {
  const pool = await makeFactorPool("ON", totpOnly);
  await op("AdminCreateUser", { UserPoolId: pool.id, Username: "ann", MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!" });
  const admin = { UserPoolId: pool.id, ClientId: pool.clientId };
  const renew = await op("AdminInitiateAuth", {
    ...admin, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", AuthParameters: { USERNAME: "ann", PASSWORD: "Temp-0rary!" },
  });
  assert.equal(renew.ChallengeName, "NEW_PASSWORD_REQUIRED");
  const answer = (ChallengeName, Session, responses) =>
    op("AdminRespondToAuthChallenge", { ...admin, ChallengeName, Session, ChallengeResponses: { USERNAME: "ann", ...responses } });
  await refused(answer("NEW_PASSWORD_REQUIRED", renew.Session, { NEW_PASSWORD: "weakling" }), "InvalidPasswordException");
  await refused(answer("MFA_SETUP", renew.Session, {}), ...invalidSession);
  const setUp = await answer("NEW_PASSWORD_REQUIRED", renew.Session, { NEW_PASSWORD: password });
  assert.equal(setUp.ChallengeName, "MFA_SETUP");
  const { SecretCode, Session } = await op("AssociateSoftwareToken", { Session: setUp.Session });
  const token = new SoftwareToken(SecretCode);
  const verified = await op("VerifySoftwareToken", { Session, UserCode: await token.code() });
  const { AuthenticationResult } = await answer("MFA_SETUP", verified.Session, {});
  assert.equal(claims(AuthenticationResult.IdToken)["cognito:username"], "ann");
});

// ---- sessions between challenges

test("a session serves its user, its client and its challenge, once", async () => {
  const pool = await makeFactorPool("OPTIONAL", everyFactor);
  const { number } = await person(pool);
  await makeUser(pool, "bob");
  await adminPrefer(pool, "ann", { SMSMfaSettings: preferred });
  const other = await makeClient(pool, { ExplicitAuthFlows: everyFlowOfChoice });
  const elsewhere = await makePool();
  const asked = await byPassword(pool, "ann");
  const digits = await code(number);
  const right = { SMS_MFA_CODE: digits };
  await refused(respond(asked, right, { ClientId: other.ClientId }), ...invalidSession);
  await refused(respond(asked, right, { ClientId: elsewhere.clientId }), ...invalidSession);
  await refused(respond(asked, { ...right, USERNAME: "bob" }), ...invalidSession);
  await refused(respond(asked, right, { Session: undefined }), "InvalidParameterException", "Missing required parameter Session");
  await refused(respond(asked, { ...right, USERNAME: "" }), "InvalidParameterException", "Missing required parameter USERNAME");
  await refused(respond(asked, right, { Session: randomUUID() }), ...invalidSession);
  for (const ChallengeName of [
    "EMAIL_OTP", "NEW_PASSWORD_REQUIRED", "CUSTOM_CHALLENGE", "MFA_SETUP", "SELECT_MFA_TYPE", "SELECT_CHALLENGE", "WEB_AUTHN",
  ]) {
    const anything = { ...right, EMAIL_OTP_CODE: digits, NEW_PASSWORD: "An0ther-horse!", ANSWER: "SMS_MFA", CREDENTIAL: "{}" };
    await refused(respond(asked, anything, { ChallengeName }), "NotAuthorizedException", "Invalid session for the user.");
  }
  const flipped = asked.session.slice(0, -8) + (asked.session.at(-8) === "A" ? "B" : "A") + asked.session.slice(-7);
  await refused(respond(asked, right, { Session: flipped }), ...invalidSession);
  assert.ok((await respond(asked, right)).tokens, "the next correct try works");
  await refused(respond(asked, right), ...usedSession);

  const late = await byPassword(pool, "ann");
  const tooLate = await code(number);
  await advance("3m1s");
  await refused(respond(late, { SMS_MFA_CODE: tooLate }), ...expiredSession);
});

test("of two answers at the same time, one gets tokens", async () => {
  const pool = await makeFactorPool("OPTIONAL", totpOnly);
  const { AccessToken } = await person(pool);
  const token = await enrol(AccessToken);
  const asked = await byPassword(pool, "ann");
  const digits = await token.code();
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => respond(asked, { SOFTWARE_TOKEN_MFA_CODE: digits })));
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  const others = await Promise.allSettled(
    (await Promise.all(Array.from({ length: 4 }, () => byPassword(pool, "ann")))).map((step) => respond(step, { SOFTWARE_TOKEN_MFA_CODE: digits })),
  );
  for (const { reason } of others) assert.deepEqual([reason?.name, reason?.message], usedToken);
});

test("a user who is disabled, changed or deleted meanwhile gets no tokens", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"]);
  const { number } = await person(pool);
  await adminPrefer(pool, "ann", { SMSMfaSettings: preferred });
  const asked = await byPassword(pool, "ann");
  const right = { SMS_MFA_CODE: await code(number) };
  await op("AdminDisableUser", { UserPoolId: pool.id, Username: "ann" });
  await refused(respond(asked, right), "NotAuthorizedException", "User is disabled.");
  await op("AdminEnableUser", { UserPoolId: pool.id, Username: "ann" });
  await refused(respond(asked, right), "NotAuthorizedException", "Invalid session for the user."); // whoever is disabled is signed out
  const last = await byPassword(pool, "ann");
  const digits = await code(number);
  await op("AdminDeleteUser", { UserPoolId: pool.id, Username: "ann" });
  await refused(respond(last, { SMS_MFA_CODE: digits }), "UserNotFoundException", "User does not exist.");
  await makeUser(pool, "ann", { phone_number: number });
  await refused(respond(last, { SMS_MFA_CODE: digits }), "UserNotFoundException", "User does not exist.");
});

test("every answer of a client with a secret needs the hash", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"], {}, { GenerateSecret: true });
  const { number } = await person(pool);
  await adminPrefer(pool, "ann", { SMSMfaSettings: preferred });
  const asked = await byPassword(pool, "ann");
  const right = { SMS_MFA_CODE: await code(number) };
  await refused(
    respond(asked, { ...right, SECRET_HASH: undefined }), "NotAuthorizedException",
    `Client ${pool.clientId} is configured with secret but SECRET_HASH was not received`,
  );
  await refused(
    respond(asked, { ...right, SECRET_HASH: secretHash(pool, "bob") }), "NotAuthorizedException",
    `SecretHash does not match for the client: ${pool.clientId}`,
  );
  assert.ok((await respond(asked, right)).tokens);
});

test("factors are taken away with the attribute they need, and lock nobody in", async () => {
  const pool = await makeFactorPool("OPTIONAL", everyFactor);
  const { AccessToken, to } = await person(pool);
  await enrol(AccessToken, on);
  await adminPrefer(pool, "ann", { SMSMfaSettings: preferred, EmailMfaSettings: on });
  await op("AdminDeleteUserAttributes", { UserPoolId: pool.id, Username: "ann", UserAttributeNames: ["phone_number"] });
  const asked = await byPassword(pool, "ann");
  assert.equal(asked.name, "SELECT_MFA_TYPE");
  assert.deepEqual(JSON.parse(asked.parameters.MFAS_CAN_CHOOSE).sort(), ["EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]);
  const chosen = await respond(asked, { ANSWER: "EMAIL_OTP" });
  assert.ok((await respond(chosen, { EMAIL_OTP_CODE: await code(to) })).tokens);
});

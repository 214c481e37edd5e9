// The AWS SDK for JavaScript v3 through sign-up, confirmation and password recovery.
import assert from "node:assert/strict";
import { test } from "node:test";
import { address, code, initiate, list, mail, makePool, makeUser, mask, op, pairs, password, phone, refused, signIn, uuid, wrong } from "./support.mjs";

const byMail = { AutoVerifiedAttributes: ["email"] };
const mismatch = ["CodeMismatchException", "Invalid verification code provided, please try again."];
const expired = ["ExpiredCodeException", "Invalid code provided, please request a code again."];

const signUp = (pool, Username, attributes = {}, input = {}) =>
  op("SignUp", { ClientId: pool.clientId, Username, Password: password, UserAttributes: list(attributes), ...input });
const confirm = (pool, Username, ConfirmationCode, input) => op("ConfirmSignUp", { ClientId: pool.clientId, Username, ConfirmationCode, ...input });
const resend = (pool, Username) => op("ResendConfirmationCode", { ClientId: pool.clientId, Username });
const forgot = (pool, Username) => op("ForgotPassword", { ClientId: pool.clientId, Username });
const recover = (pool, Username, ConfirmationCode, Password = "Bett3r-horse!") =>
  op("ConfirmForgotPassword", { ClientId: pool.clientId, Username, ConfirmationCode, Password });
const user = async (pool, Username) => {
  const got = await op("AdminGetUser", { UserPoolId: pool.id, Username });
  return { status: got.UserStatus, ...pairs(got.UserAttributes) };
};

test("a user signs up, is mailed a code, confirms and signs in", async () => {
  const pool = await makePool(byMail);
  const to = address();
  const { UserSub, ...made } = await signUp(pool, "ann", { email: to, name: "Ann" });
  assert.match(UserSub, uuid);
  assert.deepEqual(made, {
    UserConfirmed: false,
    CodeDeliveryDetails: { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: mask(to) },
  });
  const message = await mail(to);
  assert.match(message.code, /^\d{6}$/);
  assert.equal(message.medium, "EMAIL");
  assert.equal(message.to, to);
  assert.equal(message.username, "ann");
  assert.equal(message.poolId, pool.id);
  assert.ok(message.body.includes(message.code));
  const before = await user(pool, "ann");
  assert.notEqual(before.email_verified, "true");
  assert.deepEqual({ ...before, email_verified: undefined }, { status: "UNCONFIRMED", sub: UserSub, email: to, email_verified: undefined, name: "Ann" });

  await refused(initiate(pool, "ann"), "UserNotConfirmedException", "User is not confirmed.");
  await refused(initiate(pool, "ann", "Wr0ng-horse!"), "UserNotConfirmedException", "User is not confirmed.");
  await refused(confirm(pool, "ann", wrong(message.code)), ...mismatch);
  assert.deepEqual(await confirm(pool, "ann", message.code), {});
  assert.deepEqual(await user(pool, "ann"), { status: "CONFIRMED", sub: UserSub, email: to, email_verified: "true", name: "Ann" });
  await refused(confirm(pool, "ann", message.code), "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED");
  await refused(resend(pool, "ann"), "InvalidParameterException", "User is already confirmed.");
  await refused(signUp(pool, "ann", { email: to }), "UsernameExistsException", "User already exists");
  await signIn(pool, "ann");
});

test("a newer code replaces the older one", async () => {
  const pool = await makePool(byMail);
  const to = address();
  await signUp(pool, "ann", { email: to });
  const first = await code(to);
  assert.deepEqual(await resend(pool, "ann"), {
    CodeDeliveryDetails: { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: mask(to) },
  });
  const second = await code(to);
  if (first !== second) await refused(confirm(pool, "ann", first), ...mismatch);
  await confirm(pool, "ann", second);
});

test("without a contact to verify nothing is sent and an administrator confirms", async () => {
  const pool = await makePool();
  const to = address();
  const made = await signUp(pool, "ann", { email: to });
  assert.deepEqual(Object.keys(made).sort(), ["UserConfirmed", "UserSub"]);
  await refused(resend(pool, "ann"), "NotAuthorizedException", "Cannot resend codes. Auto verification not turned on.");
  await refused(confirm(pool, "ann", "123456"), ...expired);
  assert.deepEqual(await op("AdminConfirmSignUp", { UserPoolId: pool.id, Username: "ann" }), {});
  const got = await user(pool, "ann");
  assert.equal(got.status, "CONFIRMED");
  assert.notEqual(got.email_verified, "true", "an administrator's confirmation verifies no contact");
  await signIn(pool, "ann");
});

test("a telephone number gets its code as a text message", async () => {
  const pool = await makePool({ AutoVerifiedAttributes: ["phone_number", "email"] });
  const [number, to] = [phone(), address()];
  const { CodeDeliveryDetails } = await signUp(pool, "ann", { phone_number: number, email: to });
  assert.deepEqual(CodeDeliveryDetails, {
    AttributeName: "phone_number",
    DeliveryMedium: "SMS",
    Destination: `+${"*".repeat(7)}${number.slice(-4)}`,
  });
  await confirm(pool, "ann", await code(number));
  const got = await user(pool, "ann");
  assert.equal(got.phone_number_verified, "true");
  assert.notEqual(got.email_verified, "true");
});

test("in a pool of e-mail user names the address signs up, confirms, recovers and signs in", async () => {
  const pool = await makePool({ ...byMail, UsernameAttributes: ["email"] });
  const to = address();
  const { UserSub } = await signUp(pool, to);
  await refused(signUp(pool, to), "UsernameExistsException", "An account with the given email already exists.");
  await refused(signUp(pool, "ann"), "InvalidParameterException", "Username should be an email.");
  await confirm(pool, to, await code(to));
  const got = await user(pool, UserSub);
  assert.equal(got.email, to);
  assert.equal(got.email_verified, "true");
  await forgot(pool, to);
  await recover(pool, to, await code(to));
  await signIn(pool, to, "Bett3r-horse!");
});

test("the pool's own words carry the code", async () => {
  const pool = await makePool({
    ...byMail,
    VerificationMessageTemplate: { DefaultEmailOption: "CONFIRM_WITH_CODE", EmailSubject: "Number inside", EmailMessage: "It is {####}, <b>friend</b>." },
  });
  const to = address();
  await signUp(pool, "ann", { email: to });
  const message = await mail(to);
  assert.equal(message.subject, "Number inside");
  assert.match(message.body, new RegExp(`^It is ${message.code}, <b>friend</b>\\.\\s*$`));
});

test("an alias taken at sign-up shows at the confirmation, and moves by force", async () => {
  const pool = await makePool({ ...byMail, AliasAttributes: ["email"] });
  const to = address();
  await makeUser(pool, "ann", { email: to, email_verified: "true" });
  await signUp(pool, "bob", { email: to });
  const digits = await code(to);
  await refused(confirm(pool, "bob", digits), "AliasExistsException", /^An account with the (given )?email already exists\.$/);
  assert.equal((await user(pool, "bob")).status, "UNCONFIRMED");
  await confirm(pool, "bob", digits, { ForceAliasCreation: true });
  assert.equal((await user(pool, "bob")).email_verified, "true");
  assert.equal((await user(pool, "ann")).email_verified, "false");
  await signIn(pool, to);
  await refused(signUp(pool, "cyd@example.com"), "InvalidParameterException", "Username cannot be of email format, since user pool is configured for email alias.");
});

test("sign-up refuses what the pool or the client does not take, and stores nothing", async (t) => {
  const pool = await makePool(
    { Schema: [{ Name: "name", AttributeDataType: "String", Required: true, Mutable: true }, { Name: "team", AttributeDataType: "String", Mutable: true }] },
    { WriteAttributes: ["name", "email", "phone_number"] },
  );
  const cases = {
    "a required attribute left out": [{}, "InvalidParameterException", /^Attributes did not conform to the schema: name: The attribute is required\n?$/],
    "an attribute the client may not write": [
      { name: "Ann", "custom:team": "x" },
      "NotAuthorizedException",
      "A client attempted to write unauthorized attribute",
    ],
    "a bad address": [{ name: "Ann", email: "nowhere" }, "InvalidParameterException", "Invalid email address format."],
    "a bad number": [{ name: "Ann", phone_number: "12065551212" }, "InvalidParameterException", "Invalid phone number format."],
  };
  for (const [name, [attributes, fault, message]] of Object.entries(cases)) {
    await t.test(name, async () => {
      await refused(signUp(pool, "ann", attributes), fault, message);
      await refused(user(pool, "ann"), "UserNotFoundException", "User does not exist.");
    });
  }
  await t.test("a pool that only administrators fill", async () => {
    const closed = await makePool({ AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
    await refused(signUp(closed, "ann"), "NotAuthorizedException", "SignUp is not permitted for this user pool");
  });
});

test("a forgotten password is replaced with the code that was mailed", async () => {
  const pool = await makePool(byMail);
  const to = address();
  await makeUser(pool, "ann", { email: to, email_verified: "true" });
  assert.deepEqual(await forgot(pool, "ann"), {
    CodeDeliveryDetails: { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: mask(to) },
  });
  const first = await code(to);
  assert.match(first, /^\d{6}$/);
  await signIn(pool, "ann");
  await forgot(pool, "ann");
  const second = await code(to);
  await refused(recover(pool, "ann", wrong(second)), ...mismatch);
  await refused(recover(pool, "ann", second, "weakling"), "InvalidPasswordException", /^Password does not conform to policy: Password must have /);
  assert.deepEqual(await recover(pool, "ann", second), {});
  await refused(recover(pool, "ann", second), ...expired);
  await refused(initiate(pool, "ann"), "NotAuthorizedException", "Incorrect username or password.");
  await signIn(pool, "ann", "Bett3r-horse!");
});

test("a forgotten password is not replaced where the state, the contact or the pool forbids it", async () => {
  const pool = await makePool(byMail);
  await makeUser(pool, "unreachable");
  await refused(
    forgot(pool, "unreachable"),
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
  );
  await refused(recover(pool, "unreachable", "123456"), ...expired);
  await op("AdminCreateUser", {
    UserPoolId: pool.id, Username: "forced", MessageAction: "SUPPRESS", UserAttributes: list({ email: address(), email_verified: "true" }),
  });
  await refused(forgot(pool, "forced"), "NotAuthorizedException", "User password cannot be reset in the current state.");
  await makeUser(pool, "disabled", { email: address(), email_verified: "true" });
  await op("AdminDisableUser", { UserPoolId: pool.id, Username: "disabled" });
  await refused(forgot(pool, "disabled"), "NotAuthorizedException", "User is disabled.");
  const closed = await makePool({ ...byMail, AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "admin_only", Priority: 1 }] } });
  await makeUser(closed, "ann", { email: address(), email_verified: "true" });
  await refused(forgot(closed, "ann"), "NotAuthorizedException", "Contact administrator to reset password.");
});

test("recovery prefers the contact that the pool prefers", async () => {
  const mechanisms = (...names) => ({ AccountRecoverySetting: { RecoveryMechanisms: names.map((Name, i) => ({ Name, Priority: i + 1 })) } });
  const cases = [
    [mechanisms("verified_email", "verified_phone_number"), "EMAIL"],
    [mechanisms("verified_phone_number", "verified_email"), "SMS"],
  ];
  for (const [settings, medium] of cases) {
    const pool = await makePool(settings);
    await makeUser(pool, "ann", { email: address(), email_verified: "true", phone_number: phone(), phone_number_verified: "true" });
    assert.equal((await forgot(pool, "ann")).CodeDeliveryDetails.DeliveryMedium, medium);
  }
});

test("a code serves its own purpose and user only", async () => {
  const pool = await makePool(byMail);
  const [to, other] = [address(), address()];
  await signUp(pool, "ann", { email: to });
  await signUp(pool, "bob", { email: other });
  const digits = await code(to);
  await refused(recover(pool, "ann", digits), "ExpiredCodeException");
  if ((await code(other)) !== digits) await refused(confirm(pool, "bob", digits), ...mismatch);
  const foreign = await makePool(byMail);
  await refused(confirm(foreign, "ann", digits), "UserNotFoundException", "Username/client id combination not found.");
  await confirm(pool, "ann", digits);
});

test("fields of the wrong form are told in the service's words", async () => {
  const pool = await makePool();
  await refused(
    signUp(pool, "two words"),
    "InvalidParameterException",
    /^1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
  );
  await refused(
    op("SignUp", { ClientId: "not a client!", Username: "ann", Password: password }),
    "InvalidParameterException",
    /^1 validation error detected: Value at 'clientId' failed to satisfy constraint: Member must satisfy regular expression pattern: \[\\w\+\]\+$/,
  );
  await refused(
    signUp(pool, "a".repeat(129)),
    "InvalidParameterException",
    "1 validation error detected: Value at 'username' failed to satisfy constraint: Member must have length less than or equal to 128",
  );
  await refused(
    op("SignUp", {}),
    "InvalidParameterException",
    /^2 validation errors detected: (?=.*Value at 'clientId' failed to satisfy constraint: Member must not be null)(?=.*Value at 'username' failed).*; /,
  );
});

// The AWS SDK for JavaScript v3 against pools with triggers: what functions are asked about new users and messages, what their
// answers change, and what becomes of their failures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./esdk.mjs";
import { Functions, Raw, Status, envelope, fails, makeTriggerPool, serveFunctions } from "./lambda.mjs";
import {
  address, begin, claims, code, everyFlowOfChoice, factorBlocks, inbox, initiate, list, mail, makeClient, makePool, makeUser, op, ownSender,
  password, phone, refused, respond, shown, signIn, wrong,
} from "./support.mjs";

serveFunctions();

const signUp = (pool, Username, attributes = {}, more = {}) =>
  op("SignUp", { ClientId: pool.clientId, Username, Password: password, UserAttributes: list(attributes), ...more });
const confirmSignUp = (pool, Username, ConfirmationCode, more = {}) =>
  op("ConfirmSignUp", { ClientId: pool.clientId, Username, ConfirmationCode, ...more });

test("a sign-up is told before and after it, in the shape that handlers know", async () => {
  const { pool, functions } = await makeTriggerPool();
  const to = address();
  const { UserSub } = await signUp(pool, "ann", { email: to, name: "Ann" }, {
    ValidationData: list({ captcha: "ok" }), ClientMetadata: { from: "sign-up" },
  });
  assert.deepEqual(functions.events.splice(0), [
    {
      ...envelope(pool, "PreSignUp_SignUp", "ann"),
      request: { userAttributes: { email: to, name: "Ann" }, validationData: { captcha: "ok" }, clientMetadata: { from: "sign-up" } },
      response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
    },
    {
      ...envelope(pool, "CustomMessage_SignUp", "ann"),
      request: {
        userAttributes: { sub: UserSub, email: to, email_verified: "false", name: "Ann", "cognito:user_status": "UNCONFIRMED" },
        codeParameter: "{####}", linkParameter: "{##Click Here##}", usernameParameter: null, clientMetadata: { from: "sign-up" },
      },
      response: { smsMessage: null, emailMessage: null, emailSubject: null },
    },
  ]);
  await confirmSignUp(pool, "ann", await code(to), { ClientMetadata: { from: "confirmation" } });
  assert.deepEqual(functions.events.splice(0), [
    {
      ...envelope(pool, "PostConfirmation_ConfirmSignUp", "ann"),
      request: {
        userAttributes: { sub: UserSub, email: to, email_verified: "true", name: "Ann", "cognito:user_status": "CONFIRMED" },
        clientMetadata: { from: "confirmation" },
      },
      response: {},
    },
  ]);
  await signUp(pool, "bob");
  const { PreSignUp_SignUp: bare, ...others } = functions.take();
  assert.deepEqual(bare.request, { userAttributes: {}, validationData: null });
  assert.deepEqual(others, {}, "nothing is sent to a user without an address");
});

test("a function refuses a sign-up, or confirms it and vouches for its addresses", async () => {
  const { pool, functions } = await makeTriggerPool({
    PreSignUp: ({ userAttributes: { email, "custom:plan": plan } }) => {
      if (email?.endsWith("@evil.example")) throw new Error("Not from there.");
      return plan === "invited" ? { autoConfirmUser: true, autoVerifyEmail: true } : {};
    },
    PostConfirmation: () => ({}),
    CustomMessage: () => ({}),
  }, { AliasAttributes: ["email"], Schema: [{ Name: "plan", AttributeDataType: "String", Mutable: true }] });
  await refused(
    signUp(pool, "eve", { email: "eve@evil.example" }), "UserLambdaValidationException", "PreSignUp failed with error Not from there..",
  );
  await refused(shown(pool, "eve"), "UserNotFoundException", "User does not exist.");
  functions.sources();

  const to = address();
  const made = await signUp(pool, "ann", { email: to, "custom:plan": "invited" }, { ClientMetadata: { k: "v" } });
  assert.deepEqual([made.UserConfirmed, made.CodeDeliveryDetails], [true, undefined]);
  const events = functions.take();
  assert.deepEqual(Object.keys(events), ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"]);
  assert.deepEqual(events.PostConfirmation_ConfirmSignUp.request.clientMetadata, { k: "v" });
  assert.equal(events.PostConfirmation_ConfirmSignUp.request.userAttributes["cognito:email_alias"], to);
  assert.deepEqual(await inbox(to), []);
  const { status, email_verified } = await shown(pool, "ann");
  assert.deepEqual([status, email_verified], ["CONFIRMED", "true"]);

  await signUp(pool, "amy", { email: to, "custom:plan": "invited" });
  assert.equal((await shown(pool, "amy")).email_verified, "true", "the alias moves to the newest");
  assert.equal((await shown(pool, "ann")).email_verified, "false");
  assert.equal(claims((await signIn(pool, to)).AccessToken).username, "amy");

  const { pool: vouching } = await makeTriggerPool({ PreSignUp: () => ({ autoVerifyEmail: true }) });
  await refused(signUp(vouching, "bob"), "InvalidParameterException");
  await refused(shown(vouching, "bob"), "UserNotFoundException");
});

test("an administrator's new user is told without a client, and not confirmed by a function", async () => {
  const { pool, functions } = await makeTriggerPool({
    PreSignUp: () => ({ autoConfirmUser: true, autoVerifyEmail: true }), PostConfirmation: () => ({}), CustomMessage: () => ({}),
  });
  const to = address();
  const create = (more) =>
    op("AdminCreateUser", { UserPoolId: pool.id, Username: "ann", UserAttributes: list({ email: to }), DesiredDeliveryMediums: ["EMAIL"], ...more });
  await create({ ClientMetadata: { from: "admin" }, ValidationData: list({ ticket: "7" }) });
  const events = functions.take();
  assert.deepEqual(Object.keys(events), ["PreSignUp_AdminCreateUser", "CustomMessage_AdminCreateUser"]);
  const { PreSignUp_AdminCreateUser: before, CustomMessage_AdminCreateUser: message } = events;
  assert.equal(before.callerContext.clientId, "CLIENT_ID_NOT_APPLICABLE");
  assert.deepEqual(before.request, { userAttributes: { email: to }, validationData: { ticket: "7" }, clientMetadata: { from: "admin" } });
  assert.equal(message.request.usernameParameter, "{username}");
  assert.deepEqual(message.request.clientMetadata, { from: "admin" });
  const { status, email_verified } = await shown(pool, "ann");
  assert.deepEqual([status, email_verified], ["FORCE_CHANGE_PASSWORD", undefined]);
  await create({ MessageAction: "RESEND" });
  assert.deepEqual(functions.sources(), ["CustomMessage_AdminCreateUser"]);
  await op("AdminCreateUser", { UserPoolId: pool.id, Username: "bob", MessageAction: "SUPPRESS", UserAttributes: list({ email: to }) });
  assert.deepEqual(functions.sources(), ["PreSignUp_AdminCreateUser"]);
});

test("a confirmation stands even when the function afterwards fails", async () => {
  const { pool, functions } = await makeTriggerPool({ PostConfirmation: fails("no welcome") });
  const to = address();
  await signUp(pool, "ann", { email: to });
  const digits = await code(to);
  await refused(confirmSignUp(pool, "ann", digits), "UserLambdaValidationException", "PostConfirmation failed with error no welcome.");
  assert.equal((await shown(pool, "ann")).status, "CONFIRMED");
  await refused(confirmSignUp(pool, "ann", digits), "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED");

  functions.answers.PostConfirmation = () => ({});
  await signUp(pool, "bob", {});
  await op("AdminConfirmSignUp", { UserPoolId: pool.id, Username: "bob", ClientMetadata: { by: "admin" } });
  const event = functions.events.at(-1);
  assert.deepEqual([event.triggerSource, event.callerContext.clientId], ["PostConfirmation_ConfirmSignUp", "CLIENT_ID_NOT_APPLICABLE"]);
  assert.deepEqual(event.request.clientMetadata, { by: "admin" });
});

// ---- words

test("a function words every message", async () => {
  const words = ({ codeParameter, usernameParameter }, { triggerSource }) => {
    const text = `${triggerSource} ${codeParameter} ${usernameParameter ?? ""}`.trim();
    return { emailSubject: `About ${triggerSource}`, emailMessage: `<b>${text}</b>`, smsMessage: text };
  };
  const { pool, functions } = await makeTriggerPool({ CustomMessage: words }, ownSender);
  await op("SetUserPoolMfaConfig", { UserPoolId: pool.id, MfaConfiguration: "OPTIONAL", ...factorBlocks.SMS_MFA, ...factorBlocks.EMAIL_OTP });
  const [to, next, number] = [address(), address(), phone()];
  const check = async (source, destination = to) => {
    const message = await mail(destination);
    const name = `CustomMessage_${source}`;
    const text = `${name} ${message.code}${source === "AdminCreateUser" ? " bob" : ""}`;
    assert.deepEqual([message.subject, message.body], message.medium === "EMAIL" ? [`About ${name}`, `<b>${text}</b>`] : ["", text]);
    assert.deepEqual(functions.sources(), [name]);
    return message.code;
  };
  await signUp(pool, "ann", { email: to, phone_number: number });
  await check("SignUp");
  await op("ResendConfirmationCode", { ClientId: pool.clientId, Username: "ann", ClientMetadata: { k: "v" } });
  assert.deepEqual(functions.events.at(-1).request.clientMetadata, { k: "v" });
  await confirmSignUp(pool, "ann", await check("ResendCode"));
  const { AccessToken } = await signIn(pool, "ann");
  await op("UpdateUserAttributes", { AccessToken, UserAttributes: list({ email: next }) });
  await check("UpdateUserAttribute", next);
  await op("GetUserAttributeVerificationCode", { AccessToken, AttributeName: "email" });
  await op("VerifyUserAttribute", { AccessToken, AttributeName: "email", Code: await check("VerifyUserAttribute", next) });
  await op("ForgotPassword", { ClientId: pool.clientId, Username: "ann" });
  await check("ForgotPassword", next);
  await op("AdminResetUserPassword", { UserPoolId: pool.id, Username: "ann" });
  await check("ForgotPassword", next);
  await op("AdminSetUserPassword", { UserPoolId: pool.id, Username: "ann", Password: password, Permanent: true });
  await op("AdminSetUserMFAPreference", { UserPoolId: pool.id, Username: "ann", SMSMfaSettings: { Enabled: true, PreferredMfa: true } });
  await initiate(pool, "ann");
  await check("Authentication", number);
  await op("AdminSetUserMFAPreference", { UserPoolId: pool.id, Username: "ann", EmailMfaSettings: { Enabled: true, PreferredMfa: true } });
  await initiate(pool, "ann");
  await check("Authentication", next);
  await op("AdminCreateUser", {
    UserPoolId: pool.id, Username: "bob", TemporaryPassword: "Temp-0rary!", UserAttributes: list({ email: to }), DesiredDeliveryMediums: ["EMAIL"],
  });
  assert.equal(await check("AdminCreateUser"), "Temp-0rary!");
});

test("words without their placeholder are refused, or passed over in an invitation", async () => {
  let words;
  const { pool } = await makeTriggerPool({ CustomMessage: () => words });
  const to = address();
  words = { emailMessage: "no code in here" };
  await refused(
    signUp(pool, "ann", { email: to }), "InvalidParameterException",
    /^1 validation error detected: Value 'no code in here' at 'emailBody' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
  );
  assert.equal((await shown(pool, "ann")).status, "UNCONFIRMED", "the user is there");
  assert.deepEqual(await inbox(to), []);
  const again = () => op("ResendConfirmationCode", { ClientId: pool.clientId, Username: "ann" });
  words = { emailMessage: "" };
  await refused(again(), "InvalidParameterException", "The message is empty.");
  words = { emailMessage: "{####}".padEnd(20_001, "x") };
  await refused(again(), "InvalidParameterException");
  words = { smsMessage: "no code, but no text message either" };
  await again();
  const { code: digits, subject } = await mail(to);
  assert.ok(subject, "the pool's own words");
  await confirmSignUp(pool, "ann", digits);
  words = { emailSubject: "Welcome", emailMessage: "Your password is {####}, your name a riddle" };
  const guest = address();
  await op("AdminCreateUser", {
    UserPoolId: pool.id, Username: "bob", TemporaryPassword: "Temp-0rary!", UserAttributes: list({ email: guest }), DesiredDeliveryMediums: ["EMAIL"],
  });
  const invitation = await mail(guest);
  assert.notEqual(invitation.subject, "Welcome");
  assert.ok(invitation.body.includes("bob") && invitation.body.includes("Temp-0rary!"));
});

// ---- senders

const KMSKeyID = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555";

test("custom senders get every code, sealed, and the server sends nothing itself", async () => {
  const functions = new Functions({ CustomEmailSender: fails("nobody hears this"), CustomSMSSender: () => ({}), CustomMessage: () => ({}) });
  const sender = (name) => ({ LambdaVersion: "V1_0", LambdaArn: functions.arn(name) });
  const pool = await makePool({
    AutoVerifiedAttributes: ["email"],
    ...ownSender,
    LambdaConfig: {
      ...functions.config("CustomMessage"), KMSKeyID, CustomEmailSender: sender("CustomEmailSender"), CustomSMSSender: sender("CustomSMSSender"),
    },
  }, { ExplicitAuthFlows: everyFlowOfChoice });
  await op("SetUserPoolMfaConfig", { UserPoolId: pool.id, MfaConfiguration: "OPTIONAL", ...factorBlocks.SMS_MFA });
  const [to, number] = [address(), phone()];
  const sent = async (source) => {
    for (const end = performance.now() + 30_000; functions.events.length === 0 && performance.now() < end; ) {
      await new Promise((go) => setTimeout(go, 10));
    }
    const event = functions.take()[source];
    assert.ok(event, `no ${source}`);
    assert.equal(event.response, undefined);
    const { text, keyARN, context } = await open(event.request.code);
    assert.equal(keyARN, KMSKeyID);
    assert.equal(context["userpool-id"], pool.id);
    return { ...event, text };
  };
  const { CodeDeliveryDetails, UserSub } = await signUp(pool, "ann", { email: to, phone_number: number }, { ClientMetadata: { k: "v" } });
  assert.equal(CodeDeliveryDetails.DeliveryMedium, "EMAIL");
  const first = await sent("CustomEmailSender_SignUp");
  assert.deepEqual(first.request, {
    type: "customEmailSenderRequestV1", code: first.request.code, clientMetadata: { k: "v" },
    userAttributes: { sub: UserSub, email: to, email_verified: "false", phone_number: number, "cognito:user_status": "UNCONFIRMED" },
  });
  assert.match(first.text, /^\d{6}$/);
  await confirmSignUp(pool, "ann", first.text);
  await op("AdminSetUserMFAPreference", { UserPoolId: pool.id, Username: "ann", SMSMfaSettings: { Enabled: true, PreferredMfa: true } });
  const asked = await begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: password });
  const text = await sent("CustomSMSSender_Authentication");
  assert.deepEqual([text.request.type, text.request.clientMetadata], ["customSMSSenderRequestV1", null]);
  await refused(respond(asked, { SMS_MFA_CODE: wrong(text.text) }), "CodeMismatchException", "Invalid code or auth state for the user.");
  assert.ok((await respond(asked, { SMS_MFA_CODE: text.text })).tokens);
  const invite = address();
  await op("AdminCreateUser", {
    UserPoolId: pool.id, Username: "bob", TemporaryPassword: "<Temp-0rary!>", UserAttributes: list({ email: invite }), DesiredDeliveryMediums: ["EMAIL"],
  });
  assert.equal((await sent("CustomEmailSender_AdminCreateUser")).text, "&lt;Temp-0rary!&gt;");
  for (const destination of [to, number, invite]) assert.deepEqual(await inbox(destination), []);
});

// ---- failures

test("each failure of a function has its exception and its text", async () => {
  const { pool, functions } = await makeTriggerPool({ PreAuthentication: () => ({}) });
  await makeUser(pool, "ann");
  const outcome = (answer) => {
    functions.answers.PreAuthentication = answer;
    return initiate(pool, "ann");
  };
  const unrecognizable = ["InvalidLambdaResponseException", "Unrecognizable lambda output"];
  const nonsense = ["InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON"];
  for (const [text, expected] of [
    ["null", unrecognizable], ['"ok"', unrecognizable], ["[]", unrecognizable], ["{}", unrecognizable], ['{"response":null}', unrecognizable],
    ["", nonsense], ["<html>", nonsense], ['{"response":[]}', nonsense], ['{"response":"x"}', nonsense],
    [`{"response":{"x":"${"y".repeat(5 << 20)}"}}`, nonsense],
  ]) {
    await refused(outcome(() => new Raw(text)), ...expected).catch((error) => {
      throw new Error(`answer ${text.slice(0, 40)}: ${error.message}`);
    });
  }
  await refused(outcome(fails("Not now.")), "UserLambdaValidationException", "PreAuthentication failed with error Not now..");
  await refused(outcome(fails("line\nbreak and ✨")), "UserLambdaValidationException", "PreAuthentication failed with error line\nbreak and ✨.");
  functions.sources();
  for (const [status, type] of [[404, "ResourceNotFoundException"], [403, "AccessDeniedException"], [429, "TooManyRequestsException"]]) {
    const text = `PreAuthentication invocation failed due to error ${type}.`;
    await refused(outcome(() => { throw new Status(status, type); }), "UnexpectedLambdaException", text);
  }
  assert.ok(functions.events.length >= 5, "too many requests are tried again");
  functions.sources();
  await refused(outcome(() => { throw new Status(500, "ServiceException"); }), "UnexpectedLambdaException");
  assert.equal(functions.events.length, 1, "a failure of the service is not tried again");
  assert.ok((await outcome(() => ({ extra: "ignored" }))).AuthenticationResult, "the next correct try works");

  await op("UpdateUserPool", {
    UserPoolId: pool.id, LambdaConfig: { PreAuthentication: "arn:aws:lambda:us-east-1:123456789012:function:nowhere" },
  });
  await refused(
    initiate(pool, "ann"), "UnexpectedLambdaException", "PreAuthentication invocation failed due to error ResourceNotFoundException.",
  );
  await op("UpdateUserPool", { UserPoolId: pool.id });
  assert.deepEqual((await op("DescribeUserPool", { UserPoolId: pool.id })).UserPool.LambdaConfig, {});
  assert.ok((await signIn(pool, "ann")).AccessToken, "without a LambdaConfig there are no triggers");
});

test("a function that does not answer is tried three times, and nothing is half-done", async () => {
  const functions = new Functions({ PreSignUp: () => new Promise(() => {}) });
  const pool = await makePool({ LambdaConfig: functions.config() });
  const start = performance.now();
  await refused(
    signUp(pool, "ann"), "UnexpectedLambdaException", "PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.",
  );
  const took = (performance.now() - start) / 1000;
  assert.ok(took > 14, `gave up after ${took} s`);
  assert.equal(functions.events.length, 3);
  await refused(shown(pool, "ann"), "UserNotFoundException");
  functions.answers = {};
  await signUp(pool, "ann");
});

test("a pool keeps its triggers as they were configured", async () => {
  const functions = new Functions();
  const PreTokenGeneration = functions.arn("PreTokenGeneration");
  const described = async (LambdaConfig, settings = {}) => {
    const pool = await makePool({ LambdaConfig, ...settings });
    return (await op("DescribeUserPool", { UserPoolId: pool.id })).UserPool.LambdaConfig;
  };
  const mirrored = (LambdaVersion) => ({ PreTokenGeneration, PreTokenGenerationConfig: { LambdaVersion, LambdaArn: PreTokenGeneration } });
  assert.deepEqual(await described({ PreTokenGeneration }), mirrored("V1_0"));
  assert.deepEqual(await described({ PreTokenGenerationConfig: mirrored("V2_0").PreTokenGenerationConfig }), mirrored("V2_0"));
  await refused(
    described({ PreTokenGeneration: functions.arn("PreSignUp"), PreTokenGenerationConfig: mirrored("V2_0").PreTokenGenerationConfig }),
    "InvalidParameterException",
  );
  await refused(described(mirrored("V2_0"), { UserPoolTier: "LITE" }), "FeatureUnavailableInTierException");
  const keyless = { CustomEmailSender: { LambdaVersion: "V1_0", LambdaArn: functions.arn("CustomEmailSender") } };
  await refused(described(keyless), "InvalidParameterException");
  const pool = await makePool({ LambdaConfig: functions.config("PreSignUp") });
  const other = await makeClient(pool);
  await op("SignUp", { ClientId: other.ClientId, Username: "ann", Password: password });
  assert.equal(functions.take().PreSignUp_SignUp.callerContext.clientId, other.ClientId);
});

// The AWS SDK for JavaScript v3 against pools with triggers: what each function is asked, in which order, and what its answer changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";
import { open } from "./esdk.mjs";
import { Functions, Raw, Status, riddle, serveFunctions } from "./lambda.mjs";
import {
  MemoryStorage, address, begin, claims, code, endpoint, everyFlowOfChoice, factorBlocks, inbox, initiate, list, mail, makeChoicePool, makeClient,
  makePool, makeUser, op, ownSender, pairs, password, phone, refresh, refused, region, respond, sdk, signIn, uuid, wrong,
} from "./support.mjs";

serveFunctions();

/** everyTrigger has no answer but the event itself, which means that everything goes as it would without. */
const everyTrigger = [
  "PreSignUp", "PostConfirmation", "PreAuthentication", "PostAuthentication", "PreTokenGeneration", "UserMigration", "CustomMessage",
];

/** pooled makes a pool with functions for the triggers that have an answer, or for all that need none. */
async function pooled(answers, settings = {}, clientSettings = {}, triggers = answers ? [] : everyTrigger) {
  const functions = new Functions(answers);
  const pool = await makePool(
    { AutoVerifiedAttributes: ["email"], LambdaConfig: functions.config(...triggers), ...settings },
    { ExplicitAuthFlows: everyFlowOfChoice, ...clientSettings },
  );
  return { pool, functions };
}

const signUp = (pool, Username, attributes = {}, more = {}) =>
  op("SignUp", { ClientId: pool.clientId, Username, Password: password, UserAttributes: list(attributes), ...more });
const confirmSignUp = (pool, Username, ConfirmationCode, more = {}) =>
  op("ConfirmSignUp", { ClientId: pool.clientId, Username, ConfirmationCode, ...more });
const shown = async (pool, Username) => {
  const { UserAttributes, UserStatus } = await op("AdminGetUser", { UserPoolId: pool.id, Username });
  return { status: UserStatus, ...pairs(UserAttributes) };
};
const fails = (text) => () => {
  throw new Error(text);
};

/** The SDK as it names itself to servers. */
const [[sdkName, sdkVersion]] = await sdk().config.defaultUserAgentProvider();

/** envelope is what an event has around its request and response. */
const envelope = (pool, triggerSource, userName, clientId = pool.clientId) => ({
  version: "1", region, userPoolId: pool.id, userName, triggerSource, callerContext: { awsSdkVersion: `${sdkName}-${sdkVersion}`, clientId },
});

test("a sign-up is told before and after it, in the shape that handlers know", async () => {
  const { pool, functions } = await pooled();
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
  const { pool, functions } = await pooled({
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

  const { pool: vouching } = await pooled({ PreSignUp: () => ({ autoVerifyEmail: true }) });
  await refused(signUp(vouching, "bob"), "InvalidParameterException");
  await refused(shown(vouching, "bob"), "UserNotFoundException");
});

test("an administrator's new user is told without a client, and not confirmed by a function", async () => {
  const { pool, functions } = await pooled({
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
  const { pool, functions } = await pooled({ PostConfirmation: fails("no welcome") });
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

// ---- sign-in

test("a sign-in by password asks three functions in order, each with its part of the metadata", async () => {
  const { pool, functions } = await pooled();
  const { Attributes } = await makeUser(pool, "ann", { email: "ann@example.com", email_verified: "true" });
  const userAttributes = { ...pairs(Attributes), "cognito:user_status": "CONFIRMED" };
  functions.sources();
  await begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: password }, { ClientMetadata: { k: "v" } });
  const [before, after, token, ...more] = functions.events.splice(0);
  assert.deepEqual(more, []);
  assert.deepEqual(before, {
    ...envelope(pool, "PreAuthentication_Authentication", "ann"), request: { userAttributes, validationData: { k: "v" } }, response: {},
  });
  assert.deepEqual(after, {
    ...envelope(pool, "PostAuthentication_Authentication", "ann"), request: { userAttributes, newDeviceUsed: false }, response: {},
  });
  assert.deepEqual(token, {
    ...envelope(pool, "TokenGeneration_Authentication", "ann"),
    request: { userAttributes, groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [], preferredRole: null } },
    response: { claimsOverrideDetails: null },
  });
  await refused(initiate(pool, "ann", "Wr0ng-horse!"), "NotAuthorizedException");
  assert.deepEqual(functions.sources(), ["PreAuthentication_Authentication"]);
  await op("AdminInitiateAuth", {
    UserPoolId: pool.id, ClientId: pool.clientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", AuthParameters: { USERNAME: "ann", PASSWORD: password },
  });
  assert.deepEqual(functions.sources(), [
    "PreAuthentication_Authentication", "PostAuthentication_Authentication", "TokenGeneration_Authentication",
  ]);
});

test("SRP asks the first function at its start and the others at its end", async () => {
  const { pool, functions } = await pooled();
  await makeUser(pool, "ann");
  functions.sources();
  const user = srpUser(pool);
  await new Promise((onSuccess, onFailure) =>
    user.authenticateUser(new AuthenticationDetails({ Username: "ann", Password: password, ClientMetadata: { k: "v" } }), { onSuccess, onFailure }),
  );
  const asked = functions.events.splice(0);
  assert.deepEqual(asked.map((event) => event.triggerSource), [
    "PreAuthentication_Authentication", "PostAuthentication_Authentication", "TokenGeneration_Authentication",
  ]);
  assert.deepEqual(asked[0].request.validationData, { k: "v" });
  assert.deepEqual(asked[1].request.clientMetadata, { k: "v" }, "what RespondToAuthChallenge said");
  assert.deepEqual(asked[2].request.clientMetadata, { k: "v" });
});

/** srpUser is a user object of identity-js, which proves passwords and devices by SRP. */
function srpUser(pool, storage = new MemoryStorage()) {
  const userPool = new CognitoUserPool({ UserPoolId: pool.id, ClientId: pool.clientId, endpoint, Storage: storage });
  const user = new CognitoUser({ Username: "ann", Pool: userPool, Storage: storage });
  user.getCachedDeviceKeyAndPassword();
  return user;
}

const authenticate = (user) =>
  new Promise((resolve, reject) =>
    user.authenticateUser(new AuthenticationDetails({ Username: "ann", Password: password }), {
      onSuccess: resolve, onFailure: reject, mfaRequired: (name) => resolve(name),
    }),
  );

test("a refusal at the start denies the sign-in and does not count as a wrong password", async () => {
  const { pool, functions } = await pooled({ PreAuthentication: fails("Closed at night"), PostAuthentication: () => ({}) });
  await makeUser(pool, "ann");
  for (let i = 0; i < 8; i++) {
    await refused(initiate(pool, "ann"), "UserLambdaValidationException", "PreAuthentication failed with error Closed at night.");
  }
  functions.answers = { PostAuthentication: fails("Too old") };
  await refused(initiate(pool, "ann"), "UserLambdaValidationException", "PostAuthentication failed with error Too old.");
  functions.answers = {};
  assert.ok((await signIn(pool, "ann")).AccessToken);
  await refused(initiate(pool, "nobody"), "UserNotFoundException", "User does not exist.");
  assert.equal(functions.events.at(-1).userName, "ann", "nobody asks about a user who does not exist");
});

test("a client that hides users has functions told about those who do not exist", async () => {
  const { pool, functions } = await pooled(undefined, {}, { PreventUserExistenceErrors: "ENABLED" }, ["PreAuthentication", "PostAuthentication"]);
  await makeUser(pool, "ann");
  await refused(initiate(pool, "nobody"), "NotAuthorizedException", "Incorrect username or password.");
  const { PreAuthentication_Authentication: event } = functions.take();
  assert.equal(event.userName, "nobody");
  assert.deepEqual(event.request, { userAttributes: {}, validationData: null, userNotFound: true });
  await signIn(pool, "ann");
  assert.equal(functions.take().PreAuthentication_Authentication.request.userNotFound, false);
});

test("each way to end a sign-in names its occasion", async () => {
  const { pool, functions } = await pooled(undefined, {
    DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: false },
  });
  await op("SetUserPoolMfaConfig", { UserPoolId: pool.id, MfaConfiguration: "OPTIONAL", ...factorBlocks.SMS_MFA });
  const number = phone();
  await op("AdminCreateUser", {
    UserPoolId: pool.id, Username: "ann", MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!", UserAttributes: list({ phone_number: number }),
  });
  functions.sources();
  const renew = await begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: "Temp-0rary!" });
  assert.deepEqual(functions.sources(), ["PreAuthentication_Authentication"]);
  await respond(renew, { NEW_PASSWORD: password }, { ClientMetadata: { step: "2" } });
  const renewed = functions.take();
  assert.deepEqual(Object.keys(renewed), ["PostAuthentication_Authentication", "TokenGeneration_NewPasswordChallenge"]);
  for (const { request } of Object.values(renewed)) assert.deepEqual(request.clientMetadata, { step: "2" });
  assert.equal(renewed.PostAuthentication_Authentication.request.newDeviceUsed, true);

  await op("AdminSetUserMFAPreference", { UserPoolId: pool.id, Username: "ann", SMSMfaSettings: { Enabled: true, PreferredMfa: true } });
  const asked = await begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: password }, { ClientMetadata: { step: "1" } });
  const { CustomMessage_Authentication: message, ...first } = functions.take();
  assert.deepEqual(Object.keys(first), ["PreAuthentication_Authentication"]);
  assert.equal(message.request.clientMetadata, undefined, "InitiateAuth tells the message nothing");
  const { tokens } = await respond(asked, { SMS_MFA_CODE: await code(number) });
  assert.deepEqual(functions.sources(), ["PostAuthentication_Authentication", "TokenGeneration_Authentication"]);
  assert.ok(tokens.NewDeviceMetadata);

  const storage = new MemoryStorage();
  const user = srpUser(pool, storage);
  assert.equal(await authenticate(user), "SMS_MFA");
  await new Promise(async (onSuccess, onFailure) => user.sendMFACode(await code(number), { onSuccess, onFailure }));
  functions.sources();
  const session = await authenticate(srpUser(pool, storage));
  const byDevice = functions.take();
  assert.deepEqual(Object.keys(byDevice), [
    "PreAuthentication_Authentication", "PostAuthentication_Authentication", "TokenGeneration_AuthenticateDevice",
  ]);
  assert.equal(byDevice.PostAuthentication_Authentication.request.newDeviceUsed, false);

  const device = session.getAccessToken().decodePayload().device_key;
  const token = session.getRefreshToken().getToken();
  await op("InitiateAuth", {
    ClientId: pool.clientId, AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: { REFRESH_TOKEN: token, DEVICE_KEY: device }, ClientMetadata: { k: "v" },
  });
  assert.equal(functions.take().TokenGeneration_RefreshTokens.request.clientMetadata, undefined);
  await op("GetTokensFromRefreshToken", { ClientId: pool.clientId, RefreshToken: token, DeviceKey: device, ClientMetadata: { k: "v" } });
  assert.deepEqual(functions.take().TokenGeneration_RefreshTokens.request.clientMetadata, { k: "v" });
});

test("USER_AUTH asks before the choice and sends codes with the words of a function", async () => {
  const functions = new Functions();
  const pool = await makeChoicePool({ LambdaConfig: functions.config(...everyTrigger) });
  const to = address();
  await makeUser(pool, "ann", { email: to, email_verified: "true" });
  functions.sources();
  const choice = await begin(pool, "USER_AUTH", "ann", {}, { ClientMetadata: { k: "v" } });
  assert.deepEqual(functions.take().PreAuthentication_Authentication.request.validationData, { k: "v" });
  functions.answers.CustomMessage = ({ codeParameter }) => ({ emailSubject: "Hello", emailMessage: `Say ${codeParameter}!` });
  const asked = await respond(choice, { ANSWER: "EMAIL_OTP" }, { ClientMetadata: { step: "2" } });
  assert.deepEqual(functions.take().CustomMessage_Authentication.request.clientMetadata, { step: "2" });
  const message = await mail(to);
  assert.match(message.code, /^\d{8}$/);
  assert.deepEqual([message.subject, message.body], ["Hello", `Say ${message.code}!`]);
  await respond(asked, { EMAIL_OTP_CODE: message.code });
  assert.deepEqual(functions.sources(), ["PostAuthentication_Authentication", "TokenGeneration_Authentication"]);
});

// ---- tokens

const group = (pool, GroupName, more = {}) => op("CreateGroup", { UserPoolId: pool.id, GroupName, ...more });
const roleOf = (name) => `arn:aws:iam::123456789012:role/${name}`;

test("a function of version 1 changes the ID token, on every occasion anew", async () => {
  let answer = { claimsToAddOrOverride: { plan: "gold", email: "other@example.com", sub: "stolen", "cognito:username": "stolen" }, claimsToSuppress: ["name"] };
  const { pool, functions } = await pooled({ PreTokenGeneration: () => ({ claimsOverrideDetails: answer }) });
  await makeUser(pool, "ann", { email: "ann@example.com", name: "Ann" });
  await group(pool, "readers", { RoleArn: roleOf("readers"), Precedence: 1 });
  await op("AdminAddUserToGroup", { UserPoolId: pool.id, Username: "ann", GroupName: "readers" });
  const tokens = await signIn(pool, "ann");
  const { request, version, response } = functions.events.at(-1);
  assert.deepEqual([version, response], ["1", { claimsOverrideDetails: null }]);
  assert.deepEqual(request.groupConfiguration, {
    groupsToOverride: ["readers"], iamRolesToOverride: [roleOf("readers")], preferredRole: roleOf("readers"),
  });
  assert.equal(request.scopes, undefined);
  const id = claims(tokens.IdToken);
  assert.deepEqual([id.plan, id.email, id.name, id["cognito:username"]], ["gold", "other@example.com", undefined, "ann"]);
  assert.match(id.sub, uuid);
  assert.deepEqual([id["cognito:groups"], id["cognito:roles"]], [["readers"], [roleOf("readers")]]);
  const access = claims(tokens.AccessToken);
  assert.deepEqual([access.plan, access["cognito:groups"]], [undefined, ["readers"]]);

  answer = { groupOverrideDetails: { groupsToOverride: ["writers"], iamRolesToOverride: [roleOf("w")], preferredRole: roleOf("w") } };
  const refreshed = (await refresh(pool, tokens.RefreshToken)).AuthenticationResult;
  const again = claims(refreshed.IdToken);
  assert.deepEqual([again.plan, again.name], [undefined, "Ann"], "nothing stays from the issue before");
  assert.deepEqual(
    [again["cognito:groups"], again["cognito:roles"], again["cognito:preferred_role"]], [["writers"], [roleOf("w")], roleOf("w")],
  );
  assert.deepEqual(claims(refreshed.AccessToken)["cognito:groups"], ["writers"]);
  answer = { groupOverrideDetails: {} };
  assert.equal(claims((await signIn(pool, "ann")).IdToken)["cognito:groups"], undefined);
  answer = { claimsToAddOrOverride: { level: 7 } };
  await refused(initiate(pool, "ann"), "InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON");
  functions.answers.PreTokenGeneration = fails("no tokens today");
  await refused(initiate(pool, "ann"), "UserLambdaValidationException", "PreTokenGeneration failed with error no tokens today.");
});

for (const [LambdaVersion, version] of [["V2_0", "2"], ["V3_0", "3"]]) {
  test(`a function of version ${version} changes both tokens and the scopes`, async () => {
    const functions = new Functions({
      PreTokenGeneration: () => ({
        claimsAndScopeOverrideDetails: {
          idTokenGeneration: { claimsToAddOrOverride: { levels: [1, { deep: true }], both: "x" }, claimsToSuppress: ["email", "both"] },
          accessTokenGeneration: {
            claimsToAddOrOverride: { tenant: { id: 7 }, client_id: "stolen", aud: "someone else", jti: "stolen" },
            claimsToSuppress: ["username"], scopesToAdd: ["orders/read", "orders/write"], scopesToSuppress: ["orders/write"],
          },
        },
      }),
    });
    const LambdaArn = functions.arn("PreTokenGeneration");
    const pool = await makePool({ LambdaConfig: { PreTokenGenerationConfig: { LambdaVersion, LambdaArn } } });
    await makeUser(pool, "ann", { email: "ann@example.com" });
    const tokens = await signIn(pool, "ann");
    const event = functions.take().TokenGeneration_Authentication;
    assert.deepEqual([event.version, event.response], [version, { claimsAndScopeOverrideDetails: null }]);
    assert.deepEqual(event.request.scopes, ["aws.cognito.signin.user.admin"]);
    const [id, access] = [claims(tokens.IdToken), claims(tokens.AccessToken)];
    assert.deepEqual([id.levels, id.both, id.email, id.tenant], [[1, { deep: true }], undefined, undefined, undefined]);
    assert.deepEqual([access.tenant, access.client_id, access.aud, access.username], [{ id: 7 }, pool.clientId, undefined, undefined]);
    assert.match(access.jti, uuid);
    assert.deepEqual(access.scope.split(" ").sort(), ["aws.cognito.signin.user.admin", "orders/read"]);
    assert.equal((await op("GetUser", { AccessToken: tokens.AccessToken })).Username, "ann", "the token is a token of ours all the same");
  });
}

// ---- another directory

/** legacy is the directory that users come from. */
const legacy = (users) => ({ password: given }, { userName }) => {
  const user = users[userName];
  if (!user || (given !== undefined && user.password !== given)) throw new Error("Bad password");
  const { password: _, ...answer } = user;
  return answer;
};

test("a user comes from another directory with the password typed", async () => {
  const to = address();
  const users = {
    ann: { password: "weak", userAttributes: { email: to, email_verified: "true", name: "Ann" }, finalUserStatus: "CONFIRMED", messageAction: "SUPPRESS" },
    bob: { password: "weak", userAttributes: { email: to, email_verified: "true" }, messageAction: "SUPPRESS" },
    dan: { password: "weak", userAttributes: {} },
  };
  const { pool, functions } = await pooled({
    UserMigration: legacy(users), PreAuthentication: () => ({}), PostAuthentication: () => ({}), PreSignUp: () => ({}), PostConfirmation: () => ({}),
  });
  const { tokens } = await begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: "weak" }, { ClientMetadata: { k: "v" } });
  assert.equal(claims(tokens.IdToken).email, to);
  const [asked, ...others] = functions.events.splice(0);
  assert.deepEqual(asked, {
    ...envelope(pool, "UserMigration_Authentication", "ann"),
    request: { password: "weak", validationData: { k: "v" }, userAttributes: null },
    response: {
      userAttributes: null, forceAliasCreation: null, finalUserStatus: null, messageAction: null, desiredDeliveryMediums: null, enableSMSMFA: null,
    },
  });
  assert.deepEqual(others.map((event) => event.triggerSource), ["PostAuthentication_Authentication"]);
  assert.deepEqual(await inbox(to), []);
  await signIn(pool, "ann", "weak");
  assert.deepEqual(functions.sources(), ["PreAuthentication_Authentication", "PostAuthentication_Authentication"], "known from now on");

  await refused(initiate(pool, "bob", "weak"), "PasswordResetRequiredException", "Password reset required for the user");
  assert.equal((await shown(pool, "bob")).status, "RESET_REQUIRED");
  await refused(initiate(pool, "cat", "weak"), "UserLambdaValidationException", "UserMigration failed with error Bad password.");
  await refused(initiate(pool, "dan", "weak"), "UserNotFoundException", "User does not exist.");
  for (const name of ["cat", "dan"]) await refused(shown(pool, name), "UserNotFoundException");
  await refused(begin(pool, "USER_SRP_AUTH", "eve", { SRP_A: "abcdef" }), "UserNotFoundException", "User does not exist.");
  assert.ok(!functions.events.some((event) => event.userName === "eve"), "SRP has no password to show");
});

test("a client that hides users hides whom the other directory does not know", async () => {
  const { pool } = await pooled({ UserMigration: () => ({}) }, {}, { PreventUserExistenceErrors: "ENABLED" });
  await refused(initiate(pool, "nobody"), "NotAuthorizedException", "Incorrect username or password.");
});

test("a user comes from another directory with a forgotten password", async () => {
  const to = address();
  const { pool, functions } = await pooled({
    UserMigration: legacy({ ann: { userAttributes: { email: to, email_verified: "true" }, messageAction: "SUPPRESS" } }),
    CustomMessage: () => ({}), PostConfirmation: () => ({}),
  });
  await op("ForgotPassword", { ClientId: pool.clientId, Username: "ann", ClientMetadata: { k: "v" } });
  const { UserMigration_ForgotPassword: asked, CustomMessage_ForgotPassword: message } = functions.take();
  assert.deepEqual(asked.request, { validationData: null, userAttributes: null, clientMetadata: { k: "v" } });
  assert.deepEqual(message.request.clientMetadata, { k: "v" });
  await op("ConfirmForgotPassword", {
    ClientId: pool.clientId, Username: "ann", ConfirmationCode: await code(to), Password: password, ClientMetadata: { k: "w" },
  });
  assert.deepEqual(functions.take().PostConfirmation_ConfirmForgotPassword.request.clientMetadata, { k: "w" });
  await signIn(pool, "ann");
});

// ---- challenges of one's own

test("a riddle is told to its three functions step by step", async () => {
  const { pool, functions } = await pooled({
    ...riddle(["blue", "green"]), PreAuthentication: () => ({}), PostAuthentication: () => ({}), PreTokenGeneration: () => ({}),
  });
  const { Attributes } = await makeUser(pool, "ann", { name: "Ann" });
  const userAttributes = { ...pairs(Attributes), "cognito:user_status": "CONFIRMED" };
  const one = await begin(pool, "CUSTOM_AUTH", "ann", {}, { ClientMetadata: { k: "v" } });
  assert.deepEqual([one.name, one.parameters], ["CUSTOM_CHALLENGE", { USERNAME: "ann", question: "colour 1" }]);
  const [before, define, create] = functions.events.splice(0);
  assert.deepEqual(before.request, { userAttributes, validationData: { k: "v" } });
  assert.deepEqual(define, {
    ...envelope(pool, "DefineAuthChallenge_Authentication", "ann"),
    request: { userAttributes, session: [] },
    response: { challengeName: null, issueTokens: null, failAuthentication: null },
  });
  assert.deepEqual(create, {
    ...envelope(pool, "CreateAuthChallenge_Authentication", "ann"),
    request: { userAttributes, challengeName: "CUSTOM_CHALLENGE", session: [] },
    response: { publicChallengeParameters: null, privateChallengeParameters: null, challengeMetadata: null },
  });

  const two = await respond(one, { ANSWER: "red" }, { ClientMetadata: { step: "2" } });
  assert.notEqual(two.session, one.session);
  const [verify, defined, created] = functions.events.splice(0);
  assert.deepEqual(verify, {
    ...envelope(pool, "VerifyAuthChallengeResponse_Authentication", "ann"),
    request: { userAttributes, privateChallengeParameters: { answer: "blue" }, challengeAnswer: "red", clientMetadata: { step: "2" } },
    response: { answerCorrect: null },
  });
  const session = [{ challengeName: "CUSTOM_CHALLENGE", challengeResult: false, challengeMetadata: "ROUND_1" }];
  for (const { request } of [defined, created]) {
    assert.deepEqual(request.session, session);
    assert.deepEqual(request.clientMetadata, { step: "2" });
  }
  await refused(respond(one, { ANSWER: "blue" }), "NotAuthorizedException", "Invalid session for the user.");
  assert.deepEqual(functions.sources(), [], "an old session asks nobody");

  const three = await respond(two, { ANSWER: "blue" });
  const { tokens } = await respond(three, { ANSWER: "green" });
  assert.equal(claims(tokens.AccessToken).username, "ann");
  assert.deepEqual(functions.sources().slice(-4), [
    "VerifyAuthChallengeResponse_Authentication", "DefineAuthChallenge_Authentication", "PostAuthentication_Authentication",
    "TokenGeneration_Authentication",
  ]);
});

test("a riddle may be long, and a user may not exist", async () => {
  const long = "x".repeat(20_000);
  const { pool, functions } = await pooled({
    DefineAuthChallenge: ({ session }) =>
      session.length > 0 && session.at(-1).challengeResult ? { issueTokens: true } : { challengeName: "CUSTOM_CHALLENGE" },
    CreateAuthChallenge: () => ({ publicChallengeParameters: { long }, privateChallengeParameters: { long }, challengeMetadata: long.slice(0, 2000) }),
    VerifyAuthChallengeResponse: ({ privateChallengeParameters, challengeAnswer }) => ({
      answerCorrect: challengeAnswer === String(privateChallengeParameters.long.length),
    }),
  }, {}, { PreventUserExistenceErrors: "ENABLED" });
  await makeUser(pool, "ann");
  let asked = await begin(pool, "CUSTOM_AUTH", "ann");
  assert.equal(asked.parameters.long, long);
  for (let i = 0; i < 5; i++) asked = await respond(asked, { ANSWER: "1" });
  assert.ok(asked.session.length <= 2048, `a session of ${asked.session.length} characters`);
  assert.equal(functions.events.at(-1).request.session.length, 5);
  assert.equal(functions.events.at(-1).request.userNotFound, false);
  assert.ok((await respond(asked, { ANSWER: "20000" })).tokens);

  const nobody = await begin(pool, "CUSTOM_AUTH", "nobody");
  assert.deepEqual(functions.events.at(-1).request.userNotFound, true);
  assert.deepEqual(functions.events.at(-1).request.userAttributes, {});
  await refused(respond(nobody, { ANSWER: "20000" }, {}), "NotAuthorizedException", "Incorrect username or password.");
});

test("a ladder that a function gets wrong leads nowhere", async () => {
  const { pool, functions } = await pooled(riddle());
  await makeUser(pool, "ann");
  const start = (define) => {
    functions.answers.DefineAuthChallenge = define;
    return begin(pool, "CUSTOM_AUTH", "ann");
  };
  await refused(start(() => ({})), "InvalidLambdaResponseException", "Unrecognizable lambda output");
  await refused(start(() => ({ failAuthentication: true, issueTokens: true })), "NotAuthorizedException", "Incorrect username or password.");
  await refused(start(() => ({ challengeName: "PASSWORD_VERIFIER" })), "InvalidLambdaResponseException");
  await refused(start(fails("undefined")), "UserLambdaValidationException", "DefineAuthChallenge failed with error undefined.");
  const asked = await start(riddle().DefineAuthChallenge);
  functions.answers.VerifyAuthChallengeResponse = fails("cannot tell");
  await refused(respond(asked, { ANSWER: "blue" }), "UserLambdaValidationException", "VerifyAuthChallengeResponse failed with error cannot tell.");
  functions.answers.VerifyAuthChallengeResponse = () => ({ answerCorrect: "yes" });
  const again = await start(riddle().DefineAuthChallenge);
  await refused(respond(again, { ANSWER: "blue" }), "InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON");
  await refused(respond(again, {}), "InvalidParameterException", "Missing required parameter ANSWER");
  functions.answers = riddle();
  assert.ok((await respond(await begin(pool, "CUSTOM_AUTH", "ann"), { ANSWER: "blue" })).tokens, "the next correct try works");
});

// ---- words

test("a function words every message", async () => {
  const words = ({ codeParameter, usernameParameter }, { triggerSource }) => {
    const text = `${triggerSource} ${codeParameter} ${usernameParameter ?? ""}`.trim();
    return { emailSubject: `About ${triggerSource}`, emailMessage: `<b>${text}</b>`, smsMessage: text };
  };
  const { pool, functions } = await pooled({ CustomMessage: words }, ownSender);
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
  const { pool } = await pooled({ CustomMessage: () => words });
  const to = address();
  words = { emailMessage: "no code in here" };
  await refused(signUp(pool, "ann", { email: to }), "InvalidParameterException", /^1 validation error detected: Value at 'emailBody' failed to satisfy constraint: Member must satisfy regular expression pattern: /);
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
      KMSKeyID, CustomEmailSender: sender("CustomEmailSender"), CustomSMSSender: sender("CustomSMSSender"), CustomMessage: functions.arn("CustomMessage"),
    },
  }, { ExplicitAuthFlows: everyFlowOfChoice });
  await op("SetUserPoolMfaConfig", { UserPoolId: pool.id, MfaConfiguration: "OPTIONAL", ...factorBlocks.SMS_MFA });
  const [to, number] = [address(), phone()];
  const sent = async (source) => {
    for (const end = performance.now() + 5000; functions.events.length === 0 && performance.now() < end; ) await new Promise((go) => setTimeout(go, 10));
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
  const { pool, functions } = await pooled({ PreAuthentication: () => ({}) });
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
    await refused(outcome(() => { throw new Status(status, type); }), "UnexpectedLambdaException", `PreAuthentication invocation failed due to error ${type}.`);
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
  assert.ok(took > 14 && took < 25, `gave up after ${took} s`);
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
  await refused(described({ CustomEmailSender: { LambdaVersion: "V1_0", LambdaArn: functions.arn("CustomEmailSender") } }), "InvalidParameterException");
  const pool = await makePool({ LambdaConfig: functions.config("PreSignUp") });
  const other = await makeClient(pool);
  await op("SignUp", { ClientId: other.ClientId, Username: "ann", Password: password });
  assert.equal(functions.take().PreSignUp_SignUp.callerContext.clientId, other.ClientId);
});

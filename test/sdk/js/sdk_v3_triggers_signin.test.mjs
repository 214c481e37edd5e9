// The AWS SDK for JavaScript v3 against pools whose functions have a say in sign-ins: before and after, in tokens, migration and challenges.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";
import { Functions, envelope, everyTrigger, fails, makeTriggerPool, riddle, serveFunctions } from "./lambda.mjs";
import {
  MemoryStorage, address, begin, claims, code, endpoint, factorBlocks, inbox, initiate, list, mail, makeChoicePool, makePool, makeUser, op,
  pairs, password, phone, refresh, refused, respond, shown, signIn, uuid,
} from "./support.mjs";

serveFunctions();

test("a sign-in by password asks three functions in order, each with its part of the metadata", async () => {
  const { pool, functions } = await makeTriggerPool();
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
  const { pool, functions } = await makeTriggerPool();
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
  const { pool, functions } = await makeTriggerPool({ PreAuthentication: fails("Closed at night"), PostAuthentication: () => ({}) });
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
  const answers = { PreAuthentication: () => ({}), PostAuthentication: () => ({}) };
  const { pool, functions } = await makeTriggerPool(answers, {}, { PreventUserExistenceErrors: "ENABLED" });
  await makeUser(pool, "ann");
  await refused(initiate(pool, "nobody"), "NotAuthorizedException", "Incorrect username or password.");
  const { PreAuthentication_Authentication: event } = functions.take();
  assert.equal(event.userName, "nobody");
  assert.deepEqual(event.request, { userAttributes: {}, validationData: null, userNotFound: true });
  await signIn(pool, "ann");
  assert.equal(functions.take().PreAuthentication_Authentication.request.userNotFound, false);
});

test("each way to end a sign-in names its occasion", async () => {
  const { pool, functions } = await makeTriggerPool(undefined, {
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
  let answer = {
    claimsToAddOrOverride: { plan: "gold", email: "other@example.com", sub: "stolen", "cognito:username": "stolen" }, claimsToSuppress: ["name"],
  };
  const { pool, functions } = await makeTriggerPool({ PreTokenGeneration: () => ({ claimsOverrideDetails: answer }) });
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
  const userAttributes = { email: to, email_verified: "true" };
  const users = {
    ann: { password: "weak", userAttributes, finalUserStatus: "CONFIRMED", messageAction: "SUPPRESS" },
    bob: { password: "weak", userAttributes, messageAction: "SUPPRESS" },
    dan: { password: "weak", userAttributes: {} },
  };
  const { pool, functions } = await makeTriggerPool({
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
  const { pool } = await makeTriggerPool({ UserMigration: () => ({}) }, {}, { PreventUserExistenceErrors: "ENABLED" });
  await refused(initiate(pool, "nobody"), "NotAuthorizedException", "Incorrect username or password.");
});

test("a user comes from another directory with a forgotten password", async () => {
  const to = address();
  const { pool, functions } = await makeTriggerPool({
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
  const { pool, functions } = await makeTriggerPool({
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
  const { pool, functions } = await makeTriggerPool({
    DefineAuthChallenge: ({ session }) =>
      session.length > 0 && session.at(-1).challengeResult ? { issueTokens: true } : { challengeName: "CUSTOM_CHALLENGE" },
    CreateAuthChallenge: () => ({
      publicChallengeParameters: { long }, privateChallengeParameters: { long }, challengeMetadata: long.slice(0, 2000),
    }),
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
  const { pool, functions } = await makeTriggerPool(riddle());
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

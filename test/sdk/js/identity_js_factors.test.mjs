// amazon-cognito-identity-js beyond the password: second factors, devices that prove themselves, and challenges of one's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";
import { Functions, riddle, serveFunctions } from "./lambda.mjs";
import {
  MemoryStorage, SoftwareToken, address, begin, claims, code, endpoint, everyFlowOfChoice, factorBlocks, hidden, inbox, initiate, makeFactorPool,
  makePool, makeUser, op, pairs, password, phone, refresh, refused, respond, shown, wrong,
} from "./support.mjs";

serveFunctions();

/** front is the application's side of a pool: identity-js objects over one storage. */
function front(pool, storage = new MemoryStorage()) {
  const userPool = new CognitoUserPool({ UserPoolId: pool.id, ClientId: pool.clientId, endpoint, Storage: storage });
  return { userPool, storage, user: (Username) => new CognitoUser({ Username, Pool: userPool, Storage: storage }) };
}

/** promised turns a node-style callback into a promise. */
const promised = (call) => new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))));

/** called turns callbacks into a promise: of {session} at the end, or of {asked, parameters} for whatever the client is asked. */
const called = (call) =>
  new Promise((resolve, reject) => {
    const asking = (asked) => (...said) => resolve({ asked, parameters: said.at(-1) });
    call({
      onFailure: reject,
      onSuccess: (session, confirmationNecessary) => resolve({ session, confirmationNecessary }),
      mfaRequired: asking("SMS_MFA"),
      totpRequired: asking("SOFTWARE_TOKEN_MFA"),
      selectMFAType: asking("SELECT_MFA_TYPE"),
      mfaSetup: asking("MFA_SETUP"),
      customChallenge: asking("CUSTOM_CHALLENGE"),
      newPasswordRequired: (userAttributes, requiredAttributes) => resolve({ asked: "NEW_PASSWORD_REQUIRED", userAttributes, requiredAttributes }),
      associateSecretCode: (secret) => resolve({ secret }),
    });
  });

const details = (user, secret) => new AuthenticationDetails({ Username: user.getUsername(), Password: secret });
const authenticate = (user, secret = password) => called((on) => user.authenticateUser(details(user, secret), on));
const sendCode = (user, digits, type) => called((on) => user.sendMFACode(digits, on, type));
const choose = (user, type) => called((on) => user.sendMFASelectionAnswer(type, on));
const answer = (user, text, metadata) => called((on) => user.sendCustomChallengeAnswer(text, on, metadata));
const prefer = (user, sms, totp) => promised((done) => user.setUserMfaPreference(sms, totp, done));

/** enrol has the client set up a software token, signed in or not. */
async function enrol(user, name = "") {
  const { secret } = await called((on) => user.associateSoftwareToken(on));
  const token = new SoftwareToken(secret);
  return { token, ...(await called(async (on) => user.verifySoftwareToken(await token.code(), name, on))) };
}

const totpOnly = ["SOFTWARE_TOKEN_MFA"];
const both = ["SMS_MFA", "SOFTWARE_TOKEN_MFA"];
const preferred = { Enabled: true, PreferredMfa: true };
const off = { Enabled: false, PreferredMfa: false };
const settings = async (pool, Username) => {
  const { UserMFASettingList, PreferredMfaSetting, MFAOptions } = await op("AdminGetUser", { UserPoolId: pool.id, Username });
  return { UserMFASettingList, PreferredMfaSetting, MFAOptions };
};

test("a user sets up a software token, is asked for its codes, and turns it off again", async () => {
  const pool = await makeFactorPool("OPTIONAL", totpOnly);
  await makeUser(pool, "ann");
  const { user } = front(pool);
  const ann = user("ann");
  await authenticate(ann);
  const { secret } = await called((on) => ann.associateSoftwareToken(on));
  const token = new SoftwareToken(secret);
  await refused(
    called(async (on) => ann.verifySoftwareToken(wrong(await token.code()), "My phone", on)),
    "EnableSoftwareTokenMFAException",
    "Code mismatch and fail enable Software Token MFA",
  );
  const verified = await called(async (on) => ann.verifySoftwareToken(await token.code(), "My phone", on));
  assert.equal(verified.session.Status, "SUCCESS");
  assert.ok((await authenticate(user("ann"))).session, "a token that is verified and not turned on is not asked for");

  assert.equal(await prefer(ann, null, preferred), "SUCCESS");
  assert.deepEqual(await settings(pool, "ann"), {
    UserMFASettingList: totpOnly, PreferredMfaSetting: "SOFTWARE_TOKEN_MFA", MFAOptions: undefined,
  });
  const again = user("ann");
  const asked = await authenticate(again);
  assert.equal(asked.asked, "SOFTWARE_TOKEN_MFA");
  assert.deepEqual(asked.parameters, { FRIENDLY_DEVICE_NAME: "My phone", USER_ID_FOR_SRP: "ann" });
  const digits = await token.code();
  await refused(sendCode(again, wrong(digits), "SOFTWARE_TOKEN_MFA"), "CodeMismatchException", "Invalid code received for user");
  const { session } = await sendCode(again, digits, "SOFTWARE_TOKEN_MFA");
  assert.equal(session.getAccessToken().decodePayload().username, "ann");
  const third = user("ann");
  await authenticate(third);
  await refused(sendCode(third, digits, "SOFTWARE_TOKEN_MFA"), "ExpiredCodeException", "Your software token has already been used once.");
  assert.ok((await sendCode(third, await token.code(), "SOFTWARE_TOKEN_MFA")).session, "the same session takes the right code");

  assert.equal(await prefer(third, null, off), "SUCCESS");
  assert.deepEqual(await settings(pool, "ann"), { UserMFASettingList: undefined, PreferredMfaSetting: undefined, MFAOptions: undefined });
  assert.ok((await authenticate(user("ann"))).session);
  assert.equal(await prefer(third, null, preferred), "SUCCESS", "turned on again without another set-up");
  assert.equal((await authenticate(user("ann"))).asked, "SOFTWARE_TOKEN_MFA");
});

test("the legacy switch turns text messages on and off", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"]);
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  const { user } = front(pool);
  const ann = user("ann");
  await authenticate(ann);
  assert.equal(await promised((done) => ann.getMFAOptions(done)), undefined);
  assert.equal(await promised((done) => ann.enableMFA(done)), "SUCCESS");
  assert.deepEqual(await promised((done) => ann.getMFAOptions(done)), [{ AttributeName: "phone_number", DeliveryMedium: "SMS" }]);

  const again = user("ann");
  const asked = await authenticate(again);
  assert.equal(asked.asked, "SMS_MFA");
  assert.deepEqual(asked.parameters, {
    CODE_DELIVERY_DELIVERY_MEDIUM: "SMS", CODE_DELIVERY_DESTINATION: hidden(number), USER_ID_FOR_SRP: "ann",
  });
  const digits = await code(number);
  assert.match(digits, /^\d{6}$/);
  await refused(sendCode(again, wrong(digits)), "CodeMismatchException", "Invalid code or auth state for the user.");
  const { session } = await sendCode(again, digits);
  assert.equal(session.getIdToken().decodePayload().phone_number_verified, true, "a code that came back verifies the number");
  await refused(sendCode(again, digits), "NotAuthorizedException", "Invalid session for the user, session can only be used once.");

  assert.equal(await promised((done) => ann.disableMFA(done)), "SUCCESS");
  assert.equal(await promised((done) => ann.getMFAOptions(done)), undefined);
  assert.ok((await authenticate(user("ann"))).session);
});

test("a code by text message comes with each sign-in, and the last one counts", async () => {
  const pool = await makeFactorPool("OPTIONAL", both);
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  const { user } = front(pool);
  const ann = user("ann");
  await authenticate(ann);
  assert.equal(await prefer(ann, preferred, null), "SUCCESS");
  assert.deepEqual(await settings(pool, "ann"), {
    UserMFASettingList: ["SMS_MFA"], PreferredMfaSetting: "SMS_MFA", MFAOptions: undefined,
  });
  const [first, second] = [user("ann"), user("ann")];
  await authenticate(first);
  const early = await code(number);
  second.setAuthenticationFlowType("USER_PASSWORD_AUTH");
  assert.equal((await authenticate(second)).asked, "SMS_MFA");
  const late = await code(number);
  await refused(sendCode(first, early), "CodeMismatchException", "Invalid code or auth state for the user.");
  assert.ok((await sendCode(second, late)).session);
});

test("a user with two factors and no preference chooses one of them", async () => {
  const pool = await makeFactorPool("OPTIONAL", both);
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  const { user } = front(pool);
  const ann = user("ann");
  await authenticate(ann);
  const { token } = await enrol(ann);
  const enabled = { Enabled: true, PreferredMfa: false };
  await prefer(ann, enabled, enabled);
  assert.deepEqual((await settings(pool, "ann")).UserMFASettingList.sort(), both);

  const byText = user("ann");
  const asked = await authenticate(byText);
  assert.equal(asked.asked, "SELECT_MFA_TYPE");
  assert.deepEqual(JSON.parse(asked.parameters.MFAS_CAN_CHOOSE).sort(), both);
  const chosen = await choose(byText, "SMS_MFA");
  assert.equal(chosen.asked, "SMS_MFA");
  assert.equal(chosen.parameters.CODE_DELIVERY_DESTINATION, hidden(number));
  assert.ok((await sendCode(byText, await code(number))).session);

  const byToken = user("ann");
  await authenticate(byToken);
  assert.equal((await choose(byToken, "SOFTWARE_TOKEN_MFA")).asked, "SOFTWARE_TOKEN_MFA");
  assert.ok((await sendCode(byToken, await token.code(), "SOFTWARE_TOKEN_MFA")).session);
  assert.deepEqual(await inbox(number).then((all) => all.length), 1, "no message for a sign-in by token");

  await prefer(ann, null, preferred);
  assert.equal((await authenticate(user("ann"))).asked, "SOFTWARE_TOKEN_MFA");
});

test("where MFA is required, the first sign-in sets up a software token", async () => {
  const pool = await makeFactorPool("ON", totpOnly);
  await makeUser(pool, "ann");
  const { user } = front(pool);
  const ann = user("ann");
  const asked = await authenticate(ann);
  assert.equal(asked.asked, "MFA_SETUP");
  assert.deepEqual(JSON.parse(asked.parameters.MFAS_CAN_SETUP), totpOnly);
  const { token, session } = await enrol(ann, "My phone");
  assert.equal(session.getIdToken().decodePayload()["cognito:username"], "ann");

  const again = user("ann");
  assert.equal((await authenticate(again)).asked, "SOFTWARE_TOKEN_MFA");
  assert.ok((await sendCode(again, await token.code(), "SOFTWARE_TOKEN_MFA")).session);
  await op("AdminDeleteSoftwareToken", { UserPoolId: pool.id, Username: "ann" });
  assert.equal((await authenticate(user("ann"))).asked, "MFA_SETUP");
});

test("a temporary password is replaced before a factor is set up", async () => {
  const pool = await makeFactorPool("ON", totpOnly, {
    Schema: [{ Name: "given_name", AttributeDataType: "String", Required: true, Mutable: true }],
  });
  await op("AdminCreateUser", { UserPoolId: pool.id, Username: "ann", MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!" });
  const { user } = front(pool);
  for (const flow of ["USER_PASSWORD_AUTH", "USER_SRP_AUTH"]) {
    const ann = user("ann");
    ann.setAuthenticationFlowType(flow);
    const asked = await authenticate(ann, "Temp-0rary!");
    assert.deepEqual([asked.asked, asked.requiredAttributes], ["NEW_PASSWORD_REQUIRED", ["given_name"]]);
    if (flow === "USER_PASSWORD_AUTH") continue;
    const next = await called((on) => ann.completeNewPasswordChallenge(password, { given_name: "Ann" }, on));
    assert.equal(next.asked, "MFA_SETUP");
    const { session, token } = await enrol(ann);
    assert.equal(session.getIdToken().decodePayload().given_name, "Ann");
    const again = user("ann");
    await authenticate(again);
    assert.ok((await sendCode(again, await token.code(), "SOFTWARE_TOKEN_MFA")).session);
  }
});

// ---- devices

const tracked = (ChallengeRequiredOnNewDevice, DeviceOnlyRememberedOnUserPrompt) => ({
  DeviceConfiguration: { ChallengeRequiredOnNewDevice, DeviceOnlyRememberedOnUserPrompt },
});
const device = (user) => called((on) => user.getDevice(on)).then(({ session }) => session.Device);
const devices = (user, limit = 10, page = null) => called((on) => user.listDevices(limit, page, on)).then(({ session }) => session);
/** remembered is what an administrator sees of a device: "remembered" or "not_remembered". */
const remembered = async (pool, DeviceKey) => {
  const { Device } = await op("AdminGetDevice", { UserPoolId: pool.id, Username: "ann", DeviceKey });
  return pairs(Device.DeviceAttributes)["dev:device_remembered_status"];
};
const stored = (pool, storage) => {
  const prefix = `CognitoIdentityServiceProvider.${pool.clientId}.ann`;
  return ["deviceKey", "deviceGroupKey", "randomPasswordKey"].map((name) => storage.getItem(`${prefix}.${name}`));
};

/** known returns a user object that knows the device of the storage, as after a page was loaded again. */
function known(front) {
  const ann = front.user("ann");
  ann.getCachedDeviceKeyAndPassword();
  return ann;
}

test("a device is confirmed with the first sign-in and takes the place of MFA in the next", async () => {
  const pool = await makeFactorPool("ON", totpOnly, tracked(true, false));
  await makeUser(pool, "ann");
  const app = front(pool);
  const ann = app.user("ann");
  await authenticate(ann);
  const { token } = await enrol(ann);
  const second = app.user("ann");
  assert.equal((await authenticate(second)).asked, "SOFTWARE_TOKEN_MFA");
  const confirmed = await sendCode(second, await token.code(), "SOFTWARE_TOKEN_MFA");
  assert.equal(confirmed.confirmationNecessary, undefined, "remembered without asking the user");
  const [key, groupKey, secret] = stored(pool, app.storage);
  assert.match(key, /^us-east-1_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.match(groupKey, /^-.{8}$/);
  assert.ok(secret);
  assert.equal(confirmed.session.getAccessToken().decodePayload().device_key, key);

  for (const flow of ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"]) {
    const third = known(app);
    third.setAuthenticationFlowType(flow);
    const { session, asked } = await authenticate(third);
    assert.ok(session, `${flow}: asked for ${asked}`);
    assert.equal(session.getAccessToken().decodePayload().device_key, key);
    assert.deepEqual(stored(pool, app.storage), [key, groupKey, secret], "no new device");
  }
  assert.equal((await authenticate(front(pool).user("ann"))).asked, "SOFTWARE_TOKEN_MFA", "another device is asked for a code");
  await refused(authenticate(known(app), "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
});

test("four devices in a row prove themselves, whatever their secrets", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"], tracked(true, false));
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  await op("AdminSetUserMFAPreference", { UserPoolId: pool.id, Username: "ann", SMSMfaSettings: preferred });
  const keys = new Set();
  for (let i = 0; i < 4; i++) {
    const app = front(pool);
    const ann = app.user("ann");
    assert.equal((await authenticate(ann)).asked, "SMS_MFA");
    await sendCode(ann, await code(number));
    const { session, asked } = await authenticate(known(app));
    assert.ok(session, `device ${i}: asked for ${asked}`);
    keys.add(session.getAccessToken().decodePayload().device_key);
  }
  assert.equal(keys.size, 4);
  assert.equal((await op("AdminListDevices", { UserPoolId: pool.id, Username: "ann" })).Devices.length, 4);
});

test("where the user is asked first, a device counts when the user says so", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"], tracked(true, true));
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  const app = front(pool);
  const ann = app.user("ann");
  const first = await authenticate(ann);
  assert.equal(first.confirmationNecessary, true);
  await prefer(ann, preferred, null);
  const again = known(app);
  assert.equal((await authenticate(again)).asked, "SMS_MFA", "confirmed is not remembered");
  const second = await sendCode(again, await code(number));
  const [key] = stored(pool, app.storage);
  assert.equal(await remembered(pool, key), "not_remembered");
  assert.equal(second.session.getAccessToken().decodePayload().device_key, key);
  assert.equal(second.confirmationNecessary, undefined, "the device is known: nothing to confirm");

  assert.deepEqual(await called((on) => again.setDeviceStatusRemembered(on)), { session: "SUCCESS", confirmationNecessary: undefined });
  assert.equal(await remembered(pool, key), "remembered");
  const third = known(app);
  assert.ok((await authenticate(third)).session, "remembered: no second factor");
  await called((on) => third.setDeviceStatusNotRemembered(on));
  assert.equal(await remembered(pool, key), "not_remembered");
  assert.equal((await authenticate(known(app))).asked, "SMS_MFA");
});

test("where devices take no one's place, they are known and MFA is asked for all the same", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"], tracked(false, false));
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  const app = front(pool);
  const ann = app.user("ann");
  await authenticate(ann);
  await prefer(ann, preferred, null);
  const again = known(app);
  assert.equal((await authenticate(again)).asked, "SMS_MFA");
  const { session } = await sendCode(again, await code(number));
  assert.equal(session.getAccessToken().decodePayload().device_key, stored(pool, app.storage)[0]);
});

test("a user lists, shows and forgets devices; what a forgotten one holds is worth nothing", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"], tracked(true, false));
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  const [laptop, tablet] = [front(pool), front(pool)];
  const [ann, other] = [laptop.user("ann"), tablet.user("ann")];
  await authenticate(ann);
  const { session: lost } = await authenticate(other);
  const [key] = stored(pool, laptop.storage);
  const [lostKey] = stored(pool, tablet.storage);

  const shown = await device(ann);
  assert.equal(shown.DeviceKey, key);
  const attributes = pairs(shown.DeviceAttributes);
  assert.equal(attributes.device_status, "valid");
  assert.match(attributes.device_name, /amplify|node|aws/i);
  assert.ok(attributes.last_ip_used);
  for (const date of [shown.DeviceCreateDate, shown.DeviceLastModifiedDate, shown.DeviceLastAuthenticatedDate]) {
    assert.ok(Math.abs(date - Date.now() / 1000) < 3600, `${date} is in seconds`);
  }
  const all = await devices(ann);
  assert.deepEqual(all.Devices.map(({ DeviceKey }) => DeviceKey).sort(), [key, lostKey].sort());
  const one = await devices(ann, 1);
  assert.equal(one.Devices.length, 1);
  const rest = await devices(ann, 1, one.PaginationToken);
  assert.deepEqual([...one.Devices, ...rest.Devices].map(({ DeviceKey }) => DeviceKey).sort(), [key, lostKey].sort());

  assert.equal((await called((on) => ann.forgetSpecificDevice(lostKey, on))).session, "SUCCESS");
  assert.deepEqual((await devices(ann)).Devices.map(({ DeviceKey }) => DeviceKey), [key]);
  await refused(refresh(pool, lost.getRefreshToken().getToken()), "NotAuthorizedException");
  await refused(called((on) => ann.forgetSpecificDevice(lostKey, on)), "ResourceNotFoundException", "Device does not exist.");

  assert.equal((await called((on) => ann.forgetDevice(on))).session, "SUCCESS");
  assert.deepEqual(stored(pool, laptop.storage), [null, null, null]);
});

test("a client whose device the server has forgotten signs in as a new device", async () => {
  const pool = await makeFactorPool("OPTIONAL", ["SMS_MFA"], tracked(true, false));
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  const app = front(pool);
  await authenticate(app.user("ann"));
  const [key] = stored(pool, app.storage);
  await op("AdminForgetDevice", { UserPoolId: pool.id, Username: "ann", DeviceKey: key });
  const { session } = await authenticate(known(app));
  const [fresh] = stored(pool, app.storage);
  assert.notEqual(fresh, key);
  assert.equal(session.getAccessToken().decodePayload().device_key, fresh);

  await op("AdminSetUserMFAPreference", { UserPoolId: pool.id, Username: "ann", SMSMfaSettings: preferred });
  assert.ok((await authenticate(known(app))).session, "the new device is remembered");
  await op("AdminForgetDevice", { UserPoolId: pool.id, Username: "ann", DeviceKey: fresh });
  const ann = known(app);
  assert.equal((await authenticate(ann)).asked, "SMS_MFA", "no device, so a code");
  await sendCode(ann, await code(number));
  assert.notEqual(stored(pool, app.storage)[0], fresh);
});

test("a session of a device is refreshed with its key, and by nothing else", async () => {
  const pool = await makePool(tracked(true, false));
  await makeUser(pool, "ann");
  const app = front(pool);
  const { session } = await authenticate(app.user("ann"));
  const [key] = stored(pool, app.storage);
  app.storage.setItem(`CognitoIdentityServiceProvider.${pool.clientId}.ann.clockDrift`, String(-2 * 3600));
  const woken = app.userPool.getCurrentUser();
  const refreshed = await promised((done) => woken.getSession(done));
  assert.notEqual(refreshed.getAccessToken().getJwtToken(), session.getAccessToken().getJwtToken());
  assert.equal(refreshed.getAccessToken().decodePayload().device_key, key);
  assert.deepEqual(stored(pool, app.storage)[0], key);

  const token = session.getRefreshToken().getToken();
  await refused(refresh(pool, token), "NotAuthorizedException", "Invalid Refresh Token");
  const renew = (DEVICE_KEY) =>
    op("InitiateAuth", { ClientId: pool.clientId, AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: { REFRESH_TOKEN: token, DEVICE_KEY } });
  await refused(renew(`us-east-1_${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)}`), "NotAuthorizedException", "Invalid Refresh Token");
  assert.equal(claims((await renew(key)).AuthenticationResult.AccessToken).device_key, key);

  const { AuthenticationResult: unconfirmed } = await initiate(pool, "ann");
  assert.deepEqual(Object.keys(unconfirmed.NewDeviceMetadata).sort(), ["DeviceGroupKey", "DeviceKey"]);
  await refused(refresh(pool, unconfirmed.RefreshToken), "NotAuthorizedException", "Invalid Refresh Token");
});

test("a pool without tracking offers no device and refuses to speak of any", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const app = front(pool);
  const ann = app.user("ann");
  const { session } = await authenticate(ann);
  assert.deepEqual(stored(pool, app.storage), [null, null, null]);
  assert.equal(session.getAccessToken().decodePayload().device_key, undefined);
  await refused(devices(ann), "InvalidUserPoolConfigurationException", "Device tracking not currently enabled for this pool.");
});

// ---- challenges of one's own

/** riddled makes a pool whose users can answer a riddle. */
async function riddled(answers, settings = {}, clientSettings = {}) {
  const functions = new Functions(answers);
  const pool = await makePool({ LambdaConfig: functions.config(), ...settings }, { ExplicitAuthFlows: everyFlowOfChoice, ...clientSettings });
  return { pool, functions };
}

test("a user answers a custom challenge instead of a password", async () => {
  const { pool } = await riddled(riddle(["blue", "green"]));
  await makeUser(pool, "ann");
  const { user, userPool } = front(pool);
  const ann = user("ann");
  const begin = (who) => called((on) => who.initiateAuth(new AuthenticationDetails({ Username: "ann" }), on));
  const asked = await begin(ann);
  assert.deepEqual(asked, { asked: "CUSTOM_CHALLENGE", parameters: { USERNAME: "ann", question: "colour 1" } });
  assert.deepEqual((await answer(ann, "red")).parameters, { USERNAME: "ann", question: "colour 1" }, "a wrong answer is asked again");
  assert.deepEqual((await answer(ann, "blue")).parameters, { USERNAME: "ann", question: "colour 2" });
  const { session } = await answer(ann, "green");
  assert.equal(session.getAccessToken().decodePayload().username, "ann");
  assert.equal(userPool.getCurrentUser().getUsername(), "ann");

  const other = user("ann");
  await begin(other);
  const stale = other.Session;
  await answer(other, "red");
  await answer(other, "red");
  await refused(answer(other, "red"), "NotAuthorizedException", "Incorrect username or password.");
  other.Session = stale;
  await refused(answer(other, "blue"), "NotAuthorizedException", "Invalid session for the user.");
});

test("a custom challenge follows the password, proved by SRP", async () => {
  const { pool, functions } = await riddled(riddle());
  await makeUser(pool, "ann");
  const { user } = front(pool);
  const custom = () => {
    const ann = user("ann");
    ann.setAuthenticationFlowType("CUSTOM_AUTH");
    return ann;
  };
  const ann = custom();
  assert.deepEqual(await authenticate(ann), { asked: "CUSTOM_CHALLENGE", parameters: { USERNAME: "ann", question: "colour 1" } });
  functions.sources();
  const { session } = await answer(ann, "blue", { from: "the client" });
  assert.ok(session.isValid());
  const events = functions.take();
  assert.deepEqual(events.VerifyAuthChallengeResponse_Authentication.request.clientMetadata, { from: "the client" });
  assert.deepEqual(events.DefineAuthChallenge_Authentication.request.session, [
    { challengeName: "SRP_A", challengeResult: true, challengeMetadata: null },
    { challengeName: "PASSWORD_VERIFIER", challengeResult: true, challengeMetadata: null },
    { challengeName: "CUSTOM_CHALLENGE", challengeResult: true, challengeMetadata: "ROUND_1" },
  ]);
  await refused(authenticate(custom(), "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
});

test("MFA comes after the password and before the custom challenge", async () => {
  const { pool } = await riddled(riddle());
  await op("SetUserPoolMfaConfig", { UserPoolId: pool.id, MfaConfiguration: "OPTIONAL", ...factorBlocks.SMS_MFA });
  const number = phone();
  await makeUser(pool, "ann", { phone_number: number });
  await op("AdminSetUserMFAPreference", { UserPoolId: pool.id, Username: "ann", SMSMfaSettings: preferred });
  const ann = front(pool).user("ann");
  ann.setAuthenticationFlowType("CUSTOM_AUTH");
  assert.equal((await authenticate(ann)).asked, "SMS_MFA");
  const digits = await code(number);
  // identity-js takes what follows a code for tokens, so the next steps are asked for directly.
  const respond = (ChallengeName, Session, responses) =>
    op("RespondToAuthChallenge", { ClientId: pool.clientId, ChallengeName, Session, ChallengeResponses: { USERNAME: "ann", ...responses } });
  const asked = await respond("SMS_MFA", ann.Session, { SMS_MFA_CODE: digits });
  assert.equal(asked.ChallengeName, "CUSTOM_CHALLENGE");
  const { AuthenticationResult } = await respond("CUSTOM_CHALLENGE", asked.Session, { ANSWER: "blue" });
  assert.equal(claims(AuthenticationResult.AccessToken).username, "ann");
});

test("a remembered device proves itself after the custom challenge", async () => {
  const { pool } = await riddled(riddle(), tracked(true, false));
  await makeUser(pool, "ann", { email: address() });
  const app = front(pool);
  await authenticate(app.user("ann"));
  const [key] = stored(pool, app.storage);
  const ann = known(app);
  ann.setAuthenticationFlowType("CUSTOM_AUTH");
  assert.equal((await authenticate(ann)).asked, "CUSTOM_CHALLENGE");
  const { session } = await answer(ann, "blue");
  assert.equal(session.getAccessToken().decodePayload().device_key, key);
});

test("a flow that the client does not allow, or that has no functions, is refused", async () => {
  const closed = await makePool({}, { ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"] });
  const begin = (pool) => called((on) => front(pool).user("ann").initiateAuth(new AuthenticationDetails({ Username: "ann" }), on));
  await refused(begin(closed), "InvalidParameterException", "CUSTOM_AUTH is not enabled for the client.");
  const bare = await makePool({}, { ExplicitAuthFlows: everyFlowOfChoice });
  await makeUser(bare, "ann", {});
  await refused(begin(bare), "InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.");
  await refused(
    op("InitiateAuth", { ClientId: bare.clientId, AuthFlow: "CUSTOM_AUTH", AuthParameters: { CHALLENGE_NAME: "SRP_A", USERNAME: "ann" } }),
    "InvalidParameterException",
    "Missing required parameter SRP_A",
  );
});

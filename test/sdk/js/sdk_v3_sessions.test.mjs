// The AWS SDK for JavaScript v3: what a pool knows of its users' sign-ins: sessions that can be listed and revoked, and devices.
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  advance, begin, claims, makeClient, makePool, makeUser, op, pairs, password, refresh, refused, region, signIn,
} from "./support.mjs";

const track = (pool, MaxPerUser = 5, UserSessionTracking = "ENABLED") =>
  op("SetUserPoolSessionConfiguration", { UserPoolId: pool.id, UserSessionTracking, TokenSession: { MaxPerUser } });
const sessions = async (AccessToken) => (await op("ListUserSessions", { AccessToken })).Sessions;
const alive = (AccessToken) => op("GetUser", { AccessToken });
const revokedAccess = ["NotAuthorizedException", "Access Token has been revoked"];
const revokedRefresh = ["NotAuthorizedException", "Refresh Token has been revoked"];

/** tracked makes a pool that tracks sessions, with a user. */
async function tracked(most, settings, clientSettings) {
  const pool = await makePool(settings, clientSettings);
  await track(pool, most);
  await makeUser(pool, "ann");
  return pool;
}

// ---- session configuration

test("a pool tells how it tracks sessions, and takes another way", async () => {
  const pool = await makePool();
  const shown = () => op("GetUserPoolSessionConfiguration", { UserPoolId: pool.id });
  const { UserPoolId, UserSessionTracking, TokenSession } = await shown();
  assert.deepEqual([UserPoolId, UserSessionTracking], [pool.id, "DISABLED"]);
  assert.ok(TokenSession.MaxPerUser > 0);
  const set = { UserPoolId: pool.id, UserSessionTracking: "ENABLED", TokenSession: { MaxPerUser: 3 } };
  assert.deepEqual(await track(pool, 3), set);
  assert.deepEqual(await shown(), set);
  for (const most of [0, -1, 101]) await refused(track(pool, most), "InvalidParameterException");
  await refused(track(pool, 3, "PERHAPS"), "InvalidParameterException", /^1 validation error detected: Value 'PERHAPS' at 'userSessionTracking' /);
  assert.deepEqual(await shown(), set, "a refusal changes nothing");
  assert.equal((await track(pool, 7, "DISABLED")).UserSessionTracking, "DISABLED");
  const nowhere = { id: "us-east-1_nowhere1" };
  await refused(track(nowhere), "ResourceNotFoundException", "User pool us-east-1_nowhere1 does not exist.");
  await refused(track(await makePool({ UserPoolTier: "LITE" })), "FeatureUnavailableInTierException");
});

test("a client tells for how long it takes over a browser's session", async () => {
  const pool = await makePool();
  const id = { UserPoolId: pool.id, ClientId: pool.clientId };
  const set = (MaxValidityMinutes, more = {}) => op("SetUserPoolClientSessionConfiguration", { ...id, SSOSession: { MaxValidityMinutes }, ...more });
  const shown = () => op("GetUserPoolClientSessionConfiguration", id);
  assert.ok((await shown()).SSOSession.MaxValidityMinutes > 0);
  await refused(set(30), "OperationNotEnabledException");
  await track(pool);
  assert.deepEqual(await set(30), { ...id, SSOSession: { MaxValidityMinutes: 30 } });
  assert.deepEqual(await shown(), { ...id, SSOSession: { MaxValidityMinutes: 30 } });
  assert.equal((await set(0)).SSOSession.MaxValidityMinutes, 0);
  await refused(set(-1), "InvalidParameterException");
  await refused(set(1e6), "InvalidParameterException");
  await refused(set(30, { ClientId: "nowhere" }), "ResourceNotFoundException", "User pool client nowhere does not exist.");
  const other = await makePool();
  await refused(set(30, { ClientId: other.clientId }), "ResourceNotFoundException");
});

// ---- sessions of users

test("a user sees each sign-in as a session, and an administrator sees the same", async () => {
  const pool = await tracked();
  const other = await makeClient(pool);
  const first = await signIn(pool, "ann");
  await advance("2m");
  const second = await signIn({ clientId: other.ClientId }, "ann");
  const own = await sessions(second.AccessToken);
  assert.equal(own.length, 2);
  assert.deepEqual(own.map(({ ClientId }) => ClientId), [other.ClientId, pool.clientId], "the latest first");
  assert.deepEqual(own.map(({ IsCurrentSession }) => IsCurrentSession), [true, false]);
  for (const session of own) {
    assert.match(session.SessionId, /^\S{8,}$/);
    assert.equal(session.SessionType, "TOKEN");
    assert.ok(session.CreateDate instanceof Date && session.LastActiveDate >= session.CreateDate);
    assert.match(session.LastIPAddress, /^(127\.0\.0\.1|::1)$/);
    assert.ok(session.DeviceType);
  }
  const { Sessions } = await op("AdminListUserSessions", { UserPoolId: pool.id, Username: "ann" });
  assert.deepEqual(Sessions.map(({ SessionId }) => SessionId), own.map(({ SessionId }) => SessionId));
  await advance("2m");
  await refresh(pool, first.RefreshToken);
  const after = await sessions(first.AccessToken);
  assert.equal(after.length, 2, "a refresh goes on with its session");
  assert.equal(after[0].ClientId, pool.clientId, "and makes it the latest");
  assert.ok(after[0].LastActiveDate > own[1].LastActiveDate);
  await refused(op("ListUserSessions", { AccessToken: second.AccessToken, NextToken: "nonsense" }), "InvalidParameterException");
  await refused(op("AdminListUserSessions", { UserPoolId: pool.id, Username: "nobody" }), "UserNotFoundException", "User does not exist.");
});

test("a revoked session is dead at once, and no other", async () => {
  const pool = await tracked();
  const [lost, kept] = [await signIn(pool, "ann"), await signIn(pool, "ann")];
  const revoke = (SessionId, AccessToken = kept.AccessToken) => op("RevokeUserSession", { AccessToken, SessionId });
  const idOf = async (tokens) => (await sessions(tokens.AccessToken)).find(({ IsCurrentSession }) => IsCurrentSession).SessionId;
  const [lostId, keptId] = [await idOf(lost), await idOf(kept)];
  await refused(revoke(keptId), "InvalidParameterException");
  assert.deepEqual(await revoke(lostId), {});
  await refused(alive(lost.AccessToken), ...revokedAccess);
  await refused(refresh(pool, lost.RefreshToken), ...revokedRefresh);
  assert.deepEqual((await sessions(kept.AccessToken)).map(({ SessionId }) => SessionId), [keptId]);
  await refused(revoke(lostId), "ResourceNotFoundException");
  await refused(revoke(randomUUID()), "ResourceNotFoundException");
  await makeUser(pool, "bob");
  const { AccessToken } = await signIn(pool, "bob");
  await refused(revoke(keptId, AccessToken), "ResourceNotFoundException");
  await refused(op("AdminRevokeUserSession", { UserPoolId: pool.id, Username: "bob", SessionId: keptId }), "ResourceNotFoundException");
  await op("AdminRevokeUserSession", { UserPoolId: pool.id, Username: "ann", SessionId: keptId });
  await refused(alive(kept.AccessToken), ...revokedAccess);
  assert.deepEqual((await op("AdminListUserSessions", { UserPoolId: pool.id, Username: "ann" })).Sessions, []);
});

test("the session that was used longest ago makes room", async () => {
  const pool = await tracked(3);
  const made = [];
  for (let i = 0; i < 3; i++) {
    made.push(await signIn(pool, "ann"));
    await advance("2m");
  }
  await refresh(pool, made[0].RefreshToken);
  made.push(await signIn(pool, "ann"));
  assert.equal((await sessions(made[3].AccessToken)).length, 3);
  await refused(alive(made[1].AccessToken), ...revokedAccess);
  await refused(refresh(pool, made[1].RefreshToken), ...revokedRefresh);
  for (const i of [0, 2, 3]) assert.equal((await alive(made[i].AccessToken)).Username, "ann", `session ${i}`);
});

test("a session ends by sign-out, revocation, disabling and time", async () => {
  const pool = await tracked(10, {}, { RefreshTokenValidity: 60, TokenValidityUnits: { RefreshToken: "minutes" } });
  const count = async () => (await op("AdminListUserSessions", { UserPoolId: pool.id, Username: "ann" })).Sessions.length;
  const { RefreshToken } = await signIn(pool, "ann");
  await signIn(pool, "ann");
  assert.equal(await count(), 2);
  await op("RevokeToken", { ClientId: pool.clientId, Token: RefreshToken });
  assert.equal(await count(), 1);
  await op("GlobalSignOut", { AccessToken: (await signIn(pool, "ann")).AccessToken });
  assert.equal(await count(), 0);
  await signIn(pool, "ann");
  await op("AdminUserGlobalSignOut", { UserPoolId: pool.id, Username: "ann" });
  assert.equal(await count(), 0);
  await signIn(pool, "ann");
  await op("AdminDisableUser", { UserPoolId: pool.id, Username: "ann" });
  assert.equal(await count(), 0);
  await op("AdminEnableUser", { UserPoolId: pool.id, Username: "ann" });
  await signIn(pool, "ann");
  assert.equal(await count(), 1);
  await advance("61m");
  assert.equal(await count(), 0, "its refresh token has ended");
});

test("a pool that does not track sessions speaks of none", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const { AccessToken } = await signIn(pool, "ann");
  const SessionId = randomUUID();
  const disabled = "OperationNotEnabledException";
  await refused(sessions(AccessToken), disabled);
  await refused(op("RevokeUserSession", { AccessToken, SessionId }), disabled);
  await refused(op("AdminListUserSessions", { UserPoolId: pool.id, Username: "ann" }), disabled);
  await refused(op("AdminRevokeUserSession", { UserPoolId: pool.id, Username: "ann", SessionId }), disabled);
  await track(pool);
  assert.deepEqual(await sessions(AccessToken), [], "sign-ins from before are not known");
  const tokens = await signIn(pool, "ann");
  assert.equal((await sessions(tokens.AccessToken)).length, 1);
  await refused(sessions(tokens.IdToken), "NotAuthorizedException", "Invalid Access Token");
});

test("rotation goes on with the session and stops at its revocation", async () => {
  const pool = await tracked(5, {}, {
    ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 0 },
  });
  const first = await signIn(pool, "ann");
  const renew = async (RefreshToken) => (await op("GetTokensFromRefreshToken", { ClientId: pool.clientId, RefreshToken })).AuthenticationResult;
  const second = await renew(first.RefreshToken);
  assert.notEqual(second.RefreshToken, first.RefreshToken);
  const [session, ...others] = await sessions(second.AccessToken);
  assert.deepEqual([session.IsCurrentSession, others], [true, []]);
  await op("AdminRevokeUserSession", { UserPoolId: pool.id, Username: "ann", SessionId: session.SessionId });
  await refused(renew(second.RefreshToken), ...revokedRefresh);

  const again = await signIn(pool, "ann");
  const next = await renew(again.RefreshToken);
  await refused(renew(again.RefreshToken), "RefreshTokenReuseException");
  await refused(renew(next.RefreshToken), ...revokedRefresh);
});

// ---- devices

const untracked = ["InvalidUserPoolConfigurationException", "Device tracking not currently enabled for this pool."];
const unknown = ["ResourceNotFoundException", "Device does not exist."];
const noDevice = `${region}_${randomUUID()}`;
const verifier = () => ({ Salt: randomBytes(16).toString("base64"), PasswordVerifier: randomBytes(384).toString("base64") });

async function remembering(ChallengeRequiredOnNewDevice = false, DeviceOnlyRememberedOnUserPrompt = false) {
  const pool = await makePool({ DeviceConfiguration: { ChallengeRequiredOnNewDevice, DeviceOnlyRememberedOnUserPrompt } });
  await makeUser(pool, "ann");
  return pool;
}

/** confirm signs in from a new device and confirms it. */
async function confirm(pool, more = {}) {
  const { AccessToken, NewDeviceMetadata, RefreshToken } = await signIn(pool, "ann");
  const key = NewDeviceMetadata.DeviceKey;
  const answer = await op("ConfirmDevice", { AccessToken, DeviceKey: key, DeviceName: "Laptop", DeviceSecretVerifierConfig: verifier(), ...more });
  return { AccessToken, RefreshToken, key, answer };
}

test("a new device is offered a key, which is confirmed once", async () => {
  const pool = await remembering();
  const { tokens, device } = await begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: password });
  assert.match(device.DeviceKey, /^us-east-1_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.match(device.DeviceGroupKey, /^-.{8}$/);
  assert.equal(claims(tokens.AccessToken).device_key, device.DeviceKey);
  const { AccessToken } = tokens;
  const put = (DeviceKey, DeviceSecretVerifierConfig = verifier()) => op("ConfirmDevice", { AccessToken, DeviceKey, DeviceSecretVerifierConfig });
  await refused(put(noDevice), "InvalidParameterException", "Invalid device key given.");
  await refused(put("no device key"), "InvalidParameterException", /^1 validation error detected: Value 'no device key' at 'deviceKey' failed/);
  for (const bad of [{ Salt: "!", PasswordVerifier: "AAAA" }, { Salt: "AAAA", PasswordVerifier: "?" }, {}, { ...verifier(), PasswordVerifier: "" }]) {
    await refused(put(device.DeviceKey, bad), "InvalidParameterException");
  }
  await refused(op("GetDevice", { AccessToken, DeviceKey: device.DeviceKey }), ...unknown);
  assert.deepEqual(await put(device.DeviceKey), { UserConfirmationNecessary: false });
  await refused(put(device.DeviceKey), "DeviceKeyExistsException");
  const known = await begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: password, DEVICE_KEY: device.DeviceKey });
  assert.equal(known.device, undefined, "a known device gets no other key");
  assert.equal(claims(known.tokens.AccessToken).device_key, device.DeviceKey);
  await refused(begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: password, DEVICE_KEY: noDevice }), ...unknown);
  const admin = await op("AdminInitiateAuth", {
    UserPoolId: pool.id, ClientId: pool.clientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", AuthParameters: { USERNAME: "ann", PASSWORD: password },
  });
  assert.ok(admin.AuthenticationResult.NewDeviceMetadata.DeviceKey);
  const asking = await remembering(false, true);
  assert.equal((await confirm(asking)).answer.UserConfirmationNecessary, true);
});

test("users and administrators list, show, change and forget devices", async () => {
  const pool = await remembering(true, true);
  const made = [await confirm(pool), await confirm(pool, { DeviceName: "Tablet" }), await confirm(pool)];
  const keys = made.map(({ key }) => key).sort();
  const [{ AccessToken, key }, tablet] = made;
  const user = { UserPoolId: pool.id, Username: "ann" };
  const listed = async (operation, identity) => {
    const all = [];
    for (let PaginationToken; ; ) {
      const page = await op(operation, { ...identity, Limit: 2, PaginationToken });
      assert.ok(page.Devices.length <= 2);
      all.push(...page.Devices.map(({ DeviceKey }) => DeviceKey));
      if (!(PaginationToken = page.PaginationToken)) return all.sort();
    }
  };
  assert.deepEqual(await listed("ListDevices", { AccessToken }), keys);
  assert.deepEqual(await listed("AdminListDevices", user), keys);
  await refused(op("ListDevices", { AccessToken, PaginationToken: "nonsense" }), "InvalidParameterException");
  await refused(op("ListDevices", { AccessToken, Limit: 61 }), "InvalidParameterException");

  const { Device } = await op("GetDevice", { AccessToken, DeviceKey: tablet.key });
  assert.equal(Device.DeviceKey, tablet.key);
  assert.ok(Device.DeviceCreateDate instanceof Date && Device.DeviceLastAuthenticatedDate instanceof Date);
  const attributes = pairs(Device.DeviceAttributes);
  assert.deepEqual([attributes.device_name, attributes.device_status], ["Tablet", "valid"]);
  const status = async () => pairs((await op("AdminGetDevice", { ...user, DeviceKey: key })).Device.DeviceAttributes)["dev:device_remembered_status"];
  assert.equal(await status(), "not_remembered");
  await op("UpdateDeviceStatus", { AccessToken, DeviceKey: key, DeviceRememberedStatus: "remembered" });
  assert.equal(await status(), "remembered");
  await op("AdminUpdateDeviceStatus", { ...user, DeviceKey: key, DeviceRememberedStatus: "not_remembered" });
  assert.equal(await status(), "not_remembered");
  await refused(
    op("UpdateDeviceStatus", { AccessToken, DeviceKey: key, DeviceRememberedStatus: "perhaps" }), "InvalidParameterException",
    /at 'deviceRememberedStatus' failed to satisfy constraint: Member must satisfy enum value set: /,
  );

  assert.deepEqual(await op("ForgetDevice", { AccessToken, DeviceKey: tablet.key }), {});
  await op("AdminForgetDevice", { ...user, DeviceKey: made[2].key });
  assert.deepEqual(await listed("ListDevices", { AccessToken }), [key]);
  for (const forgotten of [tablet, made[2]]) {
    const parameters = { REFRESH_TOKEN: forgotten.RefreshToken, DEVICE_KEY: forgotten.key };
    await refused(
      op("InitiateAuth", { ClientId: pool.clientId, AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: parameters }), "NotAuthorizedException",
    );
    const again = { AccessToken: forgotten.AccessToken, DeviceKey: forgotten.key, DeviceSecretVerifierConfig: verifier() };
    await refused(op("ConfirmDevice", again), "InvalidParameterException", "Invalid device key given.");
  }
});

test("a device belongs to one user, and an unknown one to nobody", async () => {
  const pool = await remembering();
  const { key, AccessToken } = await confirm(pool);
  await makeUser(pool, "bob");
  const bob = { AccessToken: (await signIn(pool, "bob")).AccessToken };
  const user = { UserPoolId: pool.id, Username: "bob" };
  const remembered = { DeviceRememberedStatus: "remembered" };
  for (const DeviceKey of [key, noDevice]) {
    await refused(op("GetDevice", { ...bob, DeviceKey }), ...unknown);
    await refused(op("ForgetDevice", { ...bob, DeviceKey }), ...unknown);
    await refused(op("UpdateDeviceStatus", { ...bob, DeviceKey, ...remembered }), ...unknown);
    await refused(op("AdminGetDevice", { ...user, DeviceKey }), ...unknown);
    await refused(op("AdminForgetDevice", { ...user, DeviceKey }), ...unknown);
    await refused(op("AdminUpdateDeviceStatus", { ...user, DeviceKey, ...remembered }), ...unknown);
    await refused(begin(pool, "USER_PASSWORD_AUTH", "bob", { PASSWORD: password, DEVICE_KEY: key }), ...unknown);
  }
  assert.equal((await op("GetDevice", { AccessToken, DeviceKey: key })).Device.DeviceKey, key);
  await op("AdminDeleteUser", { UserPoolId: pool.id, Username: "ann" });
  await makeUser(pool, "ann");
  await refused(op("AdminGetDevice", { UserPoolId: pool.id, Username: "ann", DeviceKey: key }), ...unknown);
});

test("a pool that tracks no devices speaks of none", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const { tokens, device } = await begin(pool, "USER_PASSWORD_AUTH", "ann", { PASSWORD: password, DEVICE_KEY: noDevice });
  assert.equal(device, undefined);
  assert.equal(claims(tokens.AccessToken).device_key, undefined);
  const { AccessToken } = tokens;
  const user = { UserPoolId: pool.id, Username: "ann" };
  await refused(op("ConfirmDevice", { AccessToken, DeviceKey: noDevice, DeviceSecretVerifierConfig: verifier() }), ...untracked);
  await refused(op("ListDevices", { AccessToken }), ...untracked);
  await refused(op("GetDevice", { AccessToken, DeviceKey: noDevice }), ...untracked);
  await refused(op("ForgetDevice", { AccessToken, DeviceKey: noDevice }), ...untracked);
  await refused(op("AdminListDevices", user), ...untracked);
  await refused(op("AdminGetDevice", { ...user, DeviceKey: noDevice }), ...untracked);
  await refused(op("AdminForgetDevice", { ...user, DeviceKey: noDevice }), ...untracked);
});

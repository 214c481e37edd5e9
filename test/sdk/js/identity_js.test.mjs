// amazon-cognito-identity-js, the client of countless older web applications: SRP sign-in, its storage and its callbacks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool } from "amazon-cognito-identity-js";
import {
  MemoryStorage, address, claims, code, endpoint, laxPolicies, list, makePool, makeUser, mask, op, pairs, password, phone, refresh, refused, wrong,
} from "./support.mjs";

/** front is the application's side of a pool: identity-js objects over one storage. */
function front(pool, storage = new MemoryStorage()) {
  const userPool = new CognitoUserPool({ UserPoolId: pool.id, ClientId: pool.clientId, endpoint, Storage: storage });
  return { userPool, storage, user: (Username) => new CognitoUser({ Username, Pool: userPool, Storage: storage }) };
}

/** promised turns a node-style callback into a promise: promised((done) => user.getSession(done)). */
const promised = (call) => new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))));

/** authenticate resolves to {session} or to the challenge that was asked. */
const authenticate = (user, secret = password, Username = user.getUsername()) =>
  new Promise((resolve, reject) =>
    user.authenticateUser(new AuthenticationDetails({ Username, Password: secret }), {
      onSuccess: (session) => resolve({ session }),
      onFailure: reject,
      newPasswordRequired: (userAttributes, requiredAttributes) => resolve({ userAttributes, requiredAttributes }),
    }),
  );

const renew = (user, newPassword, attributes) =>
  new Promise((resolve, reject) =>
    user.completeNewPasswordChallenge(newPassword, attributes, { onSuccess: resolve, onFailure: reject }),
  );

const attribute = (Name, Value) => new CognitoUserAttribute({ Name, Value });
const attributesOf = async (user) => pairs(await promised((done) => user.getUserAttributes(done)));
const status = async (pool, Username) => (await op("AdminGetUser", { UserPoolId: pool.id, Username })).UserStatus;

test("a user signs up, has the code sent again, confirms and signs in over SRP", async () => {
  const pool = await makePool({ AutoVerifiedAttributes: ["email"] });
  const { userPool, user } = front(pool);
  const to = address();
  const made = await promised((done) => userPool.signUp("ann", password, [attribute("email", to)], null, done));
  assert.equal(made.userConfirmed, false);
  assert.equal(made.user.getUsername(), "ann");
  assert.deepEqual(made.codeDeliveryDetails, { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: mask(to) });
  const first = await code(to);
  const ann = user("ann");
  await refused(authenticate(user("ann")), "UserNotConfirmedException", "User is not confirmed.");
  const again = await promised((done) => ann.resendConfirmationCode(done));
  assert.equal(again.CodeDeliveryDetails.Destination, mask(to));
  const second = await code(to);
  const confirm = (digits) => promised((done) => ann.confirmRegistration(digits, false, done));
  await refused(confirm(wrong(second)), "CodeMismatchException", "Invalid verification code provided, please try again.");
  if (first !== second) await refused(confirm(first), "CodeMismatchException", "Invalid verification code provided, please try again.");
  assert.equal(await confirm(second), "SUCCESS");

  const { session } = await authenticate(ann);
  assert.ok(session.isValid());
  const id = session.getIdToken().decodePayload();
  assert.equal(id.sub, made.userSub);
  assert.equal(id.aud, pool.clientId);
  assert.equal(id.email, to);
  assert.equal(id.email_verified, true);
  assert.equal(session.getAccessToken().decodePayload().username, "ann");
  await refused(
    promised((done) => userPool.signUp("ann", password, [], null, done)),
    "UsernameExistsException",
    "User already exists",
  );
});

test("two hundred SRP sign-ins in a row succeed, whatever the salt, the name and the password", async () => {
  const pool = await makePool({ Policies: laxPolicies });
  const names = (i) =>
    [`user${i}`, `USER${i}`, `user.${i}+tag`, `пользователь${i}`, `名前${i}`, `e\u0301${i}`, `\u00e9${i}`, `💧${i}`, `${i}`.padStart(9, "0"), `u:${i}`][i % 10];
  const secrets = (i) =>
    [
      `Passw0rd!${i}`, `пароль-${i}-длинный`, `🗝🔒${i}🗝🔒`, `e\u0301-nfd-${i}`, `\u00e9-nfc-${i}`, `quote"'\\${i}`, `000000${i}`, `colon:${i}:`, `${i}`.repeat(40).slice(0, 120) + "x!Y",
      `\u{10FFFD}${i}-astral`,
    ][(i * 7) % 10];
  const { user } = front(pool);
  for (let i = 0; i < 100; i++) await makeUser(pool, names(i), {}, secrets(i));
  for (let i = 0; i < 200; i++) {
    const [name, secret] = [names(i % 100), secrets(i % 100)];
    const { session } = await authenticate(user(name), secret).catch((error) => {
      throw new Error(`sign-in ${i} of ${JSON.stringify(name)} with ${JSON.stringify(secret)}: ${error.name}: ${error.message}`);
    });
    assert.equal(session.getAccessToken().decodePayload().username, name);
  }
  for (let i = 0; i < 20; i++) {
    await refused(authenticate(user(names(i)), secrets(i) + "?"), "NotAuthorizedException", "Incorrect username or password.");
  }
});

test("SRP takes an e-mail or telephone alias and answers the real name", async () => {
  const pool = await makePool({ AliasAttributes: ["email", "phone_number", "preferred_username"] });
  const { user } = front(pool);
  const [to, number] = [address(), phone()];
  await makeUser(pool, "ann", { email: to, email_verified: "true", phone_number: number, phone_number_verified: "true", preferred_username: "annie" });
  for (const alias of ["ann", to, number, "annie"]) {
    const ann = user(alias);
    const { session } = await authenticate(ann);
    assert.equal(ann.getUsername(), "ann", alias);
    assert.equal(session.getIdToken().decodePayload()["cognito:username"], "ann");
  }
  await refused(authenticate(user(to), "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
});

test("SRP works where the user name is an e-mail address, in any case of letters", async () => {
  const pool = await makePool({ UsernameAttributes: ["email"], UsernameConfiguration: { CaseSensitive: false }, AutoVerifiedAttributes: ["email"] });
  const { userPool, user } = front(pool);
  const to = address();
  const made = await promised((done) => userPool.signUp(to, password, [], null, done));
  const digits = await code(to);
  assert.equal(await promised((done) => made.user.confirmRegistration(digits, false, done)), "SUCCESS");
  for (const name of [to, to.toUpperCase()]) {
    const ann = user(name);
    const { session } = await authenticate(ann);
    assert.equal(ann.getUsername(), made.userSub);
    assert.equal(session.getAccessToken().decodePayload().username, made.userSub);
    assert.equal(session.getIdToken().decodePayload().email, to);
  }
});

test("unknown users, disabled users and wrong passwords are told apart only where the client allows", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const { user } = front(pool);
  await refused(authenticate(user("nobody")), "UserNotFoundException", "User does not exist.");
  await refused(authenticate(user("ann"), "Wr0ng-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  await op("AdminDisableUser", { UserPoolId: pool.id, Username: "ann" });
  await refused(authenticate(user("ann")), "NotAuthorizedException", "User is disabled.");

  const hiding = await makePool({}, { PreventUserExistenceErrors: "ENABLED" });
  await refused(authenticate(front(hiding).user("nobody")), "NotAuthorizedException", "Incorrect username or password.");
});

test("a temporary password is replaced with the required attributes", async () => {
  const pool = await makePool({
    Schema: ["given_name", "family_name"].map((Name) => ({ Name, AttributeDataType: "String", Required: true, Mutable: true })),
  });
  await op("AdminCreateUser", {
    UserPoolId: pool.id, Username: "ann", MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!",
    UserAttributes: list({ email: "ann@example.com", family_name: "Quist" }),
  });
  const { user } = front(pool);
  for (const flow of ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"]) {
    const ann = user("ann");
    ann.setAuthenticationFlowType(flow);
    const asked = await authenticate(ann, "Temp-0rary!");
    assert.deepEqual(asked.requiredAttributes, ["given_name"], flow);
    assert.equal(asked.userAttributes.email, "ann@example.com");
    assert.equal(asked.userAttributes.family_name, "Quist");
  }
  const ann = user("ann");
  await authenticate(ann, "Temp-0rary!");
  await refused(renew(ann, "weakling", { given_name: "Ann" }), "InvalidPasswordException", /^Password does not conform to policy: Password must have /);
  const session = await renew(ann, password, { given_name: "Ann" });
  assert.ok(session.isValid());
  assert.equal(session.getIdToken().decodePayload().given_name, "Ann");
  assert.equal(await status(pool, "ann"), "CONFIRMED");
  await authenticate(user("ann"));
  await refused(authenticate(user("ann"), "Temp-0rary!"), "NotAuthorizedException", "Incorrect username or password.");
});

test("a session comes back from storage and is refreshed when it has ended", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const { user, storage } = front(pool);
  const { session: first } = await authenticate(user("ann"));
  const prefix = `CognitoIdentityServiceProvider.${pool.clientId}`;
  assert.equal(storage.getItem(`${prefix}.LastAuthUser`), "ann");

  const current = front(pool, storage).userPool.getCurrentUser();
  assert.equal(current.getUsername(), "ann");
  const stored = await promised((done) => current.getSession(done));
  assert.equal(stored.getAccessToken().getJwtToken(), first.getAccessToken().getJwtToken());
  assert.equal((await attributesOf(current)).sub, first.getIdToken().decodePayload().sub);

  // A clock drift of two hours makes the stored tokens look ended, as they do to a browser that slept.
  storage.setItem(`${prefix}.ann.clockDrift`, String(-2 * 3600));
  const woken = front(pool, storage).userPool.getCurrentUser();
  const refreshed = await promised((done) => woken.getSession(done));
  assert.notEqual(refreshed.getAccessToken().getJwtToken(), first.getAccessToken().getJwtToken());
  assert.equal(refreshed.getRefreshToken().getToken(), first.getRefreshToken().getToken());
  assert.equal(
    claims(refreshed.getAccessToken().getJwtToken()).origin_jti,
    claims(first.getAccessToken().getJwtToken()).origin_jti,
  );

  const explicit = await promised((done) => woken.refreshSession(first.getRefreshToken(), done));
  assert.ok(explicit.isValid());
});

test("a forgotten password is replaced", async () => {
  const pool = await makePool({ AutoVerifiedAttributes: ["email"] });
  const { user } = front(pool);
  const to = address();
  await makeUser(pool, "ann", { email: to, email_verified: "true" });
  const ann = user("ann");
  const sent = await new Promise((resolve, reject) =>
    ann.forgotPassword({ onSuccess: resolve, onFailure: reject, inputVerificationCode: resolve }),
  );
  assert.deepEqual(sent.CodeDeliveryDetails, { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: mask(to) });
  const digits = await code(to);
  const confirm = (value) =>
    new Promise((resolve, reject) => ann.confirmPassword(value, "Bett3r-horse!", { onSuccess: resolve, onFailure: reject }));
  await refused(confirm(wrong(digits)), "CodeMismatchException", "Invalid verification code provided, please try again.");
  assert.equal(await confirm(digits), "SUCCESS");
  await authenticate(user("ann"), "Bett3r-horse!");
  await refused(authenticate(user("ann")), "NotAuthorizedException", "Incorrect username or password.");
});

test("a signed-in user changes the password and reads, writes and deletes attributes", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann", { name: "Ann", nickname: "an" });
  const ann = front(pool).user("ann");
  await authenticate(ann);
  assert.equal((await attributesOf(ann)).name, "Ann");
  assert.equal(await promised((done) => ann.updateAttributes([attribute("name", "Anna")], done)), "SUCCESS");
  assert.equal(await promised((done) => ann.deleteAttributes(["nickname"], done)), "SUCCESS");
  const { sub, ...rest } = await attributesOf(ann);
  assert.deepEqual(rest, { name: "Anna" });
  const data = await promised((done) => ann.getUserData(done, { bypassCache: true }));
  assert.equal(data.Username, "ann");
  assert.equal(pairs(data.UserAttributes).sub, sub);

  const change = (from, to) => promised((done) => ann.changePassword(from, to, done));
  await refused(change("Wr0ng-horse!", "Bett3r-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  await refused(change(password, "weakling"), "InvalidPasswordException", /^Password does not conform to policy: Password must have /);
  assert.equal(await change(password, "Bett3r-horse!"), "SUCCESS");
  await authenticate(front(pool).user("ann"), "Bett3r-horse!");
});

test("an attribute is verified with the code that was sent", async () => {
  const pool = await makePool();
  const to = address();
  await makeUser(pool, "ann", { email: to });
  const ann = front(pool).user("ann");
  await authenticate(ann);
  await new Promise((resolve, reject) =>
    ann.getAttributeVerificationCode("email", { onSuccess: resolve, onFailure: reject, inputVerificationCode: resolve }),
  );
  const digits = await code(to);
  const verify = (value) => new Promise((resolve, reject) => ann.verifyAttribute("email", value, { onSuccess: resolve, onFailure: reject }));
  await refused(verify(wrong(digits)), "CodeMismatchException", "Invalid verification code provided, please try again.");
  assert.equal(await verify(digits), "SUCCESS");
  assert.equal((await attributesOf(ann)).email_verified, "true");
});

test("signing out forgets the tokens here, and everywhere when asked", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const { user, userPool, storage } = front(pool);
  const ann = user("ann");
  const { session } = await authenticate(ann);
  const elsewhere = front(pool).user("ann");
  await authenticate(elsewhere);
  await new Promise((resolve) => ann.signOut(resolve));
  assert.equal(userPool.getCurrentUser(), null);
  assert.deepEqual(storage.keys().filter((name) => name.includes("Token")), []);
  await refused(refresh(pool, session.getRefreshToken().getToken()), "NotAuthorizedException", "Refresh Token has been revoked");
  assert.equal((await attributesOf(elsewhere)).sub, session.getIdToken().decodePayload().sub);

  const third = user("ann");
  await authenticate(third);
  const out = await new Promise((resolve, reject) => third.globalSignOut({ onSuccess: resolve, onFailure: reject }));
  assert.equal(out, "SUCCESS");
  await refused(attributesOf(elsewhere), "NotAuthorizedException", "Access Token has been revoked");
  await authenticate(user("ann"));
});

test("a user deletes the own account", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const { user, userPool } = front(pool);
  const ann = user("ann");
  await authenticate(ann);
  assert.equal(await promised((done) => ann.deleteUser(done)), "SUCCESS");
  assert.equal(userPool.getCurrentUser(), null);
  await refused(authenticate(user("ann")), "UserNotFoundException", "User does not exist.");
});

// The JavaScript half of TestGoAndJavaScriptShareAStore: one step of amazon-cognito-identity-js on the session file of the Go client.
//   node exchange.mjs STEP FILE POOL CLIENT USERNAME PASSWORD
import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { AuthenticationDetails, CognitoUser, CognitoUserPool, CookieStorage } from "amazon-cognito-identity-js";

const [step, file, UserPoolId, ClientId, Username, Password] = process.argv.slice(2);

/** FileStorage is the Go client's session file as an ICognitoStorage. */
const storage = {
  read: () => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).items : {}),
  write(items) {
    writeFileSync(file, JSON.stringify({ format: "cognito-sessions", version: 1, items }), { mode: 0o600 });
    chmodSync(file, 0o600);
  },
  getItem: (key) => storage.read()[key] ?? null,
  setItem: (key, value) => storage.write({ ...storage.read(), [key]: value }),
  removeItem(key) {
    const { [key]: _, ...rest } = storage.read();
    storage.write(rest);
  },
  clear: () => storage.write({}),
};

const pool = new CognitoUserPool({ UserPoolId, ClientId, endpoint: process.env.CENOTE_URL, Storage: storage });
const promised = (call) => new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))));

/** signIn resolves to the name of what was asked, or to "session". */
const signIn = (user) =>
  new Promise((resolve, reject) =>
    user.authenticateUser(new AuthenticationDetails({ Username, Password }), {
      onSuccess: () => resolve("session"),
      onFailure: reject,
      totpRequired: () => resolve("totp"),
    }),
  );

const steps = {
  // signs in and has the device remembered
  async "sign-in"() {
    assert.equal(await signIn(new CognitoUser({ Username, Pool: pool, Storage: storage })), "session");
    assert.ok(storage.getItem(`CognitoIdentityServiceProvider.${ClientId}.${Username}.deviceKey`));
  },
  // goes on with the session that the Go client stored
  async session() {
    const user = pool.getCurrentUser();
    assert.equal(user.getUsername(), Username);
    const session = await promised((done) => user.getSession(done));
    assert.ok(session.isValid());
    assert.equal(session.getIdToken().decodePayload().nickname, "Ännchen 💧");
    const data = await promised((done) => user.getUserData(done));
    assert.deepEqual(data.UserAttributes.find(({ Name }) => Name === "nickname").Value, "Ännchen 💧");
  },
  // refreshes that session
  async refresh() {
    const user = pool.getCurrentUser();
    const session = await promised((done) => user.getSession(done));
    await promised((done) => user.refreshSession(session.getRefreshToken(), done));
  },
  // signs in with the device of the Go client, which stands in for the second factor
  async device() {
    assert.equal(await signIn(pool.getCurrentUser()), "session");
  },
  // the same without a device
  async factor() {
    const empty = new Map();
    const Storage = { getItem: (k) => empty.get(k) ?? null, setItem: (k, v) => empty.set(k, v), removeItem: (k) => empty.delete(k), clear: () => empty.clear() };
    assert.equal(await signIn(new CognitoUser({ Username, Pool: pool, Storage })), "totp");
  },
  // prints the cookie that the library sets, and reads the one that is given in place of the file
  async cookies() {
    const key = "CognitoIdentityServiceProvider.c.ann@example.com (Ä).userData";
    const document = { cookie: "" };
    globalThis.document = document;
    const cookies = new CookieStorage({ domain: "example.com" });
    document.cookie = file;
    assert.equal(cookies.getItem(key), '{"a": "ü;=,+%\\"/[]"}');
    cookies.setItem(key, '{"a": "ü;=,+%\\"/[]"}');
    console.log(document.cookie);
  },
};

await steps[step]();

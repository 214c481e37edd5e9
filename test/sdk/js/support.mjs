// What the judges share: the server under test, a pool of one's own, the inbox and the clock. It uses the official SDK
// and public addresses only, so that it can be pointed at any server which keeps the same contract.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import * as idp from "@aws-sdk/client-cognito-identity-provider";

/** Address of the server under test, without a slash at the end. */
export const endpoint = needed("CENOTE_URL").replace(/\/+$/, "");
export const region = process.env.AWS_REGION || "us-east-1";
export const password = "Corr3ct-horse!";

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these tests run against a live server (go test ./test/sdk)`);
  return value;
}

/** sdk returns a client; it never retries, so that a test sees the first answer. */
export function sdk(settings = {}) {
  return new idp.CognitoIdentityProviderClient({
    endpoint,
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: needed("AWS_ACCESS_KEY_ID"), secretAccessKey: needed("AWS_SECRET_ACCESS_KEY") },
    ...settings,
  });
}

const client = sdk();

/** op calls one operation by its name: op("SignUp", {...}). The answer comes without $metadata. */
export async function op(name, input = {}) {
  const { $metadata, ...answer } = await client.send(new idp[`${name}Command`](input));
  assert.equal($metadata.httpStatusCode, 200);
  assert.match($metadata.requestId ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, `request id of ${name}`);
  return answer;
}

/**
 * refused expects that a call fails with an exception name and, when given, with exactly this message (or a pattern).
 * It understands the errors of the SDK, of identity-js and of Amplify.
 */
export async function refused(call, name, message) {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    assert.equal(error.name, name, `got ${error.name}: ${error.message}`);
    if (message instanceof RegExp) assert.match(error.message, message);
    else if (message !== undefined) assert.equal(error.message, message);
    if (error.$metadata) assert.equal(error.$metadata.httpStatusCode, 400);
    return error;
  }
  assert.fail(`answered ${JSON.stringify(answer)}, want ${name}`);
}

export const everyFlow = [
  "ALLOW_USER_SRP_AUTH",
  "ALLOW_USER_PASSWORD_AUTH",
  "ALLOW_ADMIN_USER_PASSWORD_AUTH",
  "ALLOW_REFRESH_TOKEN_AUTH",
];

/** Every flow, with those in which a user or a function chooses what to answer. */
export const everyFlowOfChoice = [...everyFlow, "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH"];

/** Policies of a pool that takes any password of six characters. */
export const laxPolicies = {
  PasswordPolicy: {
    MinimumLength: 6,
    RequireLowercase: false,
    RequireUppercase: false,
    RequireNumbers: false,
    RequireSymbols: false,
    TemporaryPasswordValidityDays: 7,
  },
};

/** makePool creates a pool with one client that allows every flow and returns {id, arn, clientId, clientSecret}. */
export async function makePool(settings = {}, clientSettings = {}) {
  const { UserPool } = await op("CreateUserPool", { PoolName: "judge", ...settings });
  const c = await makeClient({ id: UserPool.Id }, clientSettings);
  return { id: UserPool.Id, arn: UserPool.Arn, clientId: c.ClientId, clientSecret: c.ClientSecret };
}

/** The blocks of SetUserPoolMfaConfig, by the challenge that asks for the factor. */
export const factorBlocks = {
  SMS_MFA: { SmsMfaConfiguration: { SmsConfiguration: { SnsCallerArn: "arn:aws:iam::123456789012:role/sms", ExternalId: "judge" } } },
  SOFTWARE_TOKEN_MFA: { SoftwareTokenMfaConfiguration: { Enabled: true } },
  EMAIL_OTP: { EmailMfaConfiguration: { Message: "Your code is {####}.", Subject: "Your code" } },
};

/** What a pool needs before it can send second factors by e-mail. */
export const ownSender = {
  EmailConfiguration: { EmailSendingAccount: "DEVELOPER", SourceArn: "arn:aws:ses:us-east-1:123456789012:identity/judge@example.com" },
};

/** makeFactorPool is makePool for a pool whose MFA is OPTIONAL or ON, with second factors named as their challenges are. */
export async function makeFactorPool(mode, factors, settings = {}, clientSettings = {}) {
  const pool = await makePool({ ...ownSender, ...settings }, { ExplicitAuthFlows: everyFlowOfChoice, ...clientSettings });
  await op("SetUserPoolMfaConfig", {
    UserPoolId: pool.id,
    MfaConfiguration: mode,
    ...Object.assign({}, ...factors.map((factor) => factorBlocks[factor])),
  });
  return pool;
}

/** makeChoicePool is makePool for a pool whose users choose their first factor; passkeys belong to localhost. */
export async function makeChoicePool(settings = {}, clientSettings = {}, passkeys = {}) {
  const { Policies, ...others } = settings;
  const SignInPolicy = { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"] };
  const pool = await makePool(
    { ...ownSender, Policies: { SignInPolicy, ...Policies }, ...others },
    { ExplicitAuthFlows: everyFlowOfChoice, ...clientSettings },
  );
  await op("SetUserPoolMfaConfig", {
    UserPoolId: pool.id,
    MfaConfiguration: "OFF",
    WebAuthnConfiguration: { RelyingPartyId: "localhost", UserVerification: "required", ...passkeys },
  });
  return pool;
}

export async function makeClient(pool, settings = {}) {
  const { UserPoolClient } = await op("CreateUserPoolClient", {
    UserPoolId: pool.id,
    ClientName: "judge",
    ExplicitAuthFlows: everyFlow,
    ...settings,
  });
  return UserPoolClient;
}

/** makeUser creates a confirmed user without a message and returns what AdminCreateUser answered. */
export async function makeUser(pool, username, attributes = {}, secret = password) {
  const { User } = await op("AdminCreateUser", {
    UserPoolId: pool.id,
    Username: username,
    MessageAction: "SUPPRESS",
    UserAttributes: list(attributes),
  });
  await op("AdminSetUserPassword", { UserPoolId: pool.id, Username: username, Password: secret, Permanent: true });
  return User;
}

/** shown is a user as administrators see it: {status, ...attributes}. */
export async function shown(pool, username) {
  const { UserAttributes, UserStatus } = await op("AdminGetUser", { UserPoolId: pool.id, Username: username });
  return { status: UserStatus, ...pairs(UserAttributes) };
}

/** signIn signs in with USER_PASSWORD_AUTH and returns the tokens. */
export async function signIn(pool, username, secret = password) {
  const answer = await initiate(pool, username, secret);
  assert.ok(answer.AuthenticationResult, `want tokens, got ${JSON.stringify(answer)}`);
  return answer.AuthenticationResult;
}

/** Step is one step of a sign-in: {pool, username, name, parameters, session, available, tokens, device}. */
const step = (pool, username, answer) => ({
  pool,
  username,
  name: answer.ChallengeName,
  parameters: answer.ChallengeParameters,
  session: answer.Session,
  available: answer.AvailableChallenges,
  tokens: answer.AuthenticationResult,
  device: answer.AuthenticationResult?.NewDeviceMetadata,
});

/** begin starts a sign-in by a flow: begin(pool, "USER_AUTH", "ann", {PREFERRED_CHALLENGE: "PASSWORD"}). */
export async function begin(pool, AuthFlow, username, parameters = {}, more = {}) {
  const AuthParameters = { USERNAME: username, ...(pool.clientSecret && { SECRET_HASH: secretHash(pool, username) }), ...parameters };
  return step(pool, username, await op("InitiateAuth", { ClientId: pool.clientId, AuthFlow, AuthParameters, ...more }));
}

/** respond answers the challenge of a step: respond(asked, {ANSWER: "SMS_MFA"}). Changes take the place of what the step says. */
export async function respond(asked, responses, changes = {}) {
  const { pool, username } = asked;
  const ChallengeResponses = { USERNAME: username, ...(pool.clientSecret && { SECRET_HASH: secretHash(pool, username) }), ...responses };
  const answer = await op("RespondToAuthChallenge", {
    ClientId: pool.clientId, ChallengeName: asked.name, Session: asked.session, ChallengeResponses, ...changes,
  });
  return step(pool, username, answer);
}

/** initiate is InitiateAuth with USER_PASSWORD_AUTH. */
export function initiate(pool, username, secret = password) {
  return op("InitiateAuth", {
    ClientId: pool.clientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: {
      USERNAME: username,
      PASSWORD: secret,
      ...(pool.clientSecret && { SECRET_HASH: secretHash(pool, username) }),
    },
  });
}

export function refresh(pool, token, flow = "REFRESH_TOKEN_AUTH") {
  return op("InitiateAuth", { ClientId: pool.clientId, AuthFlow: flow, AuthParameters: { REFRESH_TOKEN: token } });
}

export function secretHash({ clientId, clientSecret }, username) {
  return createHmac("sha256", clientSecret).update(username + clientId).digest("base64");
}

/** list turns {email: "x"} into [{Name: "email", Value: "x"}]; pairs turns it back. */
export const list = (attributes) => Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
export const pairs = (attributes) => Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));

/** address returns an e-mail address nobody else uses. */
export const address = () => `${randomUUID()}@example.com`;
/** phone returns a number nobody else uses: +1 and ten digits. */
export const phone = () => `+1${String(parseInt(randomUUID().slice(0, 8), 16)).padStart(10, "5")}`;
/** mask hides an address as the service does. */
export const mask = (email) => `${email[0]}***@${email.split("@")[1][0]}***`;

export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const header = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[0], "base64url"));
export const claims = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));

/** inbox returns every message to a recipient, newest first. */
export async function inbox(to) {
  const response = await fetch(`${endpoint}/_cenote/inbox?to=${encodeURIComponent(to)}`, {
    headers: { accept: "application/json" },
  });
  assert.equal(response.status, 200);
  return response.json();
}

const read = new Set();

/** mail waits for the oldest message to a recipient that no call returned before. */
export async function mail(to) {
  for (const end = performance.now() + 30_000; performance.now() < end; await new Promise((go) => setTimeout(go, 20))) {
    const unread = (await inbox(to)).filter(({ id }) => !read.has(id));
    if (unread.length === 0) continue;
    const message = unread.at(-1);
    read.add(message.id);
    return message;
  }
  assert.fail(`no message to ${to}`);
}

/** code is the code of the next message to a recipient. */
export async function code(to) {
  const message = await mail(to);
  assert.ok(message.code, `no code in ${JSON.stringify(message)}`);
  assert.ok(message.body.includes(message.code), "the text holds the code");
  return message.code;
}

/** hidden shows a phone number as the service does: the last four digits. */
export const hidden = (number) => `+${"*".repeat(number.length - 5)}${number.slice(-4)}`;

/** wrong changes a code of digits into another one. */
export const wrong = (digits) => digits.replace(/^./, (first) => (Number(first) + 1) % 10);

/** advance moves the server's clock forward, for example by "15m". */
export async function advance(duration) {
  const response = await fetch(`${endpoint}/_cenote/clock`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ advance: duration }),
  });
  assert.ok(response.ok, `clock: ${response.status} ${await response.text()}`);
}

/** serverTime is what the server's clock shows, in seconds since 1970. */
export async function serverTime() {
  const response = await fetch(`${endpoint}/_cenote/clock`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ advance: "0s" }),
  });
  assert.ok(response.ok, `clock: ${response.status}`);
  return Date.parse((await response.json()).now) / 1000;
}

/**
 * SoftwareToken is an authenticator app with one secret (RFC 6238: SHA-1, six digits, 30 seconds). A code counts once, so each code it shows
 * is of a later time step than the one before; where that would be too early, it moves the server's clock.
 */
export class SoftwareToken {
  #key;
  #shown = 0;

  constructor(secret) {
    assert.match(secret, /^[A-Z2-7]{52}$/, "the secret is 256 bits in base32");
    const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
    this.#key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  }

  async code() {
    const now = Math.floor((await serverTime()) / 30);
    const next = Math.max(now, this.#shown + 1);
    if (next > now + 1) await advance("30s");
    this.#shown = next;
    return this.at(next);
  }

  /** at is the code of a time step, used or not. */
  at(timeStep) {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(timeStep));
    const mac = createHmac("sha1", this.#key).update(counter).digest();
    const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
    return String(number % 1e6).padStart(6, "0");
  }
}

/** enrol gives a signed-in user a software token and turns it on, as a preference if so wished. */
export async function enrol(AccessToken, settings = { Enabled: true, PreferredMfa: true }) {
  const token = new SoftwareToken((await op("AssociateSoftwareToken", { AccessToken })).SecretCode);
  const { Status } = await op("VerifySoftwareToken", { AccessToken, UserCode: await token.code() });
  assert.equal(Status, "SUCCESS");
  if (settings) await op("SetUserMFAPreference", { AccessToken, SoftwareTokenMfaSettings: settings });
  return token;
}

/** MemoryStorage is a browser's storage, in memory; Amplify awaits its methods, identity-js does not. */
export class MemoryStorage {
  #items = new Map();
  getItem(key) {
    return this.#items.get(key) ?? null;
  }
  setItem(key, value) {
    this.#items.set(key, value);
  }
  removeItem(key) {
    this.#items.delete(key);
  }
  clear() {
    this.#items.clear();
  }
  keys() {
    return [...this.#items.keys()];
  }
}

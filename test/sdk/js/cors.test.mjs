// What a browser sees: the preflight, the answer and the error of a page on another origin, through plain fetch.
import assert from "node:assert/strict";
import { test } from "node:test";
import { endpoint, makePool, makeUser, password, uuid } from "./support.mjs";

const origin = "https://app.example.com";
const pool = await makePool();
await makeUser(pool, "ann");

/** call posts as a page does; a string or undefined body is sent as it is. */
async function call(operation, body, headers = {}) {
  const response = await fetch(`${endpoint}/`, {
    method: "POST",
    headers: {
      origin,
      "content-type": "application/x-amz-json-1.1",
      ...(operation && { "x-amz-target": `AWSCognitoIdentityProviderService.${operation}` }),
      ...headers,
    },
    body: typeof body === "object" && body !== null ? JSON.stringify(body) : body,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const initiate = (secret) => ({
  ClientId: pool.clientId,
  AuthFlow: "USER_PASSWORD_AUTH",
  AuthParameters: { USERNAME: "ann", PASSWORD: secret },
});

function readable({ headers }) {
  assert.equal(headers.get("access-control-allow-origin"), "*");
  const exposed = headers.get("access-control-expose-headers").toLowerCase().split(/,\s*/);
  for (const name of ["x-amzn-requestid", "x-amzn-errortype", "x-amzn-errormessage", "date"]) assert.ok(exposed.includes(name), name);
  assert.match(headers.get("x-amzn-requestid"), uuid);
  assert.match(headers.get("content-type"), /^application\/x-amz-json-1\.1/);
  assert.ok(Math.abs(Date.parse(headers.get("date")) - Date.now()) < 60_000, "clients set their clock by the Date header");
}

function failed(answer, name, message) {
  assert.equal(answer.status, 400);
  readable(answer);
  assert.equal(answer.headers.get("x-amzn-errortype").split(":")[0], name);
  const body = JSON.parse(answer.text);
  assert.equal(body.__type.split("#").pop(), name);
  if (message !== undefined) {
    assert.equal(body.message, message);
    assert.equal(answer.headers.get("x-amzn-errormessage"), message);
  }
  return body;
}

test("a preflight lets every header through that a client asks for", async () => {
  const lists = {
    "identity-js": "cache-control,content-type,x-amz-target,x-amz-user-agent",
    Amplify: "amz-sdk-invocation-id,amz-sdk-request,cache-control,content-type,x-amz-target,x-amz-user-agent",
    "the SDK": "amz-sdk-invocation-id,amz-sdk-request,authorization,content-type,x-amz-content-sha256,x-amz-date,x-amz-security-token,x-amz-target,x-amz-user-agent",
    "an application with its own": "content-type,x-amz-target,x-request-id,x-tenant",
  };
  for (const [client, headers] of Object.entries(lists)) {
    const response = await fetch(`${endpoint}/`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": headers },
    });
    assert.equal(response.status, 200, client);
    assert.equal(await response.text(), "");
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.ok(response.headers.get("access-control-allow-methods").split(/,\s*/).includes("POST"));
    assert.equal(response.headers.get("access-control-allow-headers").replaceAll(" ", "").toLowerCase(), headers, client);
    assert.equal(response.headers.get("access-control-max-age"), "172800");
    assert.ok(!response.headers.has("access-control-allow-credentials"));
  }
});

test("an answer can be read from another origin", async () => {
  const answer = await call("InitiateAuth", initiate(password));
  assert.equal(answer.status, 200);
  readable(answer);
  const body = JSON.parse(answer.text);
  assert.equal(typeof body.AuthenticationResult.ExpiresIn, "number");
  assert.deepEqual(body.ChallengeParameters, {});
  assert.ok(!("ChallengeName" in body) && !("Session" in body), "absent members are left out, not null");
});

test("an operation without output answers an empty object", async () => {
  const { AccessToken } = JSON.parse((await call("InitiateAuth", initiate(password))).text).AuthenticationResult;
  const answer = await call("GlobalSignOut", { AccessToken });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, "{}");
});

test("an error can be read from another origin, in the header and in the body alike", async () => {
  failed(await call("InitiateAuth", initiate("Wr0ng-horse!")), "NotAuthorizedException", "Incorrect username or password.");
  failed(
    await call("InitiateAuth", { ...initiate(password), ClientId: "1example23456789abcdefghij" }),
    "ResourceNotFoundException",
    "User pool client 1example23456789abcdefghij does not exist.",
  );
});

test("the header of an error holds one line whatever the message", async () => {
  const strict = await makePool({ Schema: [{ Name: "name", AttributeDataType: "String", Required: true, Mutable: true }] });
  const answer = await call("SignUp", { ClientId: strict.clientId, Username: "ann", Password: password });
  const body = failed(answer, "InvalidParameterException");
  assert.match(body.message, /name: The attribute is required/);
  assert.match(answer.headers.get("x-amzn-errormessage") ?? "", /^[\x20-\x7e]*$/);
});

test("unknown operations are named so", async () => {
  failed(await call("InventUser", {}), "UnknownOperationException");
  failed(await call(undefined, {}), "UnknownOperationException");
  failed(await call("X", {}, { "x-amz-target": "SomeOtherService.InitiateAuth" }), "UnknownOperationException");
  failed(await call("initiateauth", {}), "UnknownOperationException");
});

test("bodies that are no object are told so", async () => {
  for (const body of ["", "null", '"text"', "7", "{", "nonsense", "[]", '{"ClientId": }', '{"ClientId":"a"} {"ClientId":"b"}']) {
    failed(await call("InitiateAuth", body), "SerializationException");
  }
});

test("members of the wrong type are told so, before anything else is checked", async () => {
  for (const change of [{ ClientId: 7 }, { AuthParameters: "x" }, { AuthParameters: { USERNAME: 7 } }, { AuthFlow: {} }, { ClientId: ["a"] }]) {
    failed(await call("InitiateAuth", { ...initiate(password), ...change }), "SerializationException");
  }
});

test("unknown and null members are passed over", async () => {
  const answer = await call("InitiateAuth", {
    ...initiate(password),
    Invented: { deep: [1, 2] },
    ClientMetadata: null,
    AuthParameters: { USERNAME: "ann", PASSWORD: password, DEVICE_KEY: null, EXTRA: "x" },
  });
  assert.equal(answer.status, 200, answer.text);
});

test("content types and paths that clients send are taken", async () => {
  for (const type of ["application/x-amz-json-1.1; charset=utf-8", "Application/X-Amz-Json-1.1", "application/x-amz-json-1.0"]) {
    assert.equal((await call("InitiateAuth", initiate(password), { "content-type": type })).status, 200, type);
  }
  const response = await fetch(`${endpoint}//`, {
    method: "POST",
    redirect: "error",
    headers: { origin, "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth" },
    body: JSON.stringify(initiate(password)),
  });
  assert.equal(response.status, 200, "a doubled slash");
});

test("a body of more than a mebibyte is refused and can be read", async () => {
  const answer = await call("InitiateAuth", { ...initiate(password), ClientMetadata: { filler: "x".repeat(1 << 20) } });
  assert.ok(answer.status >= 400 && answer.status < 500, `status ${answer.status}`);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
});

test("discovery and keys can be read from another origin", async () => {
  for (const name of ["openid-configuration", "jwks.json"]) {
    const response = await fetch(`${endpoint}/${pool.id}/.well-known/${name}`, { headers: { origin } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
  }
});

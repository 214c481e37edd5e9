// aws-jwt-verify, as an API behind cenote uses it: it accepts our tokens and refuses what is not quite one.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { CognitoJwtVerifier, JwtRsaVerifier, JwtVerifier } from "aws-jwt-verify";
import { claims, endpoint, header, makeClient, makePool, makeUser, op, refresh, signIn } from "./support.mjs";

const pool = await makePool();
await makeUser(pool, "ann", { email: "ann@example.com", email_verified: "true" });
await op("CreateGroup", { UserPoolId: pool.id, GroupName: "readers" });
await op("AdminAddUserToGroup", { UserPoolId: pool.id, Username: "ann", GroupName: "readers" });
const { IdToken, AccessToken, RefreshToken } = await signIn(pool, "ann");

const issuer = claims(IdToken).iss;
const amazon = `https://cognito-idp.${pool.id.split("_")[0]}.amazonaws.com/${pool.id}`;
const jwks = await (await fetch(`${endpoint}/${pool.id}/.well-known/jwks.json`)).json();

/** generic is a verifier that knows nothing of Cognito but the issuer. */
function generic(settings = {}) {
  const verifier = JwtRsaVerifier.create({ issuer, audience: null, ...settings });
  verifier.cacheJwks(jwks);
  return verifier;
}

/** cognito is the verifier of the library's first page; it takes the issuer from the pool id. */
function cognito(settings) {
  const verifier = CognitoJwtVerifier.create({ userPoolId: pool.id, clientId: pool.clientId, ...settings });
  verifier.cacheJwks(jwks);
  return verifier;
}

function rejects(verify, name) {
  assert.throws(verify, (error) => {
    assert.equal(error.constructor.name, name, error.message);
    return true;
  });
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

test("the issuer is the one this server was told to use", () => {
  assert.equal(issuer, process.env.CENOTE_AWS_ISSUER ? amazon : `${endpoint}/${pool.id}`);
});

test("a generic verifier accepts both tokens", () => {
  const id = generic({ audience: pool.clientId }).verifySync(IdToken);
  assert.equal(id.token_use, "id");
  assert.equal(id.email_verified, true);
  assert.deepEqual(id["cognito:groups"], ["readers"]);
  const access = generic().verifySync(AccessToken);
  assert.equal(access.token_use, "access");
  assert.equal(access.client_id, pool.clientId);
  assert.equal(JwtVerifier.create({ issuer, audience: null }).cacheJwks(jwks), undefined);
});

test("a verifier of the library's own kind accepts both tokens where the issuer has the form of AWS", { skip: issuer !== amazon && "the issuer is our own address" }, () => {
  assert.equal(cognito({ tokenUse: "id" }).verifySync(IdToken)["cognito:username"], "ann");
  assert.equal(cognito({ tokenUse: "access", groups: "readers", scope: "aws.cognito.signin.user.admin" }).verifySync(AccessToken).username, "ann");
  assert.equal(cognito({ tokenUse: null }).verifySync(AccessToken).username, "ann");
  rejects(() => cognito({ tokenUse: "id" }).verifySync(AccessToken), "CognitoJwtInvalidTokenUseError");
  rejects(() => cognito({ tokenUse: "access" }).verifySync(IdToken), "CognitoJwtInvalidTokenUseError");
  rejects(() => cognito({ tokenUse: "access", clientId: "1example23456789abcdefghij" }).verifySync(AccessToken), "CognitoJwtInvalidClientIdError");
  rejects(() => cognito({ tokenUse: "id", groups: "writers" }).verifySync(IdToken), "CognitoJwtInvalidGroupError");
  rejects(() => cognito({ tokenUse: "access", scope: "openid" }).verifySync(AccessToken), "JwtInvalidScopeError");
});

test("refreshed tokens are accepted too", async () => {
  const { AuthenticationResult } = await refresh(pool, RefreshToken);
  generic({ audience: pool.clientId }).verifySync(AuthenticationResult.IdToken);
  generic().verifySync(AuthenticationResult.AccessToken);
});

test("another audience, issuer, scope or pool is refused", async () => {
  const other = await makePool();
  await makeUser(other, "ann");
  const foreign = await signIn(other, "ann");
  rejects(() => generic({ audience: other.clientId }).verifySync(IdToken), "JwtInvalidAudienceError");
  rejects(() => generic({ scope: "openid" }).verifySync(AccessToken), "JwtInvalidScopeError");
  const astray = JwtRsaVerifier.create({ issuer: `${issuer}/other`, audience: null });
  astray.cacheJwks(jwks);
  rejects(() => astray.verifySync(IdToken), "JwtInvalidIssuerError");
  for (const token of [foreign.IdToken, foreign.AccessToken]) assert.throws(() => generic().verifySync(token));
  const sibling = await makeClient(pool);
  const { IdToken: theirs } = await signIn({ ...pool, clientId: sibling.ClientId }, "ann");
  rejects(() => generic({ audience: pool.clientId }).verifySync(theirs), "JwtInvalidAudienceError");
});

test("an altered token is refused", () => {
  const [head, , signature] = IdToken.split(".");
  const body = part({ ...claims(IdToken), "cognito:groups": ["admins"] });
  rejects(() => generic().verifySync(`${head}.${body}.${signature}`), "JwtInvalidSignatureError");
  const swapped = part({ ...header(IdToken), kid: header(AccessToken).kid });
  rejects(() => generic().verifySync(`${swapped}.${IdToken.split(".")[1]}.${signature}`), "JwtInvalidSignatureError");
  const none = part({ ...header(IdToken), alg: "none" });
  assert.throws(() => generic().verifySync(`${none}.${body}.`));
  assert.throws(() => generic().verifySync(RefreshToken), "a refresh token is no JWT for others");
});

test("an ended token is refused", () => {
  const verifier = generic();
  const end = claims(IdToken).exp * 1000;
  mock.timers.enable({ apis: ["Date"], now: end - 1000 });
  try {
    verifier.verifySync(IdToken);
    mock.timers.setTime(end + 1000);
    rejects(() => verifier.verifySync(IdToken), "JwtExpiredError");
    rejects(() => verifier.verifySync(AccessToken), "JwtExpiredError");
  } finally {
    mock.timers.reset();
  }
});

test("keys can be fetched from the address that discovery tells, and stay the same", async () => {
  const wellKnown = `${endpoint}/${pool.id}/.well-known`;
  const response = await fetch(`${wellKnown}/openid-configuration`);
  assert.match(response.headers.get("content-type"), /^application\/json/);
  const discovery = await response.json();
  assert.equal(discovery.issuer, issuer);
  assert.ok([`${issuer}/.well-known/jwks.json`, `${wellKnown}/jwks.json`].includes(discovery.jwks_uri), discovery.jwks_uri);
  assert.deepEqual(await (await fetch(`${wellKnown}/jwks.json`)).json(), jwks);
  assert.equal((await fetch(`${endpoint}/us-east-1_AAAAAAAAA/.well-known/jwks.json`)).status, 400);
});

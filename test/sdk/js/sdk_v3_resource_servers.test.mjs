// The AWS SDK for JavaScript v3 against resource servers, domains and the tokens of clients that act for themselves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Functions, envelope, fails, serveFunctions } from "./lambda.mjs";
import { advance, claims, header, makeClient, makePool, op, refused } from "./support.mjs";

serveFunctions();

const api = "solar-system-data";
const read = `${api}/asteroids.read`;
const add = `${api}/asteroids.add`;

/** makeMachine creates a pool with a resource server and a client of its own that acts for itself. */
async function makeMachine(settings = {}, clientSettings = {}) {
  const pool = await makePool(settings);
  await op("CreateResourceServer", {
    UserPoolId: pool.id,
    Identifier: api,
    Name: "Solar system",
    Scopes: [
      { ScopeName: "asteroids.read", ScopeDescription: "See asteroids" },
      { ScopeName: "asteroids.add", ScopeDescription: "Add asteroids" },
    ],
  });
  const made = await makeClient(pool, {
    GenerateSecret: true,
    ExplicitAuthFlows: ["ALLOW_CLIENT_TOKEN_AUTH"],
    AllowedOAuthScopes: ["openid", read, add],
    ...clientSettings,
  });
  return { pool, ClientId: made.ClientId, Secret: made.ClientSecret };
}

test("resource servers and domains are answered as documented", async () => {
  const pool = await makePool();
  const scopes = [{ ScopeName: "read", ScopeDescription: "See" }];
  const { ResourceServer } = await op("CreateResourceServer", { UserPoolId: pool.id, Identifier: "a", Name: "A", Scopes: scopes });
  assert.deepEqual(ResourceServer, { UserPoolId: pool.id, Identifier: "a", Name: "A", Scopes: scopes });
  assert.deepEqual(await op("DescribeResourceServer", { UserPoolId: pool.id, Identifier: "a" }), { ResourceServer });
  assert.deepEqual(await op("ListResourceServers", { UserPoolId: pool.id, MaxResults: 50 }), { ResourceServers: [ResourceServer] });
  assert.deepEqual(await op("UpdateResourceServer", { UserPoolId: pool.id, Identifier: "a", Name: "B" }), {
    ResourceServer: { UserPoolId: pool.id, Identifier: "a", Name: "B", Scopes: [] },
  });
  assert.deepEqual(await op("DeleteResourceServer", { UserPoolId: pool.id, Identifier: "a" }), {});
  assert.deepEqual(await op("ListResourceServers", { UserPoolId: pool.id }), { ResourceServers: [] });

  const Domain = pool.id.slice(10).toLowerCase().replace(/^/, "d");
  const CustomDomainConfig = { CertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/one", SecurityPolicy: "TLS_V1_3_2025" };
  assert.deepEqual(await op("DescribeUserPoolDomain", { Domain: "nobody.example.com" }), { DomainDescription: {} });
  assert.deepEqual(await op("CreateUserPoolDomain", { UserPoolId: pool.id, Domain }), { ManagedLoginVersion: 1 });
  assert.deepEqual((await op("DescribeUserPoolDomain", { Domain })).DomainDescription.CustomDomainConfig, {});
  assert.deepEqual(await op("UpdateUserPoolDomain", { UserPoolId: pool.id, Domain, ManagedLoginVersion: 2 }), { ManagedLoginVersion: 2 });
  const custom = await op("CreateUserPoolDomain", { UserPoolId: pool.id, Domain: `${Domain}.example.com`, CustomDomainConfig });
  assert.match(custom.CloudFrontDomain, /\S/);
  const { DomainDescription } = await op("DescribeUserPoolDomain", { Domain: `${Domain}.example.com` });
  assert.deepEqual(DomainDescription.CustomDomainConfig, CustomDomainConfig);
  assert.equal(DomainDescription.Status, "ACTIVE");
  for (const name of [Domain, `${Domain}.example.com`]) {
    assert.deepEqual(await op("DeleteUserPoolDomain", { UserPoolId: pool.id, Domain: name }), {});
  }
  const { Certificate } = await op("GetSigningCertificate", { UserPoolId: pool.id });
  assert.match(Certificate, /^MII[A-Za-z0-9+/]+=*$/);
});

test("a client gets an access token for itself", async () => {
  const { pool, ClientId, Secret } = await makeMachine();
  const { ClientAuthenticationResult: result } = await op("GetClientToken", { ClientId, Scopes: [add], Secret });
  assert.deepEqual({ ...result, AccessToken: "" }, { AccessToken: "", ExpiresIn: 3600, TokenType: "Bearer" });
  const { iss, auth_time, iat, exp, jti, ...said } = claims(result.AccessToken);
  assert.deepEqual(said, { sub: ClientId, client_id: ClientId, token_use: "access", scope: add, version: 2 });
  assert.ok(iss.endsWith(`/${pool.id}`), iss);
  assert.ok(auth_time === iat && exp === iat + 3600 && jti);
  assert.deepEqual(Object.keys(header(result.AccessToken)).sort(), ["alg", "kid"]);

  const all = await op("GetClientToken", { ClientId, Secret });
  assert.equal(claims(all.ClientAuthenticationResult.AccessToken).scope, `${read} ${add}`);
  await refused(op("GetUser", { AccessToken: result.AccessToken }), "NotAuthorizedException", "Access Token does not have required scopes");

  // A scope that goes is left out without a word.
  await op("UpdateResourceServer", {
    UserPoolId: pool.id, Identifier: api, Name: "Solar system", Scopes: [{ ScopeName: "asteroids.read", ScopeDescription: "See" }],
  });
  for (const Scopes of [undefined, [read, add]]) {
    const { ClientAuthenticationResult } = await op("GetClientToken", { ClientId, Secret, Scopes });
    assert.equal(claims(ClientAuthenticationResult.AccessToken).scope, read);
  }
});

test("a client's token lives as its settings say, and any of its secrets gets one", async () => {
  const { pool, ClientId, Secret } = await makeMachine({}, { AccessTokenValidity: 10, TokenValidityUnits: { AccessToken: "minutes" } });
  const { ClientSecretDescriptor: second } = await op("AddUserPoolClientSecret", { UserPoolId: pool.id, ClientId });
  await advance("1s"); // settings are looked at again
  for (const secret of [Secret, second.ClientSecretValue]) {
    const { ClientAuthenticationResult } = await op("GetClientToken", { ClientId, Secret: secret });
    assert.equal(ClientAuthenticationResult.ExpiresIn, 600);
  }
});

test("a client's token is refused to whoever may not have it", async () => {
  const { pool, ClientId, Secret } = await makeMachine();
  for (const wrong of ["x".repeat(24), "x", Secret.toUpperCase()]) {
    await refused(op("GetClientToken", { ClientId, Secret: wrong }), "NotAuthorizedException");
  }
  for (const scope of ["openid", `${api}/nothing`, "other/asteroids.add", ""]) {
    await refused(op("GetClientToken", { ClientId, Secret, Scopes: [scope] }), "InvalidParameterException", `Invalid scope requested: ${scope}`);
  }
  await refused(op("GetClientToken", { ClientId: "0".repeat(26), Secret }), "ResourceNotFoundException");
  const closed = await makeClient(pool, { GenerateSecret: true });
  await refused(
    op("GetClientToken", { ClientId: closed.ClientId, Secret: closed.ClientSecret }),
    "InvalidParameterException", "CLIENT_TOKEN_AUTH is not enabled for the client.",
  );
  const flows = (...ExplicitAuthFlows) => ({ UserPoolId: pool.id, ClientName: "judge", ExplicitAuthFlows });
  await refused(op("CreateUserPoolClient", flows("ALLOW_CLIENT_TOKEN_AUTH")), "InvalidParameterException");
  await refused(
    op("CreateUserPoolClient", { ...flows("ALLOW_CLIENT_TOKEN_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"), GenerateSecret: true }),
    "InvalidParameterException",
  );
});

test("a function of version 3 hears of a client's token and changes it", async () => {
  const functions = new Functions({
    PreTokenGeneration: ({ clientMetadata }) => ({
      claimsAndScopeOverrideDetails: {
        accessTokenGeneration: { claimsToAddOrOverride: { tenant: clientMetadata.tenant }, scopesToAdd: ["extra"], scopesToSuppress: [read] },
      },
    }),
  });
  const config = (LambdaVersion) => ({ PreTokenGenerationConfig: { LambdaArn: functions.arn("PreTokenGeneration"), LambdaVersion } });
  const { pool, ClientId, Secret } = await makeMachine({ LambdaConfig: config("V3_0") });
  const ask = async () => claims((await op("GetClientToken", { ClientId, Secret, ClientMetadata: { tenant: "t1" } })).ClientAuthenticationResult.AccessToken);
  const said = await ask();
  assert.deepEqual([said.tenant, said.scope], ["t1", `${add} extra`]);
  assert.deepEqual(functions.events.splice(0), [{
    ...envelope(pool, "TokenGeneration_ClientCredentials", "ClientCredentials", ClientId),
    version: "3",
    request: { userAttributes: {}, groupConfiguration: null, scopes: [read, add], clientMetadata: { tenant: "t1" } },
    response: { claimsAndScopeOverrideDetails: null },
  }]);
  functions.answers.PreTokenGeneration = fails("no token today");
  await refused(ask(), "InvalidParameterException", /no token today/);
  functions.events.splice(0);

  await op("UpdateUserPool", { UserPoolId: pool.id, LambdaConfig: config("V2_0") });
  await advance("1s"); // settings are looked at again
  assert.equal((await ask()).scope, `${read} ${add}`);
  assert.deepEqual(functions.events, []);
});

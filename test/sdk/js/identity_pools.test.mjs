// Credentials from an identity pool: the AWS SDK's credential provider with a user of amazon-cognito-identity-js, and Amplify's guest who signs in.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as ci from "@aws-sdk/client-cognito-identity";
import { fromCognitoIdentity, fromCognitoIdentityPool } from "@aws-sdk/credential-providers";
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";
import { Amplify } from "aws-amplify";
import { fetchAuthSession, signIn, signOut } from "aws-amplify/auth";
import { cognitoCredentialsProvider, cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { MemoryStorage, endpoint, makePool, makeUser, password, refused, region } from "./support.mjs";

const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };
const identities = new ci.CognitoIdentityClient({ endpoint, region, maxAttempts: 1, credentials });

async function identityOp(name, input) {
  const { $metadata, ...answer } = await identities.send(new ci[`${name}Command`](input));
  return answer;
}

/** makeIdentityPool creates an identity pool for the users of a pool and for guests. */
async function makeIdentityPool(pool) {
  const ProviderName = `cognito-idp.${region}.amazonaws.com/${pool.id}`;
  const { IdentityPoolId } = await identityOp("CreateIdentityPool", {
    IdentityPoolName: "app", AllowUnauthenticatedIdentities: true, CognitoIdentityProviders: [{ ProviderName, ClientId: pool.clientId }],
  });
  await identityOp("SetIdentityPoolRoles", {
    IdentityPoolId, Roles: { authenticated: "arn:aws:iam::000000000000:role/members", unauthenticated: "arn:aws:iam::000000000000:role/guests" },
  });
  return IdentityPoolId;
}

test("a user of identity-js gets credentials by the issuer of the ID token", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const identityPoolId = await makeIdentityPool(pool);
  const user = new CognitoUser({
    Username: "ann", Storage: new MemoryStorage(),
    Pool: new CognitoUserPool({ UserPoolId: pool.id, ClientId: pool.clientId, endpoint, Storage: new MemoryStorage() }),
  });
  const session = await new Promise((onSuccess, onFailure) =>
    user.authenticateUser(new AuthenticationDetails({ Username: "ann", Password: password }), { onSuccess, onFailure }));
  const token = session.getIdToken();
  const key = token.decodePayload().iss.replace(/^https?:\/\//, "");
  const clientConfig = { endpoint, region };
  const first = await fromCognitoIdentityPool({ identityPoolId, logins: { [key]: token.getJwtToken() }, clientConfig })();
  assert.match(first.accessKeyId, /^ASIA/);
  assert.ok(first.secretAccessKey && first.sessionToken && first.expiration > new Date(Date.now() + 50 * 60_000));
  const again = await fromCognitoIdentityPool({ identityPoolId, logins: { [key]: token.getJwtToken() }, clientConfig })();
  assert.equal(again.identityId, first.identityId);
  await refused(
    fromCognitoIdentity({ identityId: first.identityId, clientConfig: { ...clientConfig, maxAttempts: 1 } })(),
    "NotAuthorizedException", `Access to Identity '${first.identityId}' is forbidden.`,
  );
  const guest = await fromCognitoIdentityPool({ identityPoolId, clientConfig })();
  assert.notEqual(guest.identityId, first.identityId);
});

test("Amplify's guest keeps the identity when signing in", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  Amplify.configure({
    Auth: { Cognito: {
      userPoolId: pool.id, userPoolClientId: pool.clientId, userPoolEndpoint: endpoint,
      identityPoolId: await makeIdentityPool(pool), identityPoolEndpoint: endpoint, allowGuestAccess: true, loginWith: { username: true },
    } },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage(new MemoryStorage());
  await cognitoCredentialsProvider.clearCredentialsAndIdentityId();
  const guest = await fetchAuthSession();
  assert.match(guest.credentials.accessKeyId, /^ASIA/);
  assert.equal(guest.tokens, undefined);
  await signIn({ username: "ann", password });
  const user = await fetchAuthSession({ forceRefresh: true });
  assert.equal(user.identityId, guest.identityId);
  assert.ok(user.tokens.idToken && user.credentials.sessionToken);
  await signOut();
});

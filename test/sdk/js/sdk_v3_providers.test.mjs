// The AWS SDK for JavaScript v3 against identity providers and the accounts that are linked to users.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { makePool, makeUser, op, pairs, refused } from "./support.mjs";

// Nobody has the key of the certificate.
const metadata = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://auth.example.com">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>
MIICrzCCAZegAwIBAgIBATANBgkqhkiG9w0BAQsFADAaMRgwFgYDVQQDEw9pZHAuZXhhbXBsZS5jb20wIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw
MDBaMBoxGDAWBgNVBAMTD2lkcC5leGFtcGxlLmNvbTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALXFOJxW65c6s4MU+IeYW2G0NDj1VsRYHnkd
Bh7lsFeYrvtk1raUHaKerFAJbHSiCUSdX4FWtU5bAPVugoNNCn533JYnync8fFjIT5B0zGrVAMYsc3Cv+PMSV5lenBQSQdywsMCxQSTyjaK4tcCorg7wyZRb
zxCiVWXvf4huS6SR2bqSuD/Bst2Tz4uLeuS8v38nVyP3wD5T2cFy7O44VsbxnhzXs8R5EUAvUQOgQIoqN11ifxsHYi4vIu1dFJxmRvbu77t2v+vRfytmnXxt
SMcGJgYmm713I/WmFRkulf5k6cPshvsgasN7skmKeS44f1GYMPJkTakzNU2lBsORvJUCAwEAATANBgkqhkiG9w0BAQsFAAOCAQEAVZunkNdaFwNfKeidNuSs
A8oO+a+zDDVYeXX1B3KbQTw0fx6q6+JFBer17AZGLEYmZvfsQvV0nEEe/NS8fYbQwNGEU3SHnIlj2urH34tH1XBOlWGeBrcGTZ/gHNTd7UcHunjCcYQr4zcw
qqg6fXYNxcWKIMDA8l7JiMttHt1hBQ3F7mm2wk7meVERrmWktooBcovfIRJqSD2VYBpbvZPne5lU3EFYJGSKOvvsxgKPhTX7EUbs1mzHYwMUs1ZTqG3VbFCU
F/cOxwtUOTMdF4U+VBjSxFTXpKecdrKejPo57g+sTHHgpVNL3N0yJkEJ+g2w4UsA8vYF/b8OqXNgTqlhWg==
    </X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://auth.example.com/slo/saml"/>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://auth.example.com/sso/saml"/>
  </IDPSSODescriptor>
</EntityDescriptor>`;

// A provider that publishes its metadata and its discovery document.
let issuer;
const server = createServer((request, response) => {
  if (request.url === "/sso/saml/metadata") return response.end(metadata);
  if (request.url !== "/.well-known/openid-configuration") return response.writeHead(404).end();
  response.end(JSON.stringify({
    issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, userinfo_endpoint: `${issuer}/userInfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
  }));
});
before(() => new Promise((resolve) => server.listen(0, "127.0.0.1", () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  resolve();
})));
after(() => {
  server.closeAllConnections();
  server.close();
});

const oidc = () => ({
  client_id: "1example23456789", client_secret: "provider-app-client-secret", authorize_scopes: "openid profile email",
  attributes_request_method: "GET", oidc_issuer: issuer,
});

/** without drops the dates, which must be there. */
function without({ CreationDate, LastModifiedDate, ...rest }) {
  assert.ok(CreationDate instanceof Date && LastModifiedDate instanceof Date);
  return rest;
}

test("an OIDC provider is answered as documented", async () => {
  const { id: UserPoolId } = await makePool();
  const request = {
    UserPoolId, ProviderName: "MyOIDC", ProviderType: "OIDC", ProviderDetails: oidc(), AttributeMapping: { email: "email" },
    AcrMapping: { Level1: "basic", Level3: "urn:strong" },
  };
  const { IdentityProvider } = await op("CreateIdentityProvider", request);
  const want = {
    ...request,
    ProviderDetails: {
      ...oidc(), attributes_url: `${issuer}/userInfo`, attributes_url_add_attributes: "false", authorize_url: `${issuer}/authorize`,
      jwks_uri: `${issuer}/.well-known/jwks.json`, token_url: `${issuer}/token`,
    },
    AttributeMapping: { email: "email", username: "sub" },
  };
  assert.deepEqual(without(IdentityProvider), want);
  const described = await op("DescribeIdentityProvider", { UserPoolId, ProviderName: "MyOIDC" });
  assert.deepEqual(without(described.IdentityProvider), { ...want, IdpIdentifiers: [] });

  const updated = await op("UpdateIdentityProvider", { UserPoolId, ProviderName: "MyOIDC", IdpIdentifiers: ["MyIdP", "example.com"], AcrMapping: {} });
  const { AcrMapping, ...plain } = want;
  assert.deepEqual(without(updated.IdentityProvider), { ...plain, IdpIdentifiers: ["MyIdP", "example.com"] });
  const found = await op("GetIdentityProviderByIdentifier", { UserPoolId, IdpIdentifier: "example.com" });
  assert.deepEqual(found, { IdentityProvider: updated.IdentityProvider });

  const { Providers, NextToken } = await op("ListIdentityProviders", { UserPoolId, MaxResults: 0 });
  assert.deepEqual(Providers.map(without), [{ ProviderName: "MyOIDC", ProviderType: "OIDC" }]);
  assert.equal(NextToken, undefined);
  assert.deepEqual(await op("DeleteIdentityProvider", { UserPoolId, ProviderName: "MyOIDC" }), {});
  assert.deepEqual(await op("ListIdentityProviders", { UserPoolId }), { Providers: [] });
});

test("a SAML provider with everything is answered as documented", async () => {
  const { id: UserPoolId } = await makePool();
  const ProviderDetails = {
    IDPInit: "true", IDPSignout: "true", EncryptedResponses: "true", MetadataURL: `${issuer}/sso/saml/metadata`, RequestSigningAlgorithm: "rsa-sha256",
  };
  const { IdentityProvider } = await op("CreateIdentityProvider", { UserPoolId, ProviderName: "MySAML", ProviderType: "SAML", ProviderDetails });
  const { ActiveEncryptionCertificate, ...rest } = IdentityProvider.ProviderDetails;
  assert.match(ActiveEncryptionCertificate, /^MII/);
  assert.deepEqual(rest, {
    ...ProviderDetails, SSORedirectBindingURI: "https://auth.example.com/sso/saml", SLORedirectBindingURI: "https://auth.example.com/slo/saml",
  });
  assert.equal(IdentityProvider.AttributeMapping, undefined);
  const { Certificate } = await op("GetSigningCertificate", { UserPoolId });
  assert.notEqual(Certificate, ActiveEncryptionCertificate);
});

test("levels of authentication are mapped for OIDC providers only", async () => {
  const { id: UserPoolId } = await makePool();
  const make = (ProviderType, ProviderDetails, AcrMapping) =>
    op("CreateIdentityProvider", { UserPoolId, ProviderName: "Okta", ProviderType, ProviderDetails, AcrMapping });
  await refused(make("SAML", { MetadataFile: metadata }, { Level1: "x" }), "InvalidParameterException");
  for (const mapping of [{ Level5: "x" }, { level1: "x" }, { Level1: "" }]) {
    await refused(make("OIDC", oidc(), mapping), "InvalidParameterException");
  }
  await refused(make("Okta", oidc()), "InvalidParameterException", /Member must satisfy enum value set: \[Facebook, SAML, SignInWithApple, LoginWithAmazon, OIDC, Google\]$/);
  await make("SAML", { MetadataFile: metadata }, {});
});

test("an account is linked to a user and unlinked", async () => {
  const pool = await makePool();
  const UserPoolId = pool.id;
  const details = { client_id: "c", client_secret: "s", authorize_scopes: "public_profile, email" };
  await op("CreateIdentityProvider", { UserPoolId, ProviderName: "Facebook", ProviderType: "Facebook", ProviderDetails: details });
  await makeUser(pool, "ann");
  const SourceUser = { ProviderName: "Facebook", ProviderAttributeName: "Cognito_Subject", ProviderAttributeValue: "12345" };
  const DestinationUser = { ProviderName: "Cognito", ProviderAttributeValue: "ann" };
  assert.deepEqual(await op("AdminLinkProviderForUser", { UserPoolId, DestinationUser, SourceUser }), {});
  const identities = async () => pairs((await op("AdminGetUser", { UserPoolId, Username: "ann" })).UserAttributes).identities;
  const [{ dateCreated, ...identity }] = JSON.parse(await identities());
  assert.ok(Number.isInteger(dateCreated));
  assert.deepEqual(identity, { userId: "12345", providerName: "Facebook", providerType: "Facebook", issuer: null, primary: false });
  assert.deepEqual(await op("AdminDisableProviderForUser", { UserPoolId, User: SourceUser }), {});
  assert.equal(await identities(), undefined);
});

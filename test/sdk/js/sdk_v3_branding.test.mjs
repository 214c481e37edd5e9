// The AWS SDK for JavaScript v3 against the looks of the sign-in pages and terms documents.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeClient, makePool, op, refused, uuid } from "./support.mjs";

const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(50, 7)]);

/** without drops the dates, which must be there. */
function without({ CreationDate, LastModifiedDate, ...rest }) {
  assert.ok(CreationDate instanceof Date && LastModifiedDate instanceof Date);
  return rest;
}

test("a look of the classic pages is set, shown and taken back", async () => {
  const pool = await makePool();
  const UserPoolId = pool.id;
  assert.deepEqual(await op("GetUICustomization", { UserPoolId }), { UICustomization: {} });
  await op("CreateUserPoolDomain", { UserPoolId, Domain: `d${UserPoolId.slice(10).toLowerCase()}` });
  const CSS = ".banner-customizable { background-color: lightgray; }";
  const { UICustomization } = await op("SetUICustomization", { UserPoolId, ClientId: "ALL", CSS, ImageFile: png });
  const { ImageUrl, CSSVersion, ...rest } = without(UICustomization);
  assert.deepEqual(rest, { UserPoolId, ClientId: "ALL", CSS });
  assert.match(CSSVersion, /^\d{14}$/);
  assert.deepEqual(await op("GetUICustomization", { UserPoolId, ClientId: pool.clientId }), { UICustomization });
  const image = await fetch(ImageUrl);
  assert.equal(image.headers.get("content-type"), "image/png");
  assert.deepEqual(Buffer.from(await image.arrayBuffer()), png);
  assert.equal((await fetch(ImageUrl.replace("/ALL/", `/${pool.clientId}/`))).status, 404);
  assert.deepEqual(await op("SetUICustomization", { UserPoolId, ClientId: "ALL" }), { UICustomization: {} });
  assert.deepEqual(await op("GetUICustomization", { UserPoolId }), { UICustomization: {} });
  assert.equal((await fetch(ImageUrl)).status, 404);
});

test("the default style and one of its own are answered as documented", async () => {
  const pool = await makePool();
  const UserPoolId = pool.id;
  const made = await op("CreateManagedLoginBranding", { UserPoolId, ClientId: pool.clientId, UseCognitoProvidedValues: true });
  const { ManagedLoginBrandingId, ...rest } = without(made.ManagedLoginBranding);
  assert.match(ManagedLoginBrandingId, uuid);
  assert.deepEqual(rest, { UserPoolId, UseCognitoProvidedValues: true, Assets: [] });
  const merged = await op("DescribeManagedLoginBranding", { UserPoolId, ManagedLoginBrandingId, ReturnMergedResources: true });
  assert.deepEqual(Object.keys(merged.ManagedLoginBranding.Settings).sort(), ["categories", "componentClasses", "components"]);
  const Settings = {
    categories: {
      auth: { authMethodOrder: [[{ display: "BUTTON", type: "FEDERATED" }, { display: "INPUT", type: "USERNAME_PASSWORD" }]] },
      global: { colorSchemeMode: "LIGHT", pageHeader: { enabled: true } },
    },
    components: { idpButton: { custom: { Okta: { lightMode: { defaults: { backgroundColor: "FFFFFFff" } } } } } },
  };
  const Assets = [{ Category: "PAGE_HEADER_LOGO", ColorMode: "DYNAMIC", Extension: "PNG", Bytes: new Uint8Array(png), ResourceId: "header logo" }];
  const updated = await op("UpdateManagedLoginBranding", { UserPoolId, ManagedLoginBrandingId, Settings, Assets });
  assert.deepEqual(without(updated.ManagedLoginBranding), { ManagedLoginBrandingId, UserPoolId, UseCognitoProvidedValues: false, Settings, Assets });
  assert.deepEqual(await op("DescribeManagedLoginBrandingByClient", { UserPoolId, ClientId: pool.clientId }), updated);
  for (const [settings, text] of [
    [{ components: { form: { lightMode: { backgroundColor: "white" } } } }, "$.components.form.lightMode.backgroundColor, errorType: InvalidValue"],
    [{ components: { form: [] } }, "$.components.form, errorType: InvalidType"],
    [{ categories: { global: { colorSchemeMode: "NEON" } } }, "$.categories.global.colorSchemeMode, errorType: InvalidValue"],
    [{ componentClasses: { buttons: { borderRadius: "8" } } }, "$.componentClasses.buttons.borderRadius, errorType: InvalidType"],
    [[], "$, errorType: InvalidType"],
  ]) {
    await refused(
      op("UpdateManagedLoginBranding", { UserPoolId, ManagedLoginBrandingId, Settings: settings }), "InvalidParameterException",
      `Invalid settings provided. Validation errors: [{property: ${text}}]`,
    );
  }
  await refused(op("UpdateManagedLoginBranding", { ManagedLoginBrandingId }), "InvalidParameterException", /'userPoolId'.*must not be null/);
  await refused(
    op("DescribeManagedLoginBranding", { UserPoolId, ManagedLoginBrandingId: ManagedLoginBrandingId.replace(/^(.{14})4/, (_, start) => `${start}1`) }),
    "InvalidParameterException", /^1 validation error detected/,
  );
  assert.deepEqual(await op("DeleteManagedLoginBranding", { UserPoolId, ManagedLoginBrandingId }), {});
});

test("terms documents are answered as documented", async () => {
  const pool = await makePool();
  const UserPoolId = pool.id;
  const request = {
    UserPoolId, ClientId: pool.clientId, TermsName: "terms-of-use", TermsSource: "LINK", Enforcement: "NONE",
    Links: { "cognito:default": "https://terms.example.com", "cognito:spanish": "https://terms.example.com/es" },
  };
  const { Terms } = await op("CreateTerms", request);
  const { TermsId } = Terms;
  assert.match(TermsId, uuid);
  assert.deepEqual(without(Terms), { ...request, TermsId });
  assert.deepEqual(await op("DescribeTerms", { UserPoolId, TermsId }), { Terms });
  assert.deepEqual(await op("DescribeTermsByClient", { UserPoolId, ClientId: pool.clientId, TermsName: "terms-of-use" }), { Terms });
  await refused(op("DescribeTermsByClient", { UserPoolId, ClientId: pool.clientId, TermsName: "privacy-policy" }), "ResourceNotFoundException");
  await refused(op("CreateTerms", { ...request, TermsName: "terms-of-use-2" }), "InvalidParameterException", /^1 validation error detected/);
  await refused(op("CreateTerms", { ...request, TermsName: "privacy-policy", Links: {} }), "InvalidParameterException");
  const { Terms: updated } = await op("UpdateTerms", { UserPoolId, TermsId, TermsName: "privacy-policy" });
  assert.deepEqual(without(updated), { ...request, TermsId, TermsName: "privacy-policy" });
  const { Terms: listed } = await op("ListTerms", { UserPoolId, MaxResults: 60 });
  assert.deepEqual(listed.map(without), [{ TermsId, TermsName: "privacy-policy", Enforcement: "NONE" }]);
  assert.deepEqual(await op("DeleteTerms", { UserPoolId, TermsId }), {});
  assert.deepEqual(await op("ListTerms", { UserPoolId }), { Terms: [] });

  // What belongs to a client goes with it.
  const { ClientId } = await makeClient(pool);
  await op("CreateTerms", { ...request, ClientId });
  await op("DeleteUserPoolClient", { UserPoolId, ClientId });
  assert.deepEqual(await op("ListTerms", { UserPoolId }), { Terms: [] });
});

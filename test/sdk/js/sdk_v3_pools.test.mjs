// The AWS SDK for JavaScript v3 against pools, clients, groups and tags.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as idp from "@aws-sdk/client-cognito-identity-provider";
import { everyFlow, makeClient, makePool, makeUser, op, refused, sdk } from "./support.mjs";

const lambda = "arn:aws:lambda:us-east-1:123456789012:function:Judge";
const sender = { LambdaArn: lambda, LambdaVersion: "V1_0" };

const constraints = (MinLength, MaxLength) => ({ MinLength, MaxLength });
const standard = [
  ["sub", "String", false, true, constraints("1", "2048")],
  ...["name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website"].map(plain),
  plain("email"),
  ["email_verified", "Boolean", true, false],
  plain("gender"),
  ["birthdate", "String", true, false, constraints("10", "10")],
  ...["zoneinfo", "locale", "phone_number"].map(plain),
  ["phone_number_verified", "Boolean", true, false],
  plain("address"),
  ["updated_at", "Number", true, false, { MinValue: "0" }],
].map(([Name, AttributeDataType, Mutable, Required, limits]) => ({
  Name,
  AttributeDataType,
  DeveloperOnlyAttribute: false,
  Mutable,
  Required,
  ...(AttributeDataType === "String" && { StringAttributeConstraints: limits }),
  ...(AttributeDataType === "Number" && { NumberAttributeConstraints: limits }),
}));

function plain(name) {
  return [name, "String", true, false, constraints("0", "2048")];
}

const describe = async (UserPoolId) => (await op("DescribeUserPool", { UserPoolId })).UserPool;
const describeClient = async (UserPoolId, ClientId) => (await op("DescribeUserPoolClient", { UserPoolId, ClientId })).UserPoolClient;

/** without drops the members that a request may not or need not send. */
const without = (object, ...names) => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

function recent(date) {
  assert.ok(date instanceof Date && Math.abs(Date.now() - date) < 60_000, `want a date of this minute, got ${date}`);
}

test("a pool made from a name alone has the documented defaults", async () => {
  const { UserPool: made } = await op("CreateUserPool", { PoolName: "Minimal pool" });
  assert.match(made.Id, /^us-east-1_[0-9A-Za-z]{9}$/);
  assert.match(made.Arn, new RegExp(`^arn:aws:cognito-idp:us-east-1:\\d{12}:userpool/${made.Id}$`));
  recent(made.CreationDate);
  recent(made.LastModifiedDate);
  assert.equal(made.Name, "Minimal pool");
  assert.equal(made.EstimatedNumberOfUsers, 0);
  assert.equal(made.DeletionProtection, "INACTIVE");
  assert.equal(made.MfaConfiguration, "OFF");
  assert.equal(made.UserPoolTier, "ESSENTIALS");
  assert.deepEqual(made.LambdaConfig, {});
  assert.deepEqual(made.UserPoolTags ?? {}, {});
  assert.deepEqual(made.Policies, {
    PasswordPolicy: {
      MinimumLength: 8,
      RequireUppercase: true,
      RequireLowercase: true,
      RequireNumbers: true,
      RequireSymbols: true,
      TemporaryPasswordValidityDays: 7,
    },
    SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD"] },
  });
  assert.deepEqual(made.AdminCreateUserConfig, { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 });
  assert.deepEqual(made.EmailConfiguration, { EmailSendingAccount: "COGNITO_DEFAULT" });
  assert.deepEqual(made.VerificationMessageTemplate, { DefaultEmailOption: "CONFIRM_WITH_CODE" });
  assert.deepEqual(made.AccountRecoverySetting, {
    RecoveryMechanisms: [
      { Priority: 1, Name: "verified_email" },
      { Priority: 2, Name: "verified_phone_number" },
    ],
  });
  for (const name of [
    "Status", "AutoVerifiedAttributes", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration", "Domain", "CustomDomain",
    "DeviceConfiguration", "SmsConfiguration", "UserPoolAddOns", "SmsAuthenticationMessage", "SmsVerificationMessage",
    "EmailVerificationMessage", "EmailVerificationSubject", "EmailConfigurationFailure", "SmsConfigurationFailure",
  ]) {
    assert.equal(made[name], undefined, `${name} is absent`);
  }
  assert.deepEqual(await describe(made.Id), made);
});

test("the standard attributes come in the documented order with the documented limits", async () => {
  const { id } = await makePool();
  assert.deepEqual((await describe(id)).SchemaAttributes, standard);
});

const everySetting = {
  AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "verified_email", Priority: 1 }] },
  AdminCreateUserConfig: {
    AllowAdminCreateUserOnly: false,
    InviteMessageTemplate: {
      EmailMessage: "{username} may enter with {####}.",
      EmailSubject: "Come in",
      SMSMessage: "{username} may enter with {####}.",
    },
  },
  AliasAttributes: ["email"],
  AutoVerifiedAttributes: ["email"],
  DeletionProtection: "ACTIVE",
  DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true },
  EmailConfiguration: {
    ConfigurationSet: "judge-set",
    EmailSendingAccount: "DEVELOPER",
    From: "help@example.com",
    ReplyToEmailAddress: "help@example.com",
    SourceArn: "arn:aws:ses:us-east-1:123456789012:identity/help@example.com",
  },
  EmailVerificationMessage: "Your number is {####}.",
  EmailVerificationSubject: "Your number",
  LambdaConfig: {
    CustomEmailSender: sender,
    CustomMessage: lambda,
    CustomSMSSender: sender,
    DefineAuthChallenge: lambda,
    InboundFederation: sender,
    KMSKeyID: "arn:aws:kms:us-east-1:123456789012:key/a6c4f8e2-0c45-47db-925f-87854bc9e357",
    PostAuthentication: lambda,
    PostConfirmation: lambda,
    PreAuthentication: lambda,
    PreSignUp: lambda,
    PreTokenGeneration: lambda,
    PreTokenGenerationConfig: { LambdaArn: lambda, LambdaVersion: "V1_0" }, // the two are shown together
    UserMigration: lambda,
    VerifyAuthChallengeResponse: lambda,
  },
  MfaConfiguration: "OPTIONAL",
  Policies: {
    PasswordPolicy: {
      MinimumLength: 6,
      RequireLowercase: true,
      RequireNumbers: true,
      RequireSymbols: true,
      RequireUppercase: true,
      TemporaryPasswordValidityDays: 7,
    },
  },
  PoolName: "every-setting",
  Schema: [
    {
      AttributeDataType: "Number",
      DeveloperOnlyAttribute: true,
      Mutable: true,
      Name: "grade",
      NumberAttributeConstraints: { MinValue: "1", MaxValue: "99" },
      Required: false,
      StringAttributeConstraints: { MinLength: "1", MaxLength: "99" },
    },
  ],
  SmsAuthenticationMessage: "Your number is {####}.",
  SmsConfiguration: {
    ExternalId: "judge",
    SnsCallerArn: "arn:aws:iam::123456789012:role/service-role/judge-sms",
    SnsRegion: "us-east-1", // filled in where it is absent
  },
  SmsVerificationMessage: "Your number is {####}.",
  UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] },
  UserPoolAddOns: { AdvancedSecurityMode: "OFF" },
  UserPoolTags: { team: "judges" },
  UsernameConfiguration: { CaseSensitive: true },
  VerificationMessageTemplate: {
    DefaultEmailOption: "CONFIRM_WITH_CODE",
    EmailMessage: "The number is {####}",
    EmailMessageByLink: "Follow {##this link##}",
    EmailSubject: "The number",
    EmailSubjectByLink: "The link",
    SmsMessage: "The number is {####}",
  },
};

test("a request with every property set is stored and answered back", async () => {
  const { UserPool: made } = await op("CreateUserPool", everySetting);
  assert.equal(made.Name, everySetting.PoolName);
  for (const name of [
    "AccountRecoverySetting", "AliasAttributes", "AutoVerifiedAttributes", "DeletionProtection", "DeviceConfiguration",
    "EmailConfiguration", "LambdaConfig", "MfaConfiguration", "SmsAuthenticationMessage", "SmsConfiguration",
    "UserAttributeUpdateSettings", "UserPoolAddOns", "UserPoolTags", "UsernameConfiguration",
  ]) {
    assert.deepEqual(made[name], everySetting[name], name);
  }
  assert.deepEqual(made.Policies.PasswordPolicy, everySetting.Policies.PasswordPolicy);
  assert.deepEqual(made.AdminCreateUserConfig, { ...everySetting.AdminCreateUserConfig, UnusedAccountValidityDays: 7 });
  for (const [name, value] of Object.entries(everySetting.VerificationMessageTemplate)) {
    assert.ok(made.VerificationMessageTemplate[name], `${name} is there: ${value}`);
  }
  assert.equal(made.VerificationMessageTemplate.EmailMessageByLink, "Follow {##this link##}");
  assert.deepEqual(made.SchemaAttributes.slice(0, standard.length), standard);
  assert.deepEqual(made.SchemaAttributes.slice(standard.length), [
    {
      Name: "dev:custom:grade",
      AttributeDataType: "Number",
      DeveloperOnlyAttribute: true,
      Mutable: true,
      Required: false,
      NumberAttributeConstraints: { MinValue: "1", MaxValue: "99" },
    },
  ]);
  assert.deepEqual(await describe(made.Id), made);
});

test("an update keeps what it leaves out, except for settings that return to their default", async () => {
  const { UserPool } = await op("CreateUserPool", everySetting);
  assert.deepEqual(await op("UpdateUserPool", { UserPoolId: UserPool.Id, AutoVerifiedAttributes: ["email"] }), {});
  const updated = await describe(UserPool.Id);
  const reset = ["AutoVerifiedAttributes", "LambdaConfig", "DeviceConfiguration", "UserPoolAddOns"];
  assert.deepEqual(without(updated, "LastModifiedDate", ...reset), without(UserPool, "LastModifiedDate", ...reset));
  assert.deepEqual(updated.LambdaConfig, {});
  assert.deepEqual(updated.AutoVerifiedAttributes, ["email"]);
  assert.equal(updated.DeviceConfiguration, undefined);
  assert.equal(updated.UserPoolAddOns, undefined);
  assert.ok(updated.LastModifiedDate >= UserPool.LastModifiedDate);

  await op("UpdateUserPool", {
    UserPoolId: UserPool.Id,
    PoolName: "renamed",
    AutoVerifiedAttributes: ["email"],
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: [] },
  });
  const cleared = await describe(UserPool.Id);
  assert.equal(cleared.Name, "renamed");
  assert.deepEqual(cleared.UserAttributeUpdateSettings?.AttributesRequireVerificationBeforeUpdate ?? [], []);
});

test("what Describe shows can be sent back as an update", async () => {
  const { UserPool } = await op("CreateUserPool", {
    PoolName: "round trip",
    AutoVerifiedAttributes: ["email"],
    Policies: { PasswordPolicy: { MinimumLength: 12, RequireNumbers: true, TemporaryPasswordValidityDays: 3 } },
    UserPoolTags: { a: "b" },
  });
  const readOnly = ["Id", "Arn", "Name", "Status", "CreationDate", "LastModifiedDate", "SchemaAttributes", "EstimatedNumberOfUsers"];
  const settings = without(UserPool, ...readOnly);
  delete settings.AdminCreateUserConfig.UnusedAccountValidityDays;
  await op("UpdateUserPool", { UserPoolId: UserPool.Id, ...settings });
  const after = await describe(UserPool.Id);
  assert.deepEqual(without(after, "LastModifiedDate"), without({ ...UserPool, AdminCreateUserConfig: after.AdminCreateUserConfig }, "LastModifiedDate"));
  assert.deepEqual(after.Policies.PasswordPolicy, {
    MinimumLength: 12,
    RequireNumbers: true,
    RequireLowercase: false,
    RequireUppercase: false,
    RequireSymbols: false,
    TemporaryPasswordValidityDays: 3,
  });
});

test("deletion protection guards a pool, and a deleted pool is unknown", async () => {
  const pool = await makePool({ DeletionProtection: "ACTIVE" });
  await refused(
    op("DeleteUserPool", { UserPoolId: pool.id }),
    "InvalidParameterException",
    "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.",
  );
  await op("UpdateUserPool", { UserPoolId: pool.id, DeletionProtection: "INACTIVE" });
  assert.deepEqual(await op("DeleteUserPool", { UserPoolId: pool.id }), {});
  const gone = `User pool ${pool.id} does not exist.`;
  await refused(op("DescribeUserPool", { UserPoolId: pool.id }), "ResourceNotFoundException", gone);
  await refused(op("DeleteUserPool", { UserPoolId: pool.id }), "ResourceNotFoundException", gone);
  await refused(op("AdminGetUser", { UserPoolId: pool.id, Username: "ann" }), "ResourceNotFoundException", gone);
  await refused(
    op("InitiateAuth", { ClientId: pool.clientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: { USERNAME: "ann", PASSWORD: "x" } }),
    "ResourceNotFoundException",
    `User pool client ${pool.clientId} does not exist.`,
  );
});

test("settings of a pool that contradict each other are refused", async (t) => {
  const cases = {
    "aliases and username attributes together": [
      { AliasAttributes: ["email"], UsernameAttributes: ["email"] },
      /^only one of the aliasAttributes or usernameAttributes can be set in a user pool\.?$/i,
    ],
    "a minimum length of five": [
      { Policies: { PasswordPolicy: { MinimumLength: 5 } } },
      "1 validation error detected: Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: " +
        "Member must have value greater than or equal to 6",
    ],
    "optional MFA without text messages": [
      { MfaConfiguration: "OPTIONAL" },
      "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
    ],
    "verification before update of an attribute that is not verified": [
      { UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] } },
      "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes",
    ],
    "two lives for a temporary password": [
      {
        AdminCreateUserConfig: { UnusedAccountValidityDays: 5 },
        Policies: { PasswordPolicy: { MinimumLength: 8, TemporaryPasswordValidityDays: 5 } },
      },
      /^Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays/,
    ],
    "a standard attribute of another type": [
      { Schema: [{ Name: "email", AttributeDataType: "Number" }] },
      "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email",
    ],
    "a required custom attribute": [
      { Schema: [{ Name: "team", AttributeDataType: "String", Required: true }] },
      "Required custom attributes are not supported currently.",
    ],
    "a custom attribute without a type": [
      { Schema: [{ Name: "team" }] },
      "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
    ],
    "limits that cross": [
      { Schema: [{ Name: "team", AttributeDataType: "String", StringAttributeConstraints: { MinLength: "9", MaxLength: "1" } }] },
      /Max length cannot be less than min length\.$/,
    ],
  };
  for (const [name, [settings, message]] of Object.entries(cases)) {
    await t.test(name, () => refused(op("CreateUserPool", { PoolName: "bad", ...settings }), "InvalidParameterException", message));
  }
  await t.test("MFA turned on by an update", async () => {
    const pool = await makePool();
    await refused(
      op("UpdateUserPool", { UserPoolId: pool.id, MfaConfiguration: "ON" }),
      "InvalidParameterException",
      "Cannot turn MFA functionality ON, once the user pool has been created.",
    );
  });
  await t.test("a pool id of the wrong form", () =>
    refused(
      op("DescribeUserPool", { UserPoolId: "YOUR_POOL!" }),
      "InvalidParameterException",
      "1 validation error detected: Value 'YOUR_POOL!' at 'userPoolId' failed to satisfy constraint: " +
        "Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+",
    ),
  );
  await t.test("several violations are told together", () =>
    refused(
      op("CreateUserPool", { PoolName: "", MfaConfiguration: "MAYBE" }),
      "InvalidParameterException",
      /^\d validation errors detected: .+; .+Member must satisfy enum value set: \[/,
    ),
  );
});

test("custom attributes are added in order and never twice", async () => {
  const pool = await makePool({
    Schema: [
      { Name: "team", AttributeDataType: "String", Mutable: true, StringAttributeConstraints: { MinLength: "1", MaxLength: "20" } },
      { Name: "email", AttributeDataType: "String", Mutable: false, Required: true },
    ],
  });
  const more = [
    { Name: "score", AttributeDataType: "Number", Mutable: true, NumberAttributeConstraints: { MinValue: "0", MaxValue: "10" } },
    { Name: "vip", AttributeDataType: "Boolean", Mutable: true },
    { Name: "born", AttributeDataType: "DateTime", Mutable: false },
  ];
  assert.deepEqual(await op("AddCustomAttributes", { UserPoolId: pool.id, CustomAttributes: more }), {});
  const { SchemaAttributes } = await describe(pool.id);
  const custom = SchemaAttributes.slice(standard.length);
  assert.deepEqual(
    custom.map(({ Name, AttributeDataType, Mutable }) => [Name, AttributeDataType, Mutable]),
    [
      ["custom:team", "String", true],
      ["custom:score", "Number", true],
      ["custom:vip", "Boolean", true],
      ["custom:born", "DateTime", false],
    ],
  );
  assert.deepEqual(custom[0].StringAttributeConstraints, { MinLength: "1", MaxLength: "20" });
  const email = SchemaAttributes.find(({ Name }) => Name === "email");
  assert.equal(email.Required, true);
  assert.equal(email.Mutable, false);

  await refused(
    op("AddCustomAttributes", { UserPoolId: pool.id, CustomAttributes: [{ Name: "vip", AttributeDataType: "Boolean" }] }),
    "InvalidParameterException",
    "custom:vip: Existing attribute already has name custom:vip.",
  );
  const many = Array.from({ length: 26 }, (_, i) => ({ Name: `n${i}`, AttributeDataType: "String" }));
  await refused(op("AddCustomAttributes", { UserPoolId: pool.id, CustomAttributes: many }), "InvalidParameterException");
  assert.equal((await describe(pool.id)).SchemaAttributes.length, SchemaAttributes.length, "a refused call adds nothing");
});

test("pools are listed in pages that neither repeat nor lose one", async () => {
  const made = [];
  for (let i = 0; i < 5; i++) made.push((await makePool({ PoolName: `listed ${i}` })).id);
  const seen = [];
  for await (const page of idp.paginateListUserPools({ client: sdk(), pageSize: 2 }, { MaxResults: 2 })) {
    assert.ok(page.UserPools.length <= 2);
    for (const item of page.UserPools) {
      assert.ok(item.Name && item.CreationDate instanceof Date && item.LastModifiedDate instanceof Date);
      seen.push(item.Id);
    }
  }
  assert.equal(new Set(seen).size, seen.length);
  for (const id of made) assert.ok(seen.includes(id), `${id} is listed`);
  await refused(op("ListUserPools", { MaxResults: 61 }), "InvalidParameterException", /maxResults.*less than or equal to 60$/);
  await refused(op("ListUserPools", { MaxResults: 0 }), "InvalidParameterException", /maxResults.*greater than or equal to 1$/);
  await refused(op("ListUserPools", { MaxResults: 1, NextToken: "nonsense" }), "InvalidParameterException");
});

test("tags are set at creation, added, replaced, removed and listed by ARN", async () => {
  const pool = await makePool({ UserPoolTags: { team: "blue" } });
  const tags = async () => (await op("ListTagsForResource", { ResourceArn: pool.arn })).Tags;
  assert.deepEqual(await tags(), { team: "blue" });
  await op("TagResource", { ResourceArn: pool.arn, Tags: { team: "red", env: "test" } });
  assert.deepEqual(await tags(), { team: "red", env: "test" });
  assert.deepEqual((await describe(pool.id)).UserPoolTags, { team: "red", env: "test" });
  await op("UntagResource", { ResourceArn: pool.arn, TagKeys: ["team", "absent"] });
  assert.deepEqual(await tags(), { env: "test" });
  await refused(op("ListTagsForResource", { ResourceArn: "arn:aws:cognito-idp:nonsense" }), "InvalidParameterException");
  await refused(
    op("TagResource", { ResourceArn: pool.arn.replace(/_.*/, "_AAAAAAAAA"), Tags: { a: "b" } }),
    "ResourceNotFoundException",
  );
});

test("a client made from a name alone has the documented defaults", async () => {
  const pool = await makePool();
  const { UserPoolClient: made } = await op("CreateUserPoolClient", { UserPoolId: pool.id, ClientName: "Minimal client" });
  assert.match(made.ClientId, /^[a-z0-9]{26}$/);
  recent(made.CreationDate);
  assert.deepEqual(without(made, "ClientId", "CreationDate", "LastModifiedDate"), {
    UserPoolId: pool.id,
    ClientName: "Minimal client",
    RefreshTokenValidity: 30,
    AuthSessionValidity: 3,
    EnableTokenRevocation: true,
    EnablePropagateAdditionalUserContextData: false,
    AllowedOAuthFlowsUserPoolClient: false,
  });
  assert.deepEqual(await describeClient(pool.id, made.ClientId), made);
});

const everyClientSetting = {
  AccessTokenValidity: 6,
  AllowedOAuthFlows: ["code"],
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthScopes: ["aws.cognito.signin.user.admin", "openid"],
  AnalyticsConfiguration: {
    ApplicationId: "d70b2ba36a8c4dc5a04a0451a31a1e12",
    ExternalId: "judge",
    RoleArn: "arn:aws:iam::123456789012:role/judge",
    UserDataShared: true,
  },
  AuthSessionValidity: 5,
  CallbackURLs: ["https://example.com", "http://localhost", "myapp://example"],
  ClientName: "every-setting",
  DefaultRedirectURI: "https://example.com",
  EnablePropagateAdditionalUserContextData: true,
  EnableTokenRevocation: true, // the default is shown
  ExplicitAuthFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
  IdTokenValidity: 6,
  LogoutURLs: ["https://example.com/logout"],
  PreventUserExistenceErrors: "ENABLED",
  ReadAttributes: ["email", "address", "preferred_username"],
  RefreshTokenValidity: 6,
  SupportedIdentityProviders: ["COGNITO"],
  TokenValidityUnits: { AccessToken: "hours", IdToken: "minutes", RefreshToken: "days" },
  WriteAttributes: ["family_name", "email"],
};

const sorted = (settings) =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value]));

test("a client request with every property set is stored and answered back", async () => {
  const pool = await makePool();
  const { UserPoolClient: made } = await op("CreateUserPoolClient", { UserPoolId: pool.id, GenerateSecret: true, ...everyClientSetting });
  assert.match(made.ClientSecret, /^[a-zA-Z0-9]{48,64}$/);
  assert.deepEqual(
    sorted(without(made, "ClientId", "ClientSecret", "CreationDate", "LastModifiedDate", "UserPoolId")),
    sorted(everyClientSetting),
  );
  assert.deepEqual(await describeClient(pool.id, made.ClientId), made);

  const { UserPoolClient: updated } = await op("UpdateUserPoolClient", {
    UserPoolId: pool.id,
    ClientId: made.ClientId,
    ClientName: "renamed",
  });
  assert.equal((await describeClient(pool.id, made.ClientId)).ClientSecret, made.ClientSecret, "an update keeps the secret");
  assert.deepEqual(without(updated, "LastModifiedDate", "ClientSecret"), {
    UserPoolId: pool.id,
    ClientId: made.ClientId,
    ClientName: "renamed",
    CreationDate: made.CreationDate,
    RefreshTokenValidity: 30,
    AuthSessionValidity: 3,
    EnableTokenRevocation: true,
    EnablePropagateAdditionalUserContextData: false,
    AllowedOAuthFlowsUserPoolClient: false,
  });
});

test("clients are listed in pages and are unknown after deletion", async () => {
  const pool = await makePool();
  const made = [pool.clientId];
  for (let i = 0; i < 4; i++) made.push((await makeClient(pool, { ClientName: `client ${i}` })).ClientId);
  const seen = [];
  for await (const page of idp.paginateListUserPoolClients({ client: sdk(), pageSize: 2 }, { UserPoolId: pool.id })) {
    for (const item of page.UserPoolClients) {
      assert.deepEqual(Object.keys(item).sort(), ["ClientId", "ClientName", "UserPoolId"]);
      seen.push(item.ClientId);
    }
  }
  assert.deepEqual(seen.sort(), made.sort());
  await op("DeleteUserPoolClient", { UserPoolId: pool.id, ClientId: pool.clientId });
  const gone = `User pool client ${pool.clientId} does not exist.`;
  await refused(op("DescribeUserPoolClient", { UserPoolId: pool.id, ClientId: pool.clientId }), "ResourceNotFoundException", gone);
  await refused(op("DeleteUserPoolClient", { UserPoolId: pool.id, ClientId: pool.clientId }), "ResourceNotFoundException", gone);
  const other = await makePool();
  await refused(op("DescribeUserPoolClient", { UserPoolId: pool.id, ClientId: other.clientId }), "ResourceNotFoundException");
});

test("settings of a client that contradict each other are refused", async (t) => {
  const pool = await makePool({ Schema: [{ Name: "email", AttributeDataType: "String", Required: true, Mutable: true }] });
  const cases = {
    "an access token that lives too short": [
      { AccessTokenValidity: 4, TokenValidityUnits: { AccessToken: "minutes" } },
      "InvalidParameterException",
      "Invalid range for token validity.",
    ],
    "a refresh token that lives too long": [{ RefreshTokenValidity: 3651 }, "InvalidParameterException", "Invalid range for token validity."],
    "old and new names of flows together": [
      { ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "USER_PASSWORD_AUTH"] },
      "InvalidParameterException",
    ],
    "machine credentials beside a code": [
      { GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthScopes: ["openid"], CallbackURLs: ["https://example.com"],
        AllowedOAuthFlows: ["client_credentials", "code"] },
      "InvalidOAuthFlowException",
      "client_credentials flow can not be selected along with code flow or implicit flow.",
    ],
    "machine credentials without a secret": [
      { AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthScopes: ["openid"], AllowedOAuthFlows: ["client_credentials"] },
      "InvalidOAuthFlowException",
      "client_credentials flow can not be selected if client does not have a client secret.",
    ],
    "a code flow without a callback": [
      { AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthScopes: ["openid"], AllowedOAuthFlows: ["code"] },
      "InvalidOAuthFlowException",
      "CallbackUrls can not be empty when code flow or implicit flow is selected",
    ],
    "OAuth switched on without flows": [
      { AllowedOAuthFlowsUserPoolClient: true },
      "InvalidParameterException",
      "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
    ],
    "an unknown provider": [
      { SupportedIdentityProviders: ["COGNITO", "MySSO"] },
      "InvalidParameterException",
      `The provider MySSO does not exist for User Pool ${pool.id}.`,
    ],
    "an unknown scope": [
      { AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ["code"], AllowedOAuthScopes: ["no/such"], CallbackURLs: ["https://example.com"] },
      "ScopeDoesNotExistException",
    ],
    "a write list with a verified mark": [
      { WriteAttributes: ["email", "email_verified"] },
      "InvalidParameterException",
      "Invalid write attributes specified while creating a client",
    ],
    "a write list without a required attribute": [{ WriteAttributes: ["name"] }, "InvalidParameterException"],
    "a read list with an unknown attribute": [
      { ReadAttributes: ["custom:absent"] },
      "InvalidParameterException",
      "Invalid read attributes specified while creating a client",
    ],
    "a session longer than fifteen minutes": [
      { AuthSessionValidity: 16 },
      "InvalidParameterException",
      "1 validation error detected: Value '16' at 'authSessionValidity' failed to satisfy constraint: Member must have value less than or equal to 15",
    ],
    "refresh flow beside rotation": [
      { RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 10 }, ExplicitAuthFlows: everyFlow },
      "InvalidParameterException",
    ],
  };
  for (const [name, [settings, fault, message]] of Object.entries(cases)) {
    await t.test(name, () => refused(op("CreateUserPoolClient", { UserPoolId: pool.id, ClientName: "bad", ...settings }), fault, message));
  }
  const clients = (await op("ListUserPoolClients", { UserPoolId: pool.id, MaxResults: 60 })).UserPoolClients;
  assert.deepEqual(clients.map(({ ClientId }) => ClientId), [pool.clientId], "nothing refused was stored");
});

test("groups are made, read, changed, listed and removed", async () => {
  const pool = await makePool();
  const role = "arn:aws:iam::123456789012:role/admins";
  const { Group: made } = await op("CreateGroup", {
    UserPoolId: pool.id,
    GroupName: "admins",
    Description: "those who may",
    Precedence: 0,
    RoleArn: role,
  });
  recent(made.CreationDate);
  recent(made.LastModifiedDate);
  assert.deepEqual(without(made, "CreationDate", "LastModifiedDate"), {
    UserPoolId: pool.id,
    GroupName: "admins",
    Description: "those who may",
    Precedence: 0,
    RoleArn: role,
  });
  assert.deepEqual((await op("GetGroup", { UserPoolId: pool.id, GroupName: "admins" })).Group, made);
  await refused(op("CreateGroup", { UserPoolId: pool.id, GroupName: "admins" }), "GroupExistsException");

  const { Group: bare } = await op("CreateGroup", { UserPoolId: pool.id, GroupName: "bare" });
  assert.deepEqual(Object.keys(bare).sort(), ["CreationDate", "GroupName", "LastModifiedDate", "UserPoolId"]);

  const { Group: changed } = await op("UpdateGroup", { UserPoolId: pool.id, GroupName: "admins", Description: "fewer" });
  assert.equal(changed.Description, "fewer");
  assert.equal(changed.Precedence, 0);
  assert.equal(changed.RoleArn, role);

  const names = [];
  for await (const page of idp.paginateListGroups({ client: sdk(), pageSize: 1 }, { UserPoolId: pool.id })) {
    names.push(...page.Groups.map(({ GroupName }) => GroupName));
  }
  assert.deepEqual(names.sort(), ["admins", "bare"]);
  await op("DeleteGroup", { UserPoolId: pool.id, GroupName: "bare" });
  for (const call of ["GetGroup", "DeleteGroup", "UpdateGroup"]) {
    await refused(op(call, { UserPoolId: pool.id, GroupName: "bare" }), "ResourceNotFoundException", "Group not found.");
  }
});

test("members join and leave groups, and a group or user that goes takes the membership along", async () => {
  const pool = await makePool();
  const into = (Username, GroupName) => op("AdminAddUserToGroup", { UserPoolId: pool.id, Username, GroupName });
  const groupsOf = async (Username) =>
    (await op("AdminListGroupsForUser", { UserPoolId: pool.id, Username })).Groups.map(({ GroupName }) => GroupName).sort();
  const members = async (GroupName) => {
    const seen = [];
    for await (const page of idp.paginateListUsersInGroup({ client: sdk(), pageSize: 2 }, { UserPoolId: pool.id, GroupName })) {
      for (const user of page.Users) {
        assert.equal(user.UserStatus, "CONFIRMED");
        assert.equal(user.Enabled, true);
        assert.ok(user.Attributes.some(({ Name }) => Name === "sub"));
        seen.push(user.Username);
      }
    }
    return seen.sort();
  };
  for (const GroupName of ["red", "blue"]) await op("CreateGroup", { UserPoolId: pool.id, GroupName });
  for (const name of ["ann", "bob", "cyd"]) {
    await makeUser(pool, name);
    assert.deepEqual(await into(name, "red"), {});
  }
  await into("ann", "blue");
  await into("ann", "blue");
  assert.deepEqual(await members("red"), ["ann", "bob", "cyd"]);
  assert.deepEqual(await groupsOf("ann"), ["blue", "red"]);
  await op("AdminRemoveUserFromGroup", { UserPoolId: pool.id, Username: "bob", GroupName: "red" });
  await op("AdminRemoveUserFromGroup", { UserPoolId: pool.id, Username: "bob", GroupName: "red" });
  assert.deepEqual(await members("red"), ["ann", "cyd"]);
  await op("AdminDeleteUser", { UserPoolId: pool.id, Username: "cyd" });
  assert.deepEqual(await members("red"), ["ann"]);
  await op("DeleteGroup", { UserPoolId: pool.id, GroupName: "red" });
  assert.deepEqual(await groupsOf("ann"), ["blue"]);
  await refused(into("ann", "red"), "ResourceNotFoundException", "Group not found.");
  await refused(into("nobody", "blue"), "UserNotFoundException", "User does not exist.");
  await refused(members("red"), "ResourceNotFoundException", "Group not found.");
});

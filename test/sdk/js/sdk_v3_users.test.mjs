// The AWS SDK for JavaScript v3 against the user operations of administrators and of users themselves.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as idp from "@aws-sdk/client-cognito-identity-provider";
import {
  address, claims, code, initiate, list, mail, makePool, makeUser, mask, op, pairs, password, phone, refused, sdk, signIn, uuid, wrong,
} from "./support.mjs";

const admin = (name, pool, Username, input = {}) => op(name, { UserPoolId: pool.id, Username, ...input });
const user = (pool, Username) => admin("AdminGetUser", pool, Username);
const attributes = async (pool, Username) => pairs((await user(pool, Username)).UserAttributes);

test("AdminCreateUser with every property set stores the user and sends nothing", async () => {
  const pool = await makePool();
  const to = address();
  const { User } = await admin("AdminCreateUser", pool, "testuser", {
    DesiredDeliveryMediums: ["SMS"],
    MessageAction: "SUPPRESS",
    TemporaryPassword: "This-is-my-test-99!",
    UserAttributes: list({ name: "John", phone_number: "+12065551212", email: to }),
  });
  assert.equal(User.Username, "testuser");
  assert.equal(User.Enabled, true);
  assert.equal(User.UserStatus, "FORCE_CHANGE_PASSWORD");
  assert.ok(User.UserCreateDate instanceof Date && User.UserLastModifiedDate instanceof Date);
  const { sub, ...rest } = pairs(User.Attributes);
  assert.match(sub, uuid);
  assert.deepEqual(rest, { name: "John", phone_number: "+12065551212", email: to });

  const got = await user(pool, "testuser");
  assert.deepEqual(pairs(got.UserAttributes), { sub, ...rest });
  assert.equal(got.UserStatus, "FORCE_CHANGE_PASSWORD");
  assert.equal(got.Enabled, true);
  for (const name of ["MFAOptions", "PreferredMfaSetting", "UserMFASettingList"]) assert.equal(got[name], undefined, name);
  assert.deepEqual((await user(pool, sub)).Username, "testuser", "the sub names the user too");
  const challenge = await initiate(pool, "testuser", "This-is-my-test-99!");
  assert.equal(challenge.ChallengeName, "NEW_PASSWORD_REQUIRED");
});

test("an invitation carries the user name and the temporary password of the pool's template", async () => {
  const pool = await makePool({
    AdminCreateUserConfig: {
      AllowAdminCreateUserOnly: false,
      InviteMessageTemplate: { EmailSubject: "Come in", EmailMessage: "{username} may enter with {####} now." },
    },
  });
  const to = address();
  const invite = (input) =>
    admin("AdminCreateUser", pool, "ann", { DesiredDeliveryMediums: ["EMAIL"], UserAttributes: list({ email: to }), ...input });
  await invite({ TemporaryPassword: "Temp-0rary!" });
  const first = await mail(to);
  assert.equal(first.medium, "EMAIL");
  assert.equal(first.subject, "Come in");
  assert.match(first.body, /^ann may enter with Temp-0rary! now\.\s*$/);
  assert.equal((await initiate(pool, "ann", "Temp-0rary!")).ChallengeName, "NEW_PASSWORD_REQUIRED");

  await refused(invite(), "UsernameExistsException", "User account already exists");
  await admin("AdminCreateUser", pool, "ann", { MessageAction: "RESEND", DesiredDeliveryMediums: ["EMAIL"] });
  const secret = (await mail(to)).body.match(/^ann may enter with (\S+) now\./)[1];
  assert.notEqual(secret, "Temp-0rary!");
  await refused(initiate(pool, "ann", "Temp-0rary!"), "NotAuthorizedException", "Incorrect username or password.");
  const { Session } = await initiate(pool, "ann", secret);
  await op("RespondToAuthChallenge", {
    ClientId: pool.clientId,
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session,
    ChallengeResponses: { USERNAME: "ann", NEW_PASSWORD: password },
  });
  await refused(admin("AdminCreateUser", pool, "ann", { MessageAction: "RESEND" }), "UnsupportedUserStateException");
  await refused(admin("AdminCreateUser", pool, "nobody", { MessageAction: "RESEND" }), "UserNotFoundException", "User does not exist.");
});

test("an invitation goes out as a text message, and an asked medium without its contact is refused", async () => {
  const pool = await makePool();
  const to = phone();
  await admin("AdminCreateUser", pool, "ann", { TemporaryPassword: "Temp-0rary!", UserAttributes: list({ phone_number: to }) });
  const message = await mail(to);
  assert.equal(message.medium, "SMS");
  assert.ok(message.body.includes("ann") && message.body.includes("Temp-0rary!"), message.body);
  await admin("AdminCreateUser", pool, "silent");
  assert.equal((await user(pool, "silent")).UserStatus, "FORCE_CHANGE_PASSWORD");
  await refused(admin("AdminCreateUser", pool, "bob", { DesiredDeliveryMediums: ["EMAIL"] }), "InvalidParameterException");
  await refused(user(pool, "bob"), "UserNotFoundException", "User does not exist.");
});

test("AdminCreateUser refuses what the pool does not take", async (t) => {
  const pool = await makePool({ Schema: [{ Name: "team", AttributeDataType: "String", Mutable: true, StringAttributeConstraints: { MaxLength: "5" } },
    { Name: "score", AttributeDataType: "Number", Mutable: true, NumberAttributeConstraints: { MinValue: "1", MaxValue: "9" } }] });
  const cases = {
    "a weak temporary password": [
      { TemporaryPassword: "short" },
      "InvalidPasswordException",
      "Password did not conform with password policy: Password not long enough",
    ],
    "an attribute that is not in the schema": [
      { UserAttributes: list({ "custom:absent": "x" }) },
      "InvalidParameterException",
      /^Attributes did not conform to the schema: /,
    ],
    "a verified mark without an address": [{ UserAttributes: list({ email_verified: "true" }) }, "InvalidParameterException"],
    "a written sub": [{ UserAttributes: list({ sub: "x" }) }, "InvalidParameterException", "Cannot modify the non-mutable attribute sub"],
    "a telephone number without a plus": [
      { UserAttributes: list({ phone_number: "2065551212" }) },
      "InvalidParameterException",
      "Invalid phone number format.",
    ],
    "an address without a domain": [{ UserAttributes: list({ email: "ann@" }) }, "InvalidParameterException", "Invalid email address format."],
    "a text longer than the schema allows": [{ UserAttributes: list({ "custom:team": "longer" }) }, "InvalidParameterException"],
    "a number beyond the schema": [{ UserAttributes: list({ "custom:score": "10" }) }, "InvalidParameterException"],
    "a number that is none": [{ UserAttributes: list({ "custom:score": "many" }) }, "InvalidParameterException"],
    "a birth date of another length": [{ UserAttributes: list({ birthdate: "2000" }) }, "InvalidParameterException"],
  };
  for (const [name, [input, fault, message]] of Object.entries(cases)) {
    await t.test(name, async () => {
      await refused(admin("AdminCreateUser", pool, "ann", { MessageAction: "SUPPRESS", ...input }), fault, message);
      await refused(user(pool, "ann"), "UserNotFoundException", "User does not exist.");
    });
  }
  await t.test("a name with a space", () =>
    refused(admin("AdminCreateUser", pool, "two words"), "InvalidParameterException", /^1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: /),
  );
});

test("in a pool of e-mail user names the name is an address and the user is known by a UUID", async () => {
  const pool = await makePool({ UsernameAttributes: ["email"] });
  const to = address();
  const made = await makeUser(pool, to);
  const { sub, email } = pairs(made.Attributes);
  assert.equal(made.Username, sub);
  assert.equal(email, to);
  assert.equal((await user(pool, to)).Username, sub);
  const { IdToken, AccessToken } = await signIn(pool, to);
  assert.equal(claims(IdToken)["cognito:username"], sub);
  assert.equal(claims(AccessToken).username, sub);
  await refused(admin("AdminCreateUser", pool, "ann"), "InvalidParameterException", "Username should be an email.");
  await refused(admin("AdminCreateUser", pool, to), "UsernameExistsException");

  const both = await makePool({ UsernameAttributes: ["email", "phone_number"] });
  await refused(admin("AdminCreateUser", both, "ann"), "InvalidParameterException", "Username should be either an email or a phone number.");
  const number = phone();
  await makeUser(both, number);
  assert.equal((await attributes(both, number)).phone_number, number);
});

test("an alias belongs to whoever verified it, and moves only by force", async () => {
  const pool = await makePool({ AliasAttributes: ["email"] });
  const to = address();
  const create = (name, input = {}) =>
    admin("AdminCreateUser", pool, name, { MessageAction: "SUPPRESS", UserAttributes: list({ email: to, email_verified: "true" }), ...input });
  await refused(create("ann@example.com"), "InvalidParameterException", "Username cannot be of email format, since user pool is configured for email alias.");
  await makeUser(pool, "plain", { email: to });
  await refused(user(pool, to), "UserNotFoundException", "User does not exist.");
  await create("ann");
  assert.equal((await user(pool, to)).Username, "ann");
  const clash = await create("bob").then(
    () => assert.fail("the alias is taken"),
    (error) => error,
  );
  assert.ok(["AliasExistsException", "UsernameExistsException"].includes(clash.name), clash.name);
  await refused(user(pool, "bob"), "UserNotFoundException", "User does not exist.");
  await create("bob", { ForceAliasCreation: true });
  assert.equal((await user(pool, to)).Username, "bob");
  const left = await attributes(pool, "ann");
  assert.equal(left.email, to);
  assert.equal(left.email_verified, "false");
});

test("names are folded when the pool says so, and only then", async () => {
  const folded = await makePool({ UsernameConfiguration: { CaseSensitive: false } });
  await makeUser(folded, "MixedCase");
  assert.equal((await user(folded, "mixedcase")).Username, "MixedCase");
  assert.equal(claims((await signIn(folded, "MIXEDCASE")).AccessToken).username, "MixedCase");
  await refused(admin("AdminCreateUser", folded, "mixedCASE"), "UsernameExistsException", "User account already exists");
  const exact = await makePool();
  await makeUser(exact, "MixedCase");
  await refused(user(exact, "mixedcase"), "UserNotFoundException", "User does not exist.");
  await makeUser(exact, "mixedcase");
});

test("administrators write and delete attributes", async () => {
  const pool = await makePool({
    Schema: [
      { Name: "team", AttributeDataType: "String", Mutable: true },
      { Name: "badge", AttributeDataType: "String", Mutable: false },
      { Name: "name", AttributeDataType: "String", Mutable: true, Required: true },
    ],
  });
  const made = await makeUser(pool, "ann", { name: "Ann", "custom:badge": "7" });
  const update = (attrs) => admin("AdminUpdateUserAttributes", pool, "ann", { UserAttributes: list(attrs) });
  const remove = (...names) => admin("AdminDeleteUserAttributes", pool, "ann", { UserAttributeNames: names });
  assert.deepEqual(await update({ email: "a@example.com", email_verified: "true", "custom:team": "blue", nickname: "an" }), {});
  const { sub, ...rest } = await attributes(pool, "ann");
  assert.deepEqual(rest, {
    name: "Ann", "custom:badge": "7", email: "a@example.com", email_verified: "true", "custom:team": "blue", nickname: "an",
  });
  assert.match(sub, uuid);
  assert.ok((await user(pool, "ann")).UserLastModifiedDate >= made.UserLastModifiedDate);

  await update({ email: "b@example.com" });
  assert.equal((await attributes(pool, "ann")).email_verified, "false", "a changed address is not verified");
  await update({ email: "c@example.com", email_verified: "true" });
  assert.equal((await attributes(pool, "ann")).email_verified, "true");
  await update({ nickname: "" });
  assert.equal((await attributes(pool, "ann")).nickname, undefined, "an empty value deletes");
  assert.deepEqual(await remove("custom:team"), {});
  assert.equal((await attributes(pool, "ann"))["custom:team"], undefined);

  await refused(update({ sub: "x" }), "InvalidParameterException", "Cannot modify the non-mutable attribute sub");
  await refused(update({ "custom:badge": "8" }), "InvalidParameterException", /user\.custom:badge: Attribute cannot be updated\.\n?$/);
  await refused(remove("name"), "InvalidParameterException", /user\.name: Required attribute cannot be deleted\.\n?$/);
  await refused(remove("custom:absent"), "InvalidParameterException", /^Invalid user attributes: user\.custom:absent: Attribute does not exist in the schema\.\n?$/);
  await refused(update({ "custom:absent": "x" }), "InvalidParameterException", /^user\.custom:absent: Attribute does not exist in the schema\.\n?$/);
  assert.equal((await attributes(pool, "ann")).name, "Ann");
});

test("administrators set passwords, confirm, disable, enable and delete", async () => {
  const pool = await makePool();
  await admin("AdminCreateUser", pool, "ann", { MessageAction: "SUPPRESS", TemporaryPassword: "Temp-0rary!" });
  const set = (Password, Permanent) => admin("AdminSetUserPassword", pool, "ann", { Password, Permanent });
  const status = async () => (await user(pool, "ann")).UserStatus;
  assert.deepEqual(await set(password, true), {});
  assert.equal(await status(), "CONFIRMED");
  await signIn(pool, "ann");
  await set("An0ther-one!", false);
  assert.equal(await status(), "FORCE_CHANGE_PASSWORD");
  assert.equal((await initiate(pool, "ann", "An0ther-one!")).ChallengeName, "NEW_PASSWORD_REQUIRED");
  await set(password, true);
  await refused(set("alllower1!", true), "InvalidPasswordException", "Password does not conform to policy: Password must have uppercase characters");
  await signIn(pool, "ann");
  await refused(
    admin("AdminConfirmSignUp", pool, "ann"),
    "NotAuthorizedException",
    "User cannot be confirmed. Current status is CONFIRMED",
  );

  const tokens = await signIn(pool, "ann");
  assert.deepEqual(await admin("AdminDisableUser", pool, "ann"), {});
  await admin("AdminDisableUser", pool, "ann");
  assert.equal((await user(pool, "ann")).Enabled, false);
  await refused(initiate(pool, "ann"), "NotAuthorizedException", "User is disabled.");
  await refused(op("GetUser", { AccessToken: tokens.AccessToken }), "NotAuthorizedException");
  assert.deepEqual(await admin("AdminEnableUser", pool, "ann"), {});
  assert.equal((await user(pool, "ann")).Enabled, true);
  await signIn(pool, "ann");

  assert.deepEqual(await admin("AdminDeleteUser", pool, "ann"), {});
  for (const name of ["AdminDeleteUser", "AdminGetUser", "AdminDisableUser", "AdminEnableUser", "AdminConfirmSignUp", "AdminUserGlobalSignOut"]) {
    await refused(admin(name, pool, "ann"), "UserNotFoundException", "User does not exist.");
  }
  const again = await makeUser(pool, "ann");
  assert.ok(again, "the name is free again");
});

test("AdminResetUserPassword mails a code and bars the old password", async () => {
  const pool = await makePool({ AutoVerifiedAttributes: ["email"] });
  const to = address();
  await makeUser(pool, "ann", { email: to, email_verified: "true" });
  assert.deepEqual(await admin("AdminResetUserPassword", pool, "ann"), {});
  assert.equal((await user(pool, "ann")).UserStatus, "RESET_REQUIRED");
  await refused(initiate(pool, "ann"), "PasswordResetRequiredException", "Password reset required for the user");
  await op("ConfirmForgotPassword", {
    ClientId: pool.clientId, Username: "ann", ConfirmationCode: await code(to), Password: "Bett3r-horse!",
  });
  assert.equal((await user(pool, "ann")).UserStatus, "CONFIRMED");
  await signIn(pool, "ann", "Bett3r-horse!");
  await makeUser(pool, "bob");
  await refused(
    admin("AdminResetUserPassword", pool, "bob"),
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
  );
});

test("ListUsers understands every searchable attribute and both operators", async (t) => {
  const pool = await makePool({ Schema: [{ Name: "team", AttributeDataType: "String", Mutable: true }] });
  const people = {
    ann: { email: "Ann@example.com", given_name: "Ann", family_name: "Quist", name: "Ann Quist", phone_number: "+12065550001", preferred_username: "annie" },
    bob: { email: "bob@example.com", given_name: "Robert", family_name: "O\"Hara", name: "back\\slash", phone_number: "+12065550002" },
    "bob.two": { email: "bob.two@example.org", given_name: "Ännchen", family_name: "Quist" },
    Zed: {},
  };
  const subs = {};
  for (const [name, attrs] of Object.entries(people)) subs[name] = pairs((await makeUser(pool, name, attrs)).Attributes).sub;
  await admin("AdminDisableUser", pool, "bob.two");
  await admin("AdminCreateUser", pool, "forced", { MessageAction: "SUPPRESS" });
  const everyone = ["Zed", "ann", "bob", "bob.two", "forced"];
  const find = async (Filter, input = {}) =>
    (await op("ListUsers", { UserPoolId: pool.id, Filter, ...input })).Users.map(({ Username }) => Username).sort();

  const cases = {
    'username = "bob"': ["bob"],
    'username ^= "bob"': ["bob", "bob.two"],
    'username = "BOB"': [],
    'email = "ann@EXAMPLE.com"': ["ann"],
    '"email"^="bob"': ["bob", "bob.two"],
    'email^="bob@"': ["bob"],
    '  email   =   "bob@example.com"  ': ["bob"],
    'phone_number ^= "+1206555000"': ["ann", "bob"],
    'given_name = "robert"': ["bob"],
    'family_name = "quist"': ["ann", "bob.two"],
    'family_name = "O\\"Hara"': ["bob"],
    'name = "back\\\\slash"': ["bob"],
    'given_name ^= "Änn"': ["bob.two"],
    'preferred_username = "annie"': ["ann"],
    'name ^= "Ann"': ["ann"],
    'cognito:user_status = "FORCE_CHANGE_PASSWORD"': ["forced"],
    'cognito:user_status = "confirmed"': ["Zed", "ann", "bob", "bob.two"],
    'status = "Disabled"': ["bob.two"],
    'status = "Enabled"': ["Zed", "ann", "bob", "forced"],
    [`sub = "${subs.ann}"`]: ["ann"],
    'email = "%"': [],
    'email ^= "_"': [],
    "": everyone,
  };
  for (const [filter, names] of Object.entries(cases)) {
    await t.test(`finds ${filter || "everyone"}`, async () => assert.deepEqual(await find(filter), names));
  }
  await t.test("finds everyone without a filter", async () => assert.deepEqual(await find(undefined), everyone));

  for (const filter of ["email", 'email = ', 'email == "x"', 'email = "x', 'email = "x" and name = "y"', '= "x"', 'email ~ "x"', "email = 'x'"]) {
    await t.test(`refuses ${filter}`, () => refused(find(filter), "InvalidParameterException", "Error while parsing filter."));
  }
  for (const name of ["custom:team", "gender", "birthdate"]) {
    await t.test(`does not search ${name}`, () =>
      refused(find(`${name} = "x"`), "InvalidParameterException", `Invalid search attribute: ${name}`),
    );
  }
  await t.test("returns only the attributes asked for", async () => {
    const { Users } = await op("ListUsers", { UserPoolId: pool.id, Filter: 'username = "ann"', AttributesToGet: ["email", "sub"] });
    assert.deepEqual(pairs(Users[0].Attributes), { sub: subs.ann, email: "Ann@example.com" });
    assert.equal(Users[0].UserStatus, "CONFIRMED");
    assert.equal(Users[0].Enabled, true);
    assert.ok(Users[0].UserCreateDate instanceof Date);
  });
  await t.test("refuses to return an attribute that is not in the schema", () =>
    refused(find(undefined, { AttributesToGet: ["custom:absent"] }), "InvalidParameterException"),
  );
  await t.test("refuses a page longer than sixty", () => refused(find(undefined, { Limit: 61 }), "InvalidParameterException"));
});

test("ListUsers pages through a pool without repeating or losing a user", async () => {
  const pool = await makePool();
  const names = Array.from({ length: 23 }, (_, i) => `user${i}`);
  for (const name of names) {
    await admin("AdminCreateUser", pool, name, { MessageAction: "SUPPRESS", UserAttributes: list({ email: `testuser${name}@example.com` }) });
  }
  for (const Filter of [undefined, '"email"^="testuser"', 'status = "Enabled"', 'username ^= "user"']) {
    const seen = [];
    for await (const page of idp.paginateListUsers({ client: sdk(), pageSize: 5 }, { UserPoolId: pool.id, Filter, AttributesToGet: ["email"] })) {
      assert.ok(page.Users.length <= 5);
      seen.push(...page.Users.map(({ Username }) => Username));
    }
    assert.deepEqual(seen.sort(), [...names].sort(), String(Filter));
  }
  const first = await op("ListUsers", { UserPoolId: pool.id, Limit: 5, Filter: 'username ^= "user"' });
  assert.match(first.PaginationToken, /^\S+$/);
  const page = (input) => op("ListUsers", { UserPoolId: pool.id, Limit: 5, PaginationToken: first.PaginationToken, ...input });
  await refused(page({ Filter: 'email ^= "t"' }), "InvalidParameterException");
  await refused(page({ Filter: 'username ^= "user"', PaginationToken: "nonsense" }), "InvalidParameterException");
  const other = await makePool();
  await refused(page({ UserPoolId: other.id, Filter: 'username ^= "user"' }), "InvalidParameterException");
});

test("users read, write and delete their own attributes, as far as the client lets them", async () => {
  const pool = await makePool(
    { Schema: [{ Name: "team", AttributeDataType: "String", Mutable: true }, { Name: "rank", AttributeDataType: "String", Mutable: true }] },
    { ReadAttributes: ["name", "email", "email_verified", "custom:team"], WriteAttributes: ["name", "email", "custom:team"] },
  );
  await makeUser(pool, "ann", { name: "Ann", nickname: "hidden", "custom:rank": "first" });
  const { AccessToken, IdToken } = await signIn(pool, "ann");
  const me = async () => pairs((await op("GetUser", { AccessToken })).UserAttributes);
  const update = (attrs) => op("UpdateUserAttributes", { AccessToken, UserAttributes: list(attrs) });
  const got = await op("GetUser", { AccessToken });
  assert.deepEqual(Object.keys(got).sort(), ["UserAttributes", "Username"]);
  assert.equal(got.Username, "ann");
  const { sub, ...readable } = await me();
  assert.match(sub, uuid);
  assert.deepEqual(readable, { name: "Ann" });
  assert.equal(claims(IdToken).name, "Ann");
  assert.equal(claims(IdToken).nickname, undefined);
  assert.equal(claims(IdToken)["custom:rank"], undefined);

  const answer = await update({ name: "Anna", "custom:team": "blue" });
  assert.deepEqual(answer.CodeDeliveryDetailsList ?? [], []);
  assert.equal((await me()).name, "Anna");
  const unauthorized = "A client attempted to write unauthorized attribute";
  await refused(update({ nickname: "x" }), "NotAuthorizedException", unauthorized);
  await refused(update({ name: "lost", "custom:rank": "x" }), "NotAuthorizedException", unauthorized);
  await refused(update({ email_verified: "true" }), "NotAuthorizedException", unauthorized);
  assert.equal((await me()).name, "Anna", "a refused update changes nothing");
  assert.deepEqual(await op("DeleteUserAttributes", { AccessToken, UserAttributeNames: ["custom:team"] }), {});
  assert.equal((await me())["custom:team"], undefined);
  await refused(op("DeleteUserAttributes", { AccessToken, UserAttributeNames: ["nickname"] }), "NotAuthorizedException", unauthorized);
});

test("a changed address is verified with the code that was mailed to it", async () => {
  const pool = await makePool({ AutoVerifiedAttributes: ["email"] });
  const [old, to] = [address(), address()];
  await makeUser(pool, "ann", { email: old, email_verified: "true" });
  const { AccessToken } = await signIn(pool, "ann");
  const me = async () => pairs((await op("GetUser", { AccessToken })).UserAttributes);
  const verify = (Code) => op("VerifyUserAttribute", { AccessToken, AttributeName: "email", Code });
  const details = { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: mask(to) };
  const answer = await op("UpdateUserAttributes", { AccessToken, UserAttributes: list({ email: to }) });
  assert.deepEqual(answer.CodeDeliveryDetailsList, [details]);
  const first = await code(to);
  assert.match(first, /^\d{6}$/);
  assert.deepEqual([(await me()).email, (await me()).email_verified], [to, "false"]);

  const resent = await op("GetUserAttributeVerificationCode", { AccessToken, AttributeName: "email" });
  assert.deepEqual(resent.CodeDeliveryDetails, details);
  const second = await code(to);
  await refused(verify(wrong(second)), "CodeMismatchException", "Invalid verification code provided, please try again.");
  assert.deepEqual(await verify(second), {});
  assert.equal((await me()).email_verified, "true");
  await refused(verify(second), "ExpiredCodeException", "Invalid code provided, please request a code again.");
  assert.equal(claims((await signIn(pool, "ann")).IdToken).email_verified, true);
});

test("with verification before update the old address stays until the new one is verified", async () => {
  const pool = await makePool({
    AutoVerifiedAttributes: ["email"],
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] },
  });
  const [old, to, forced] = [address(), address(), address()];
  await makeUser(pool, "ann", { email: old, email_verified: "true" });
  const { AccessToken } = await signIn(pool, "ann");
  const email = async () => {
    const all = await attributes(pool, "ann");
    return [all.email, all.email_verified];
  };
  await op("UpdateUserAttributes", { AccessToken, UserAttributes: list({ email: to }) });
  assert.deepEqual(await email(), [old, "true"]);
  await op("VerifyUserAttribute", { AccessToken, AttributeName: "email", Code: await code(to) });
  assert.deepEqual(await email(), [to, "true"]);
  await admin("AdminUpdateUserAttributes", pool, "ann", { UserAttributes: list({ email: forced, email_verified: "true" }) });
  assert.deepEqual(await email(), [forced, "true"]);
});

test("a telephone number is verified by a text message with a masked destination", async () => {
  const pool = await makePool({ AutoVerifiedAttributes: ["phone_number"] });
  await makeUser(pool, "ann");
  const { AccessToken } = await signIn(pool, "ann");
  const to = phone();
  const { CodeDeliveryDetailsList } = await op("UpdateUserAttributes", { AccessToken, UserAttributes: list({ phone_number: to }) });
  assert.deepEqual(CodeDeliveryDetailsList, [
    { AttributeName: "phone_number", DeliveryMedium: "SMS", Destination: `+${"*".repeat(7)}${to.slice(-4)}` },
  ]);
  await op("VerifyUserAttribute", { AccessToken, AttributeName: "phone_number", Code: await code(to) });
  assert.equal((await attributes(pool, "ann")).phone_number_verified, "true");
});

test("users change their password and delete themselves", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const { AccessToken } = await signIn(pool, "ann");
  const change = (PreviousPassword, ProposedPassword) => op("ChangePassword", { AccessToken, PreviousPassword, ProposedPassword });
  await refused(change("Wr0ng-horse!", "Bett3r-horse!"), "NotAuthorizedException", "Incorrect username or password.");
  await refused(change(password, "weakling"), "InvalidPasswordException", /^Password does not conform to policy: Password must have /);
  assert.deepEqual(await change(password, "Bett3r-horse!"), {});
  await refused(initiate(pool, "ann"), "NotAuthorizedException", "Incorrect username or password.");
  await signIn(pool, "ann", "Bett3r-horse!");
  assert.deepEqual(await op("DeleteUser", { AccessToken }), {});
  await refused(user(pool, "ann"), "UserNotFoundException", "User does not exist.");
  const error = await op("GetUser", { AccessToken }).then(
    () => assert.fail("a deleted user's token works"),
    (e) => e,
  );
  assert.ok(["NotAuthorizedException", "UserNotFoundException"].includes(error.name), error.name);
});

test("password policies are told one rule at a time", async (t) => {
  const pool = await makePool();
  await makeUser(pool, "ann");
  const cases = {
    "Sh0rt-!": "Password not long enough",
    "lower-case-1": "Password must have uppercase characters",
    "UPPER-CASE-1": "Password must have lowercase characters",
    "No-numbers-here": "Password must have numeric characters",
    NoSymbols123: "Password must have symbol characters",
  };
  for (const [weak, rule] of Object.entries(cases)) {
    await t.test(rule, async () => {
      await refused(
        admin("AdminSetUserPassword", pool, "ann", { Password: weak, Permanent: true }),
        "InvalidPasswordException",
        `Password does not conform to policy: ${rule}`,
      );
      await refused(
        op("SignUp", { ClientId: pool.clientId, Username: "new", Password: weak }),
        "InvalidPasswordException",
        `Password did not conform with policy: ${rule}`,
      );
    });
  }
  for (const symbol of "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+=") {
    await admin("AdminSetUserPassword", pool, "ann", { Password: `Passw0rd${symbol}`, Permanent: true });
  }
  await t.test("a history forbids the last passwords", async () => {
    await op("UpdateUserPool", {
      UserPoolId: pool.id,
      Policies: { PasswordPolicy: { MinimumLength: 8, RequireUppercase: true, PasswordHistorySize: 2, TemporaryPasswordValidityDays: 7 } },
    });
    const set = (Password) => admin("AdminSetUserPassword", pool, "ann", { Password, Permanent: true });
    await set("First-password");
    await set("Second-password");
    await refused(set("First-password"), "PasswordHistoryPolicyViolationException");
    await refused(set("Second-password"), "PasswordHistoryPolicyViolationException");
    await set("Third-password");
    await set("First-password");
  });
});

// The AWS SDK for JavaScript v3 against the limits of an account: how many requests of a category it may send a second.
import assert from "node:assert/strict";
import { test } from "node:test";
import { op, refused } from "./support.mjs";

const definition = (Category) => ({ LimitClass: "API_CATEGORY", Attributes: { Category } });
const limit = (Category, FreeLimitValue, ProvisionedLimitValue = FreeLimitValue) => ({
  Limit: { LimitDefinition: definition(Category), FreeLimitValue, ProvisionedLimitValue },
});

test("a limit is the default until it is set, and comes back as it was set", async () => {
  const LimitDefinition = definition("UserAuthentication");
  assert.deepEqual(await op("GetProvisionedLimit", { LimitDefinition }), limit("UserAuthentication", 120));
  assert.deepEqual(await op("UpdateProvisionedLimit", { LimitDefinition, RequestedLimitValue: 300 }), limit("UserAuthentication", 120, 300));
  assert.deepEqual(await op("GetProvisionedLimit", { LimitDefinition }), limit("UserAuthentication", 120, 300));
  assert.deepEqual(await op("UpdateProvisionedLimit", { LimitDefinition, RequestedLimitValue: 120 }), limit("UserAuthentication", 120));
  assert.deepEqual(await op("GetProvisionedLimit", { LimitDefinition: definition("UserToken") }), limit("UserToken", 120));
  assert.deepEqual(await op("GetProvisionedLimit", { LimitDefinition: definition("LimitManagement") }), limit("LimitManagement", 1));
});

test("limits that cannot be set are refused and nothing changes", async () => {
  const LimitDefinition = definition("UserCreation");
  const update = (RequestedLimitValue, of = LimitDefinition) => op("UpdateProvisionedLimit", { LimitDefinition: of, RequestedLimitValue });
  await refused(update(49), "InvalidParameterException");
  await refused(update(0), "InvalidParameterException");
  await refused(update(-1), "InvalidParameterException");
  await refused(update(1_000_001), "ServiceQuotaExceededException");
  await refused(update(60, definition("UserList")), "InvalidParameterException");
  await refused(update(60, definition("usercreation")), "ResourceNotFoundException");
  await refused(update(60, { LimitClass: "API_CATEGORY", Attributes: {} }), "InvalidParameterException");
  await refused(update(60, { LimitClass: "API_CATEGORY", Attributes: { Category: "UserCreation", UserPoolId: "us-east-1_x" } }), "InvalidParameterException");
  await refused(update(60, { LimitClass: "USERS", Attributes: { Category: "UserCreation" } }), "InvalidParameterException");
  await refused(op("GetProvisionedLimit", { LimitDefinition: definition("Unknown") }), "ResourceNotFoundException");
  assert.deepEqual(await op("GetProvisionedLimit", { LimitDefinition }), limit("UserCreation", 50));
});

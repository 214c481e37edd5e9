// The AWS SDK for JavaScript v3 against replicas of pools, of which a server has none beside the pool itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makePool, op, refused } from "./support.mjs";

test("a pool is its only replica, and another region is refused with a reason", async () => {
  const { id: UserPoolId, arn: UserPoolArn } = await makePool();
  const primary = { RegionName: "us-east-1", Role: "PRIMARY", Status: "ACTIVE", UserPoolArn };
  assert.deepEqual(await op("ListUserPoolReplicas", { UserPoolId }), { UserPoolReplicas: [primary] });
  await refused(
    op("CreateUserPoolReplica", { RegionName: "ap-south-1", UserPoolId }), "OperationNotEnabledException",
    "Replication is not enabled: this server has no Region beside us-east-1. Run several nodes over one replicated database instead.",
  );
  await refused(op("UpdateUserPoolReplica", { RegionName: "ap-south-1", Status: "ACTIVE", UserPoolId }), "ResourceNotFoundException");
  await refused(op("DeleteUserPoolReplica", { RegionName: "ap-south-1", UserPoolId }), "ResourceNotFoundException");
  assert.deepEqual(await op("ListUserPoolReplicas", { UserPoolId }), { UserPoolReplicas: [primary] });
});

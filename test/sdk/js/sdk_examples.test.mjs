// Every operation of both APIs, called with the example that the official client documents: the template with each member it can have, which is
// filled in with what there is, and the worked examples. Each has to be answered, or refused by an exception that is declared for it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as ci from "@aws-sdk/client-cognito-identity";
import * as idp from "@aws-sdk/client-cognito-identity-provider";
import { endpoint, makePool, makeUser, password, region, signIn } from "./support.mjs";

const settings = {
  endpoint,
  region,
  maxAttempts: 1,
  credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY },
};

/** documented reads what a package tells of its operations: the inputs of the examples, and the exceptions. */
function documented(name) {
  const commands = join(dirname(createRequire(import.meta.url).resolve(name)), "..", "dist-types", "commands");
  const all = [];
  for (const file of readdirSync(commands).filter((f) => f.endsWith("Command.d.ts"))) {
    const text = readFileSync(join(commands, file), "utf8").replace(/^ \* ?/gm, "");
    const inputs = [...text.matchAll(/^const input = ({[\s\S]*?});?\n(?=const command|\/\*|```)/gm)].map((m) => m[1]);
    const throws = [...text.matchAll(/@throws {@link (\w+)}/g)].map((m) => m[1]);
    all.push({ operation: file.replace("Command.d.ts", ""), inputs, throws });
  }
  const last = ({ operation }) => (operation === "DeleteUserPool" || operation === "DeleteIdentityPool" ? 2 : operation.includes("Delete") ? 1 : 0);
  return all.sort((a, b) => last(a) - last(b));
}

/** evaluated makes a value of an example, whose text is an expression: enumerations are its values joined by ||. One has a key without quotes. */
function evaluated(text) {
  const source = text.replace(/^(\s*)(\w+(?:-\w+)+):/gm, '$1"$2":').replace(/Number\("\w+"\)/g, "1").replace(/new Date\("TIMESTAMP"\)/g, "new Date()").replace(/\n\s*\/\/[^\n]*/g, "\n");
  return new Function(`return (${source});`)();
}

/** filled puts what there is into members by their names. */
function filled(value, known) {
  if (Array.isArray(value)) return value.map((v) => filled(v, known));
  if (value === null || typeof value !== "object" || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, k in known && typeof v === "string" ? known[k] : filled(v, known)]));
}

/** common are exceptions of the shapes of requests, which no operation declares. */
const common = ["ValidationException"];

async function judge(client, api, pkg, count, known) {
  const all = documented(pkg);
  assert.equal(all.length, count);
  let answered = 0;
  const wrong = [];
  for (const { operation, inputs, throws } of all) {
    assert.ok(inputs.length > 0, `${operation} has no example`);
    for (const text of inputs) {
      try {
        const { $metadata } = await client.send(new api[`${operation}Command`](filled(evaluated(text), known)));
        assert.equal($metadata.httpStatusCode, 200);
        answered++;
      } catch (error) {
        if (![...throws, ...common].includes(error.name) || error.name === "InternalErrorException" || error.$metadata?.httpStatusCode !== 400) {
          wrong.push(`${operation}: ${error.name}: ${error.message}`);
        }
      }
    }
  }
  assert.deepEqual(wrong, []);
  return answered;
}

test("every operation of user pools takes its documented example", async () => {
  const pool = await makePool();
  await makeUser(pool, "ann", { email: "ann@example.com" });
  const tokens = await signIn(pool, "ann");
  const answered = await judge(new idp.CognitoIdentityProviderClient(settings), idp, "@aws-sdk/client-cognito-identity-provider", 140, {
    UserPoolId: pool.id, ClientId: pool.clientId, Username: "ann", AccessToken: tokens.AccessToken, ResourceArn: pool.arn, Password: password,
  });
  assert.ok(answered >= 30, `${answered} examples were answered`);
});

test("every operation of identity pools takes its documented example", async () => {
  const client = new ci.CognitoIdentityClient(settings);
  const { IdentityPoolId } = await client.send(new ci.CreateIdentityPoolCommand({ IdentityPoolName: "app", AllowUnauthenticatedIdentities: true }));
  const { IdentityId } = await client.send(new ci.GetIdCommand({ IdentityPoolId }));
  const answered = await judge(client, ci, "@aws-sdk/client-cognito-identity", 23, { IdentityPoolId, IdentityId });
  assert.ok(answered >= 5, `${answered} examples were answered`);
});

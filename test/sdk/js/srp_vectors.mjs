// Writes client/srp/testdata/identity_js.json: what amazon-cognito-identity-js computes for fixed random numbers.
//   node srp_vectors.mjs > ../../../client/srp/testdata/identity_js.json
import { createHash, createHmac } from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const AuthenticationHelper = require("amazon-cognito-identity-js/lib/AuthenticationHelper.js").default;
const BigInteger = require("amazon-cognito-identity-js/lib/BigInteger.js").default;

/** bytes are the same ones at each run. */
const bytes = (name, i, n) => {
  let out = Buffer.alloc(0);
  for (let j = 0; out.length < n; j++) out = Buffer.concat([out, createHash("sha256").update(`${name} ${i} ${j}`).digest()]);
  return out.subarray(0, n);
};
const called = (call) => new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));

const names = ["ann", "пользователь", "名前", "é", "💧", "u:1", "11111111-2222-4333-8444-555555555555", "us-east-1_a1b2c3d4-5678-40ab-8def-0123456789ab"];
const secrets = ["Passw0rd!", "пароль-длинный", "🗝🔒", "quote\"'\\", "colon:", " a b ", "\u{10FFFD}", "x".repeat(250)];
const vectors = [];
for (let i = 0; i < 40; i++) {
  const scope = i % 3 ? "Abc123XyZ" : "-v7w9UcY6";
  const [id, password] = [names[i % names.length], secrets[(i * 3) % secrets.length]];
  const helper = new AuthenticationHelper(scope);
  const a = bytes("a", i, i % 2 ? 128 : 32).toString("hex");
  helper.smallAValue = new BigInteger(a, 16);
  helper.largeAValue = await called((done) => helper.calculateA(helper.smallAValue, done));
  // salts and B of odd lengths, with leading zeros and with the top bit set
  const salt = bytes("salt", i, 1 + (i % 17)).toString("hex").slice(i % 2);
  const B = new BigInteger(bytes("B", i, 384 - (i % 5)).toString("hex"), 16).mod(helper.N);
  const hkdf = await called((done) => helper.getPasswordAuthenticationKey(id, password, B, new BigInteger(salt, 16), done));
  const block = bytes("block", i, 100 + i);
  const timestamp = "Sat Sep 5 09:08:07 UTC 2026";
  const signature = createHmac("sha256", Buffer.from(hkdf)).update(scope).update(id).update(block).update(timestamp).digest("base64");

  // the verifier of a device, with the same salt and password
  const x = new BigInteger(helper.hexHash(helper.padHex(new BigInteger(salt, 16)) + helper.hash(`${scope}${id}:${password}`)), 16);
  const v = await called((done) => helper.g.modPow(x, helper.N, done));
  const base64 = (n) => Buffer.from(helper.padHex(n), "hex").toString("base64");
  vectors.push({
    secret: a, public: helper.largeAValue.toString(16), scope, id, password, salt, B: B.toString(16), block: block.toString("base64"), timestamp, signature,
    deviceSalt: base64(new BigInteger(salt, 16)), verifier: createHash("sha256").update(base64(v)).digest("hex"),
  });
}
console.log(JSON.stringify(vectors, null, 1));

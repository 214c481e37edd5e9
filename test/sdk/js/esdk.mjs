// Opens a message of the AWS Encryption SDK (format version 1, one wrapped key, one frame), as a custom sender does with the code it gets.
// Layout and derivations are those of the published message format.
import assert from "node:assert/strict";
import { ECDH, createDecipheriv, createPublicKey, hkdfSync, verify } from "node:crypto";
import { endpoint } from "./support.mjs";

/** open returns {text, keyARN, context} of a code, after all that can be checked has been. */
export async function open(code) {
  const message = Buffer.from(code, "base64");
  let at = 0;
  const take = (n) => message.subarray(at, (at += n));
  const number = (n) => take(n).readUIntBE(0, n);
  const field = () => take(number(2));

  assert.deepEqual([number(1), number(1), number(2)], [0x01, 0x80, 0x0378], "version, type and algorithm suite");
  const messageId = take(16);
  take(2); // length of the context
  const context = {};
  for (let pairs = number(2); pairs > 0; pairs--) context[field().toString()] = field().toString();
  assert.equal(number(2), 1, "one wrapped key");
  assert.equal(field().toString(), "aws-kms");
  const keyARN = field().toString();
  const wrapped = field();
  assert.deepEqual([number(1), number(4), number(1), number(4)], [0x02, 0, 12, 4096], "frames of 4096 bytes");
  const header = message.subarray(0, at);
  const [headerIV, headerTag] = [take(12), take(16)];

  const key = Buffer.from(hkdfSync("sha384", await unwrap(wrapped, keyARN, context), "", Buffer.concat([Buffer.from([0x03, 0x78]), messageId]), 32));
  const decipher = (iv, tag, aad, data) => {
    const c = createDecipheriv("aes-256-gcm", key, iv).setAAD(aad).setAuthTag(tag);
    return Buffer.concat([c.update(data), c.final()]);
  };
  decipher(headerIV, headerTag, header, Buffer.alloc(0));
  assert.deepEqual([number(4), number(4)], [0xffffffff, 1], "the last frame is the first");
  const [iv, length] = [take(12), number(4)];
  const [data, tag] = [take(length), take(16)];
  const size = Buffer.alloc(12);
  size.writeUInt32BE(1, 0);
  size.writeUInt32BE(length, 8);
  const text = decipher(iv, tag, Buffer.concat([messageId, Buffer.from("AWSKMSEncryptionClient Final Frame"), size]), data).toString();

  const signed = message.subarray(0, at);
  const signature = field();
  assert.equal(at, message.length);
  assert.ok(verify("sha384", signed, { key: publicKey(context["aws-crypto-public-key"]), dsaEncoding: "der" }, signature), "signature");
  return { text, keyARN, context };
}

/** unwrap asks the server's key service, which a development server has in place of KMS. */
async function unwrap(wrapped, KeyId, EncryptionContext) {
  const response = await fetch(`${endpoint}/_cenote/kms`, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.Decrypt" },
    body: JSON.stringify({ KeyId, CiphertextBlob: wrapped.toString("base64"), EncryptionContext }),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return Buffer.from(answer.Plaintext, "base64");
}

function publicKey(compressed) {
  const point = ECDH.convertKey(Buffer.from(compressed, "base64"), "secp384r1", undefined, undefined, "uncompressed");
  const coordinate = (from) => point.subarray(from, from + 48).toString("base64url");
  return createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-384", x: coordinate(1), y: coordinate(49) } });
}

// What all scenarios share: the server that `run` started, and an authenticator app.
import { createHmac } from "node:crypto";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";

const ready = JSON.parse(process.env.CENOTE_READY ?? '{"error":"start a scenario with examples/scenarios/run"}');
if (ready.error) throw new Error(ready.error);

export const client = new CognitoIdentityProviderClient({ region: ready.region, endpoint: ready.url });

// pool returns the ids of a pool of pools.yaml and of its client.
export function pool(name) {
  const found = ready.pools.find((p) => p.name === name);
  return { UserPoolId: found.poolId, ClientId: found.clients.app };
}

// mailedCode is the code that a person would read in their mail.
export async function mailedCode(to) {
  const answer = await fetch(`${ready.url}/_cenote/code?to=${encodeURIComponent(to)}`);
  if (!answer.ok) throw new Error(`no code was sent to ${to}`);
  return (await answer.text()).trim();
}

// authenticatorCode is what an authenticator app shows for a secret in base32 (RFC 6238), the given number of half minutes from now.
export function authenticatorCode(secret, later = 0) {
  const bits = [...secret.replace(/=+$/, "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + later));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

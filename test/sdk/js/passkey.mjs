// An authenticator in software: it makes passkeys and signs with them, as a phone or a security key would (W3C Web Authentication, level 3).
import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";

const sha256 = (data) => createHash("sha256").update(data).digest();
const bytes = (text) => Buffer.from(text, "base64url");
const text = (data) => Buffer.from(data).toString("base64url");

/** head is the first bytes of a CBOR item: the kind, and its value or length. */
function head(kind, n) {
  if (n < 24) return Buffer.from([(kind << 5) | n]);
  if (n < 0x100) return Buffer.from([(kind << 5) | 24, n]);
  return Buffer.from([(kind << 5) | 25, n >> 8, n & 0xff]);
}

/** cbor encodes integers, text, bytes and Maps. */
function cbor(value) {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
}

const ES256 = -7;
const RS256 = -257;
const flags = { present: 0x01, verified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 };

/** An Authenticator keeps passkeys. What it says can be changed, to see that a lie is noticed. */
export class Authenticator {
  #keys = new Map(); // by id

  constructor({ origin = "http://localhost:3000", verifies = true, counts = false, algorithm = ES256, attachment = "platform" } = {}) {
    Object.assign(this, { origin, verifies, counts, algorithm, attachment });
  }

  #clientData(type, challenge, changes) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false, ...changes }));
  }

  #authenticatorData(rpId, key, changes, attested = Buffer.alloc(0)) {
    let bits = flags.backupEligible | flags.backedUp | flags.present;
    if (changes.verifies ?? this.verifies) bits |= flags.verified;
    if (changes.absent) bits &= ~flags.present;
    if (attested.length > 0) bits |= flags.attested;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(changes.count ?? (this.counts ? ++key.count : 0));
    return Buffer.concat([sha256(changes.rpId ?? rpId), Buffer.from([bits]), count, attested]);
  }

  /** create answers CredentialCreationOptions with a RegistrationResponseJSON. */
  create({ rp, challenge, user, pubKeyCredParams, excludeCredentials = [] }, changes = {}) {
    if (excludeCredentials.some(({ id }) => this.#keys.has(id))) throw new DOMException("known here already", "InvalidStateError");
    const algorithm = changes.algorithm ?? this.algorithm;
    if (!changes.algorithm && !pubKeyCredParams.some(({ alg }) => alg === algorithm)) throw new DOMException("no such key", "NotSupportedError");
    const pair =
      algorithm === RS256 ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = pair.publicKey.export({ format: "jwk" });
    const cose =
      algorithm === RS256
        ? new Map([[1, 3], [3, RS256], [-1, bytes(jwk.n)], [-2, bytes(jwk.e)]])
        : new Map([[1, 2], [3, algorithm], [-1, 1], [-2, bytes(jwk.x)], [-3, bytes(jwk.y)]]);
    const id = randomBytes(32);
    const key = { id: text(id), rpId: rp.id, userHandle: user.id, private: pair.privateKey, count: 0 };
    this.#keys.set(key.id, key);
    const length = Buffer.from([0, id.length]);
    const authData = this.#authenticatorData(rp.id, key, changes, Buffer.concat([Buffer.alloc(16), length, id, cbor(cose)]));
    const attestation = cbor(new Map([["fmt", "none"], ["attStmt", new Map()], ["authData", authData]]));
    return {
      id: key.id,
      rawId: key.id,
      type: "public-key",
      authenticatorAttachment: this.attachment,
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: text(this.#clientData("webauthn.create", challenge, changes.clientData)),
        attestationObject: text(attestation),
        authenticatorData: text(authData),
        transports: ["internal", "hybrid"],
        publicKeyAlgorithm: algorithm,
        publicKey: text(pair.publicKey.export({ format: "der", type: "spki" })),
      },
    };
  }

  /** get answers PublicKeyCredentialRequestOptions with an AuthenticationResponseJSON. */
  get({ rpId, challenge, allowCredentials = [] }, changes = {}) {
    const allowed = allowCredentials.length === 0 ? [...this.#keys.keys()] : allowCredentials.map(({ id }) => id);
    const key = this.#keys.get(changes.id ?? allowed.find((id) => this.#keys.get(id)?.rpId === rpId));
    if (!key) throw new DOMException("no passkey for this site", "NotAllowedError");
    const authData = this.#authenticatorData(rpId, key, changes);
    const clientData = this.#clientData("webauthn.get", challenge, changes.clientData);
    const signature = createSign("sha256").update(Buffer.concat([authData, sha256(clientData)])).sign(changes.private ?? key.private);
    return {
      id: key.id,
      rawId: key.id,
      type: "public-key",
      authenticatorAttachment: this.attachment,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(clientData),
        authenticatorData: text(authData),
        signature: text(signature),
        userHandle: changes.userHandle ?? key.userHandle,
      },
    };
  }

  /** forget loses every passkey, as a phone that was lost. */
  forget() {
    this.#keys.clear();
  }
}

/** asBrowser gives the program the parts of a browser that a client needs for passkeys, with an authenticator behind them. */
export function asBrowser(authenticator) {
  class AuthenticatorAttestationResponse {}
  class AuthenticatorAssertionResponse {}
  class PublicKeyCredential {}
  const buffer = (base64) => Uint8Array.from(bytes(base64)).buffer;
  const dress = (json, kind) => {
    const response = Object.assign(new kind(), {
      getTransports: () => json.response.transports,
      getPublicKeyAlgorithm: () => json.response.publicKeyAlgorithm,
      getPublicKey: () => buffer(json.response.publicKey),
      getAuthenticatorData: () => buffer(json.response.authenticatorData),
    });
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (json.response[name]) response[name] = buffer(json.response[name]);
    }
    return Object.assign(new PublicKeyCredential(), json, {
      rawId: buffer(json.rawId), response, getClientExtensionResults: () => json.clientExtensionResults,
    });
  };
  const ids = (list) => list?.map((item) => ({ ...item, id: text(item.id) }));
  const credentials = {
    create: async ({ publicKey: o }) => {
      const options = { ...o, challenge: text(o.challenge), user: { ...o.user, id: text(o.user.id) }, excludeCredentials: ids(o.excludeCredentials) };
      return dress(authenticator.create(options), AuthenticatorAttestationResponse);
    },
    get: async ({ publicKey: o }) => {
      const options = { ...o, challenge: text(o.challenge), allowCredentials: ids(o.allowCredentials) };
      return dress(authenticator.get(options), AuthenticatorAssertionResponse);
    },
  };
  const set = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  set("navigator", { userAgent: "judge", credentials });
  const nothing = () => {};
  set("window", { document: {}, isSecureContext: true, PublicKeyCredential, addEventListener: nothing, removeEventListener: nothing });
  set("PublicKeyCredential", PublicKeyCredential);
  set("AuthenticatorAttestationResponse", AuthenticatorAttestationResponse);
  set("AuthenticatorAssertionResponse", AuthenticatorAssertionResponse);
}

// Signs in over SRP in a pool that tracks devices: the first sign-in gives a device key, which is confirmed; the second one proves the device
// as well (DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER).
import {
  ConfirmDeviceCommand, InitiateAuthCommand, ListDevicesCommand, RespondToAuthChallengeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import {
  createDeviceVerifier, createSrpSession, signSrpSession, signSrpSessionWithDevice, wrapAuthChallenge, wrapInitiateAuth,
} from "cognito-srp-helper";
import { client, pool } from "./setup.mjs";

const { UserPoolId, ClientId } = pool("devices");
const [username, password] = ["ann", "Passw0rd!"];

// passwordStep signs in up to the answer to PASSWORD_VERIFIER.
async function passwordStep(device) {
  const srp = createSrpSession(username, password, UserPoolId, false);
  const started = await client.send(new InitiateAuthCommand(wrapInitiateAuth(srp, {
    ClientId, AuthFlow: "USER_SRP_AUTH", AuthParameters: { USERNAME: username, ...device },
  })));
  const signed = signSrpSession(srp, started);
  const answered = await client.send(new RespondToAuthChallengeCommand(wrapAuthChallenge(signed, {
    ClientId, ChallengeName: started.ChallengeName, Session: started.Session, ChallengeResponses: { USERNAME: username, ...device },
  })));
  return { srp, signed, answered };
}

const first = await passwordStep({});
const { AccessToken, NewDeviceMetadata } = first.answered.AuthenticationResult;
const { DeviceKey, DeviceGroupKey } = NewDeviceMetadata;
const { DeviceSecretVerifierConfig, DeviceRandomPassword } = createDeviceVerifier(DeviceKey, DeviceGroupKey);
await client.send(new ConfirmDeviceCommand({ AccessToken, DeviceKey, DeviceName: "scenario", DeviceSecretVerifierConfig }));
console.log("signed in, and confirmed the device");

const device = { DEVICE_KEY: DeviceKey };
const { srp, signed, answered } = await passwordStep(device);
if (answered.ChallengeName !== "DEVICE_SRP_AUTH") throw new Error(`the pool asks for ${answered.ChallengeName}`);
const proof = await client.send(new RespondToAuthChallengeCommand(wrapAuthChallenge(signed, {
  ClientId, ChallengeName: answered.ChallengeName, Session: answered.Session, ChallengeResponses: { USERNAME: username, ...device },
})));
if (proof.ChallengeName !== "DEVICE_PASSWORD_VERIFIER") throw new Error(`the pool asks for ${proof.ChallengeName}`);
const done = await client.send(new RespondToAuthChallengeCommand(wrapAuthChallenge(
  signSrpSessionWithDevice(srp, proof, DeviceGroupKey, DeviceRandomPassword),
  { ClientId, ChallengeName: proof.ChallengeName, Session: proof.Session, ChallengeResponses: { USERNAME: username, ...device } },
)));
console.log("signed in again, and proved the device");

const { Devices } = await client.send(new ListDevicesCommand({ AccessToken: done.AuthenticationResult.AccessToken }));
for (const { DeviceAttributes } of Devices) console.log(`device: ${DeviceAttributes.find((a) => a.Name === "device_name").Value}`);

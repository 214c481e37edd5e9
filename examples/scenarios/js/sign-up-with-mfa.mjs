// Signs a user up in a pool that requires a second factor: sign-up, confirmation with the mailed code, an authenticator app by QR code, and
// a sign-in with password and one-time code. At the end it lists the users.
import {
  AdminGetUserCommand, AdminInitiateAuthCommand, AdminRespondToAuthChallengeCommand, AssociateSoftwareTokenCommand, ConfirmSignUpCommand,
  paginateListUsers, ResendConfirmationCodeCommand, SignUpCommand, VerifySoftwareTokenCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import qrcode from "qrcode-terminal";
import { authenticatorCode, client, mailedCode, pool } from "./setup.mjs";

const { UserPoolId, ClientId } = pool("mfa");
const [Username, Password, email] = ["carla", "Passw0rd!", "carla@example.com"];

await client.send(new SignUpCommand({ ClientId, Username, Password, UserAttributes: [{ Name: "email", Value: email }] }));
const { UserStatus } = await client.send(new AdminGetUserCommand({ UserPoolId, Username }));
console.log(`signed up: ${Username} is ${UserStatus}`);

const { CodeDeliveryDetails } = await client.send(new ResendConfirmationCodeCommand({ ClientId, Username }));
console.log(`a code was sent to ${CodeDeliveryDetails.Destination}`);
await client.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode: await mailedCode(email) }));
console.log("confirmed");

const signIn = () =>
  client.send(new AdminInitiateAuthCommand({
    UserPoolId, ClientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", AuthParameters: { USERNAME: Username, PASSWORD: Password },
  }));
const first = await signIn();
if (first.ChallengeName !== "MFA_SETUP") throw new Error(`the pool asks for ${first.ChallengeName}`);

const { SecretCode, Session } = await client.send(new AssociateSoftwareTokenCommand({ Session: first.Session }));
qrcode.generate(`otpauth://totp/${Username}?secret=${SecretCode}&issuer=scenario`, { small: true }, console.log);
const verified = await client.send(new VerifySoftwareTokenCommand({ Session, UserCode: authenticatorCode(SecretCode) }));
console.log(`the authenticator app: ${verified.Status}`);

const second = await signIn();
if (second.ChallengeName !== "SOFTWARE_TOKEN_MFA") throw new Error(`the pool asks for ${second.ChallengeName}`);
const { AuthenticationResult } = await client.send(new AdminRespondToAuthChallengeCommand({
  UserPoolId, ClientId, ChallengeName: second.ChallengeName, Session: second.Session,
  ChallengeResponses: { USERNAME: Username, SOFTWARE_TOKEN_MFA_CODE: authenticatorCode(SecretCode, 1) }, // a code is good once
}));
console.log(`signed in with password and code, for ${AuthenticationResult.ExpiresIn} seconds`);

for await (const page of paginateListUsers({ client }, { UserPoolId })) {
  for (const user of page.Users) console.log(`user: ${user.Username} (${user.UserStatus})`);
}

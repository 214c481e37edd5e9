// Signs two users up in a pool whose PreSignUp function (../known-users) confirms those whom it finds in a table: the one it knows can
// sign in at once, the stranger has to confirm first.
import { DeleteUserCommand, InitiateAuthCommand, SignUpCommand, UserNotConfirmedException } from "@aws-sdk/client-cognito-identity-provider";
import { client, pool } from "./setup.mjs";

const { ClientId } = pool("known");
const Password = "Passw0rd!";

async function signUp(Username, email) {
  const { UserConfirmed } = await client.send(new SignUpCommand({ ClientId, Username, Password, UserAttributes: [{ Name: "email", Value: email }] }));
  console.log(`signed up: ${Username} is ${UserConfirmed ? "confirmed" : "to confirm"}`);
}

async function signIn(Username) {
  const { AuthenticationResult } = await client.send(new InitiateAuthCommand({
    ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: { USERNAME: Username, PASSWORD: Password },
  }));
  console.log(`signed in: ${Username}`);
  return AuthenticationResult.AccessToken;
}

await signUp("ann", "ann@example.com");
const AccessToken = await signIn("ann");

await signUp("mallory", "mallory@example.com");
try {
  await signIn("mallory");
  throw new Error("a stranger signed in");
} catch (error) {
  if (!(error instanceof UserNotConfirmedException)) throw error;
  console.log(`not signed in: mallory (${error.message})`);
}

await client.send(new DeleteUserCommand({ AccessToken }));
console.log("deleted: ann");

// Signs a new user up, confirms them with the code in the inbox, and signs in over SRP: the password never leaves this program again.
//
//   npm install && node index.mjs http://127.0.0.1:4310 <pool id> <client id>
import { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool } from "amazon-cognito-identity-js";

const [url = process.env.CENOTE_URL, UserPoolId = process.env.CENOTE_POOL_ID, ClientId = process.env.CENOTE_CLIENT_ID] = process.argv.slice(2);
if (!url || !UserPoolId || !ClientId) throw new Error("usage: node index.mjs <url> <pool id> <client id>");

const pool = new CognitoUserPool({ UserPoolId, ClientId, endpoint: url });
const email = `ann+${Date.now()}@example.com`;
const password = "Passw0rd!";
const promised = (call) => new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))));

await promised((done) => pool.signUp(email, password, [new CognitoUserAttribute({ Name: "email", Value: email })], null, done));
console.log("signed up as", email);

// Only `cenote dev` has an inbox. With a real server the user reads the code and types it in.
const inbox = await fetch(`${url}/_cenote/inbox?to=${encodeURIComponent(email)}`, { headers: { accept: "application/json" } });
const [{ code }] = await inbox.json();

const user = new CognitoUser({ Username: email, Pool: pool });
await promised((done) => user.confirmRegistration(code, false, done));

const session = await new Promise((onSuccess, onFailure) =>
  user.authenticateUser(new AuthenticationDetails({ Username: email, Password: password }), { onSuccess, onFailure }),
);
console.log("signed in; the ID token says", session.getIdToken().decodePayload());

// Signs a new user up, confirms them with the code in the inbox, signs in (SRP is Amplify's default) and changes the password.
//
//   npm install && node index.mjs http://127.0.0.1:4310 <pool id> <client id>
import { Amplify } from "aws-amplify";
import { confirmSignUp, fetchAuthSession, signIn, signOut, signUp, updatePassword } from "aws-amplify/auth";

const [url = process.env.CENOTE_URL, userPoolId = process.env.CENOTE_POOL_ID, userPoolClientId = process.env.CENOTE_CLIENT_ID] = process.argv.slice(2);
if (!url || !userPoolId || !userPoolClientId) throw new Error("usage: node index.mjs <url> <pool id> <client id>");

// userPoolEndpoint is all that an existing application has to add.
Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint: url } } });

const username = `ann+${Date.now()}@example.com`;
await signUp({ username, password: "Passw0rd!", options: { userAttributes: { email: username } } });
console.log("signed up as", username);

// Only `cenote dev` has an inbox. With a real server the user reads the code and types it in.
const inbox = await fetch(`${url}/_cenote/inbox?to=${encodeURIComponent(username)}`, { headers: { accept: "application/json" } });
const [{ code: confirmationCode }] = await inbox.json();
await confirmSignUp({ username, confirmationCode });

await signIn({ username, password: "Passw0rd!" });
const { tokens } = await fetchAuthSession();
console.log("signed in; the ID token says", tokens.idToken.payload);

await updatePassword({ oldPassword: "Passw0rd!", newPassword: "An0ther-one!" });
await signOut();
await signIn({ username, password: "An0ther-one!" });
console.log("signed in with the new password");

import CognitoProvider from "next-auth/providers/cognito";

const { COGNITO_ISSUER: issuer, COGNITO_CLIENT_ID: clientId, COGNITO_CLIENT_SECRET: clientSecret } = process.env;
const home = `${process.env.NEXTAUTH_URL}/`;

export const authOptions = {
  // A user of another provider comes back with a nonce, which NextAuth takes only if it sent one itself.
  providers: [CognitoProvider({ issuer, clientId, clientSecret, checks: ["pkce", "state", "nonce"] })],
};

/** pages are where a user goes on the server: the own account, a new passkey, and the way out. */
export async function pages() {
  const discovered = await fetch(`${issuer}/.well-known/openid-configuration`);
  const { end_session_endpoint } = await discovered.json();
  const page = (path, more) => `${new URL(path, end_session_endpoint)}?${new URLSearchParams({ client_id: clientId, ...more })}`;
  return {
    account: page("/account", { redirect_uri: home }),
    passkey: page("/passkeys/add", { redirect_uri: home }),
    signOut: page("/logout", { logout_uri: home }),
  };
}

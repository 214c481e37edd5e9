// A page that signs in by the pages of the pool, and keeps the session in the browser.
import { Amplify } from "aws-amplify";
import { fetchAuthSession, signInWithRedirect, signOut } from "aws-amplify/auth";
import { Hub } from "aws-amplify/utils";
import "aws-amplify/auth/enable-oauth-listener";

/* global ENDPOINT, POOL, CLIENT */
const home = `${location.origin}/`;
Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: POOL, userPoolClientId: CLIENT, userPoolEndpoint: ENDPOINT,
      loginWith: {
        oauth: {
          domain: new URL(ENDPOINT).host, // which Amplify reaches by HTTPS
          scopes: ["openid", "email", "profile", "aws.cognito.signin.user.admin"], redirectSignIn: [home], redirectSignOut: [home], responseType: "code",
        },
      },
    },
  },
});

const at = (id) => document.getElementById(id);
const show = (text, user) => {
  at("news").textContent = text;
  at("in").hidden = user;
  at("refresh").hidden = at("out").hidden = !user;
};

async function look(options) {
  const { tokens } = await fetchAuthSession(options);
  if (!tokens) return show("Nobody is signed in.", false);
  show(`Signed in as ${tokens.idToken.payload.email}${options ? ", with new tokens" : ""}`, true);
}

Hub.listen("auth", ({ payload }) => {
  if (payload.event === "signInWithRedirect") look();
  if (payload.event === "signInWithRedirect_failure") show(`Not signed in: ${payload.data?.error?.message}`, false);
});
at("in").addEventListener("click", () => signInWithRedirect());
at("refresh").addEventListener("click", () => look({ forceRefresh: true }));
at("out").addEventListener("click", () => signOut());
look();

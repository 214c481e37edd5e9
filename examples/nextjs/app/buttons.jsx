"use client";

import { signIn, signOut } from "next-auth/react";

export function SignIn() {
  return <button onClick={() => signIn("cognito")}>Sign in</button>;
}

/** SignOut ends the session of the application, and then, at url, that of the pages: the next sign-in would need no password otherwise. */
export function SignOut({ url }) {
  const leave = async () => {
    await signOut({ redirect: false });
    window.location.assign(url);
  };
  return <button onClick={leave}>Sign out</button>;
}

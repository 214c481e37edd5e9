import { getServerSession } from "next-auth";
import { authOptions, pages } from "../auth.js";
import { SignIn, SignOut } from "./buttons.jsx";

export default async function Home() {
  const session = await getServerSession(authOptions);
  if (!session) {
    return <SignIn />;
  }
  const { account, passkey, signOut } = await pages();
  return (
    <>
      <p>
        Signed in as <strong>{session.user.email}</strong>
      </p>
      <p>
        <a href={account}>Your account</a>
      </p>
      <p>
        <a href={passkey}>Add a passkey</a>
      </p>
      <SignOut url={signOut} />
    </>
  );
}

// Passport with passport-openidconnect in an Express application: the endpoints are written into its settings, state and nonce are kept in
// the session.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import express from "express";
import session from "express-session";
import passport from "passport";
import { Strategy } from "passport-openidconnect";
import { address, endpoint, makeChoicePool, makeUser } from "../js/support.mjs";
import { byEmail, byPages, enter, page, serve } from "./support.mjs";

let application, web;

before(async () => {
  web = express();
  application = await serve(web);
});
after(async () => {
  application.server.close();
});

test("a user of an Express application signs in and is known by the ID token and the user info", async () => {
  const callback = `${application.address}/callback`;
  const pool = await makeChoicePool(byEmail, byPages({ GenerateSecret: true, CallbackURLs: [callback], AllowedOAuthScopes: ["openid", "email", "profile"] }));
  const email = address();
  await makeUser(pool, email, { email, email_verified: "true", name: "Ann Example" });
  const strategy = new Strategy(
    {
      issuer: `${endpoint}/${pool.id}`, authorizationURL: `${endpoint}/oauth2/authorize`, tokenURL: `${endpoint}/oauth2/token`,
      userInfoURL: `${endpoint}/oauth2/userInfo`, clientID: pool.clientId, clientSecret: pool.clientSecret, callbackURL: callback,
      scope: ["email", "profile"], nonce: true, skipUserProfile: false,
    },
    (issuer, profile, done) => done(null, { issuer, id: profile.id, email: profile.emails?.[0]?.value, name: profile.displayName }),
  );
  passport.use(strategy);
  passport.serializeUser((user, done) => done(null, user));
  passport.deserializeUser((user, done) => done(null, user));
  web.use(session({ secret: "a secret that is no secret in a test", resave: false, saveUninitialized: false }), passport.authenticate("session"));
  web.get("/login", passport.authenticate("openidconnect"));
  web.get("/callback", passport.authenticate("openidconnect", { failWithError: true }), (_, response) => response.redirect("/me"));
  web.get("/me", (request, response) => response.json(request.user ?? null));
  web.use((error, _request, response, _next) => response.status(500).json({ error: error.message }));

  await page.goto(`${application.address}/login`);
  await enter(email);
  await page.waitForURL(`${application.address}/*`);
  const user = JSON.parse(await page.locator("body").innerText());
  assert.equal(user.email, email);
  assert.equal(user.name, "Ann Example");
  assert.equal(user.issuer, `${endpoint}/${pool.id}`);
  assert.match(user.id, /^[0-9a-f-]{36}$/);
});

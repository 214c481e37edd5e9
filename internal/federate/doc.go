// Package federate is what the pool has to do with identity providers of others: what they publish about themselves, and what
// they say about a person.
//
// A Resolver completes the details of a provider when it is created or changed: it reads the metadata of a SAML provider and the discovery
// document of an OpenID Connect provider. Metadata is what a metadata document says. A Verifier verifies the tokens of providers, for the
// logins of identity pools. A RelyingParty signs people in at OAuth 2.0 and OpenID Connect providers; SAMLRequest and SAMLResponse are the way
// to a SAML provider and back. Both end in an Account. Every call goes by package outbound. Start with Resolver and Verifier.
package federate

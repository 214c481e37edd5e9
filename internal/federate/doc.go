// Package federate is what the pool has to do with identity providers of others: what they publish about themselves.
//
// A Resolver completes the details of a provider when it is created or changed: it reads the metadata of a SAML provider and the discovery
// document of an OpenID Connect provider. Metadata is what a metadata document says. Start with Resolver.
package federate

// Package outbound is how cenote calls other servers over HTTP: which addresses it may call, how long it waits and how much it reads.
//
// A URL comes from one of two kinds of people. The operator of the server names webhooks, functions and endpoints in the settings, and
// those may well be private (Operator). Whoever administers a pool names identity providers through the API, and must not reach the
// operator's network that way (Public). NewClient makes a client for either. The address is checked when it is dialed, after DNS, so that
// neither a name that changes its address nor a redirect gets around the check. What goes to AWS, or to programs that speak its APIs, is
// signed by a Signer. Start with Reach and NewClient.
package outbound

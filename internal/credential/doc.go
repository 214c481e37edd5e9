// Package credential holds what proves who somebody is: password verifiers and the SRP exchange over them, client secret
// hashes, one-time codes, generated passwords, and the masks under which destinations are shown.
//
// The central idea: a password is stored once, as the SRP-6a verifier v = g^x. The SRP flow proves knowledge of x without
// showing the password; the plain flows recompute g^x and compare (Verifier.Matches). Users and devices share this code: a
// verifier belongs to a scope and an id, which are (pool name, username) or (device group key, device key).
//
// # SRP
//
// The group is the 3072-bit prime of RFC 3526 §4 with g = 2; the hash is SHA-256. Integers are hashed in the shortest two's
// complement form (srpgroup.Pad), not in fixed width as in RFC 5054. Start with NewChallenge and Challenge.Verify.
//
// The server keeps nothing between the two steps: a Challenge has a binary form which the caller seals into the secret block
// that the client sends back. It holds b, u and A mod N; B and the verifier are not in it.
//
// # Arithmetic
//
// Long-lived exponents (x) and powers of the generator are only ever used in constant time: element is a 48-limb Montgomery number,
// and its powers read whole tables under masks. Per 256-bit exponent, on a 2.5 GHz Xeon; the lines of this package by
// go test -run none -bench 'FixedBase|Table', the others from a comparison made once, their tables reckoned from the cost of
// one multiplication:
//
//	g^x by the table of g, 4-bit windows, this package    0.38 ms   393 kB, built in 5 ms at the first use
//	g^x by a table with math/big, 6-bit windows           0.28 ms   1 MB, not constant time
//	g^x by a table with filippo.io/bigmod                 1.4 ms    Mul leaves Montgomery form each time
//
// Constant time thus costs about a third, so it is used wherever a long-lived secret is the exponent. What is left to math/big is the
// server's S: v^u, since u is known to both sides and to the network, and the power b, which lives for one challenge. A window of five
// bits would save about a tenth of g^x for one and a half times the memory and start-up.
package credential

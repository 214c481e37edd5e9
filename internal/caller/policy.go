package caller

import "strings"

// Policy limits an access key to some operations on some pools. The zero Policy allows everything.
//
// A list that is nil does not limit; a list that is empty but not nil allows nothing. The JSON form keeps that difference.
type Policy struct {
	// Operations are names or patterns: "AdminGetUser", "Admin*", "List*". A pattern with a colon is compared with the name
	// after its service, as policies of AWS write it: "cognito-idp:Admin*".
	Operations []string `json:"operations,omitzero"`
	// Pools are ids, or patterns for ids, of user pools or identity pools: "us-east-1_Abc123XyZ", "eu-*". A key that is limited
	// to pools may not do what concerns no pool or all of them (CreateUserPool, ListUserPools), unless "*" is in the list.
	Pools []string `json:"pools,omitzero"`
}

// Allows reports whether the policy lets a key do an operation of a service ("cognito-idp", "AdminGetUser") on a pool. The pool
// is empty for operations that name none.
func (p Policy) Allows(service, operation, pool string) bool {
	return p.allowsOperation(service, operation) && (p.Pools == nil || anyMatches(p.Pools, pool))
}

// Unlimited reports whether the policy allows everything.
func (p Policy) Unlimited() bool { return p.Operations == nil && p.Pools == nil }

func (p Policy) allowsOperation(service, operation string) bool {
	if p.Operations == nil {
		return true
	}
	for _, pattern := range p.Operations {
		name := operation
		if strings.Contains(pattern, ":") {
			name = service + ":" + operation
		}
		if matches(pattern, name) {
			return true
		}
	}
	return false
}

func anyMatches(patterns []string, s string) bool {
	for _, pattern := range patterns {
		if matches(pattern, s) {
			return true
		}
	}
	return false
}

// matches compares s with a pattern in which "*" stands for any number of bytes, also none, and "?" for exactly one. Upper and
// lower case differ. The time is at most the product of the two lengths, whatever the pattern.
func matches(pattern, s string) bool {
	p, i := 0, 0
	star, retry := -1, 0 // the last "*" seen, and where in s to try again with it standing for one byte more
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			retry++
			p, i = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

package sigv4

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

// isPresigned reports whether the signature, or a part of it, is in the query. No client of the two services does that, and a
// link that may be passed on must not become an administrator's request.
func isPresigned(r *http.Request) bool {
	if r.URL.RawQuery == "" {
		return false
	}
	for name := range r.URL.Query() {
		switch strings.ToLower(name) {
		case "x-amz-algorithm", "x-amz-credential", "x-amz-signature", "x-amz-signedheaders":
			return true
		}
	}
	return false
}

// checkScope compares the credential scope with what this server is. It tells everything that is wrong at once.
func (v *Verifier) checkScope(a *authorization, service string) error {
	var texts []string
	if a.region == "" || len(v.Regions) > 0 && !slices.Contains(v.Regions, a.region) {
		texts = append(texts, "Credential should be scoped to a valid region, not '"+a.region+"'.")
	}
	if a.service != service {
		texts = append(texts, "Credential should be scoped to correct service: '"+service+"'.")
	}
	if a.terminator != terminator {
		texts = append(texts, "Credential should be scoped with a valid terminator: '"+terminator+"', not '"+a.terminator+"'.")
	}
	if day := a.rawTime[:len("20060102")]; a.date != day {
		texts = append(texts, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+
			a.date+"' != '"+day+"', from '"+a.rawTime+"'.")
	}
	if texts == nil {
		return nil
	}
	return fault.New(fault.InvalidSignature, strings.Join(texts, " "))
}

// checkDate refuses signatures that are older or newer than Skew allows. SDKs recognise the two texts' code, set their clock by
// the Date header of the answer, and try again.
func (v *Verifier) checkDate(a *authorization) error {
	now := v.Now().UTC().Truncate(time.Second) // X-Amz-Date has whole seconds
	earliest, latest := now.Add(-Skew), now.Add(Skew)
	switch {
	case a.time.Before(earliest):
		return fault.Newf(fault.InvalidSignature, "Signature expired: %s is now earlier than %s (%s - 5 min.)",
			a.rawTime, earliest.Format(dateFormat), now.Format(dateFormat))
	case a.time.After(latest):
		return fault.Newf(fault.InvalidSignature, "Signature not yet current: %s is still later than %s (%s + 5 min.)",
			a.rawTime, latest.Format(dateFormat), now.Format(dateFormat))
	}
	return nil
}

// checkSigned refuses signatures that leave out what makes a request this request: where it goes, when, and what it asks.
// Without the last, a captured AdminGetUser could be sent again as AdminDeleteUser, which has the same body.
func checkSigned(h http.Header, a *authorization) error {
	needed := []struct{ header, text string }{
		{"host", "'Host' or ':authority'"},
		{"x-amz-date", "'X-Amz-Date'"},
	}
	if h.Get("X-Amz-Target") != "" {
		needed = append(needed, struct{ header, text string }{"x-amz-target", "'X-Amz-Target'"})
	}
	for _, n := range needed {
		if !slices.Contains(a.signedHeaders, n.header) {
			return fault.New(fault.InvalidSignature, n.text+" must be a 'SignedHeader' in the AWS Authorization.")
		}
	}
	return checkSingle(h, a)
}

// checkSingle refuses a signed header that occurs more than once, and a doubled token: the signature covers all of its values, but whoever
// reads the request takes the first, or the last. The text is ours.
func checkSingle(h http.Header, a *authorization) error {
	for _, name := range slices.Concat(a.signedHeaders, []string{"x-amz-security-token"}) {
		if len(h.Values(name)) > 1 {
			return incomplete("Request has a signed header more than once.")
		}
	}
	return nil
}

// checkClaimedHash compares a claim about the body with the body. A claim is not needed (most SDKs make none for this
// protocol), and UNSIGNED-PAYLOAD is no hash: it would let anybody change the body.
func checkClaimedHash(h http.Header, payload string) error {
	for _, claim := range h.Values("X-Amz-Content-Sha256") {
		if !strings.EqualFold(strings.TrimSpace(claim), payload) {
			return fault.New(fault.InvalidSignature, "The provided 'x-amz-content-sha256' header does not match what was computed.")
		}
	}
	return nil
}

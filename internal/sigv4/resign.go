package sigv4

import (
	"crypto/hmac"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// signsAlike reports whether signing a copy of the request with the secret gives the client's signature.
func signsAlike(r *http.Request, bodyLength int, payload string, a *authorization, secret string) (bool, error) {
	for _, p := range signedPaths(r.URL) {
		copied := copySigned(r, p, bodyLength, a)
		// A new signer each time: a kept one remembers derived keys by key id alone, and so would go on using the secret of a
		// key that was replaced; and it remembers one for every region text that somebody sends.
		err := signer.NewSigner().SignHTTP(r.Context(), aws.Credentials{AccessKeyID: a.keyID, SecretAccessKey: secret},
			copied, payload, a.service, a.region, a.time)
		if err != nil {
			return false, fmt.Errorf("sign a copy of the request: %w", err)
		}
		_, want, _ := strings.Cut(copied.Header.Get("Authorization"), " SignedHeaders=")
		// The list of headers is compared too: it must be sorted, without doubles, and name only what is there.
		if hmac.Equal([]byte(want), []byte(strings.Join(a.signedHeaders, ";")+", Signature="+a.signature)) {
			return true, nil
		}
	}
	return false, nil
}

// copySigned copies the parts of the request that the client says it signed, and nothing that the signer adds by itself.
func copySigned(r *http.Request, escapedPath string, bodyLength int, a *authorization) *http.Request {
	copied := &http.Request{
		Method: r.Method,
		// The scheme stays empty, so that the signer takes the host as it came, port and all.
		URL:    &url.URL{Opaque: "//host" + escapedPath, RawQuery: r.URL.RawQuery},
		Host:   r.Host,
		Header: make(http.Header, len(a.signedHeaders)),
	}
	for _, name := range a.signedHeaders {
		switch name {
		case "host", "x-amz-date":
		case "content-length":
			copied.ContentLength = int64(bodyLength)
		default:
			// The name stays in lower case: in its usual spelling the signer leaves out User-Agent, which some clients do sign.
			if values := r.Header.Values(name); len(values) > 0 {
				copied.Header[name] = values
			}
		}
	}
	return copied
}

// signedPaths returns the escaped paths that the client may have signed: the one it sent, and its normal form. Clients differ
// for a custom endpoint that ends in a slash: some send "//" and sign "/".
func signedPaths(u *url.URL) []string {
	sent := u.EscapedPath()
	if sent == "" {
		sent = "/"
	}
	normal := path.Clean("/" + sent)
	if normal != "/" && strings.HasSuffix(sent, "/") {
		normal += "/"
	}
	if normal == sent {
		return []string{sent}
	}
	return []string{sent, normal}
}

package hostile_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

// What strangers send is bounded before any work on it, and means one thing to everybody who reads it on the way.
func TestRequestsAreBounded(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *server) {
		t.Run("in members", func(t *testing.T) { manyMembers(t, s.one) })
		t.Run("in bytes", func(t *testing.T) { manyBytes(t, s.one) })
		t.Run("to one meaning", func(t *testing.T) { oneMeaning(t, s.one) })
	})
}

func manyMembers(t *testing.T, f *fixture) {
	members := object{}
	for i := range 2000 {
		members[fmt.Sprintf("k%d", i)] = "v"
	}
	const text = "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than or equal to 500"
	start := object{"ClientId": f.client, "AuthFlow": "USER_PASSWORD_AUTH"}
	f.refuse(t, "parameters", "InitiateAuth", start.with("AuthParameters", members), fmt.Sprintf(text, "authParameters"), fault.InvalidParameter)
	f.refuse(t, "metadata", "InitiateAuth", start.with("ClientMetadata", members), fmt.Sprintf(text, "clientMetadata"), fault.InvalidParameter)
	f.refuse(t, "responses", "RespondToAuthChallenge", object{"ClientId": f.client, "ChallengeName": "PASSWORD", "ChallengeResponses": members},
		fmt.Sprintf(text, "challengeResponses"), fault.InvalidParameter)
	f.refuse(t, "parameters of a server", "AdminInitiateAuth", object{
		"UserPoolId": f.pool, "ClientId": f.client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": members,
	}, fmt.Sprintf(text, "authParameters"), fault.InvalidParameter)
	var list []any
	for range 501 {
		list = append(list, object{"Name": "name", "Value": "x"})
	}
	f.refuse(t, "attributes", "SignUp", object{"ClientId": f.client, "Username": fresh(), "Password": password, "UserAttributes": list},
		fmt.Sprintf(text, "userAttributes"), fault.InvalidParameter)
}

func manyBytes(t *testing.T, f *fixture) {
	long := strings.Repeat("x", 64<<10)
	for operation, body := range map[string]object{
		"InitiateAuth": {"ClientId": f.client, "AuthFlow": "USER_PASSWORD_AUTH"},
		"SignUp":       {"ClientId": f.client, "Username": fresh(), "Password": password},
		"GetUser":      {"AccessToken": "a.b.c"},
		"RevokeToken":  {"ClientId": f.client, "Token": "x"},
	} {
		f.refuse(t, "a body of 64 KiB", operation, body.with("Unknown", long), "The request body is larger than 65536 bytes.", fault.RequestTooLarge)
	}
	f.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": f.newUser(t).name, "Unknown": long})
}

// oneMeaning speaks to the server in raw bytes: with both a length and chunks, a proxy in front may have seen another request.
func oneMeaning(t *testing.T, f *fixture) {
	const body = `{"ClientId":"x","Username":"y"}`
	length, chunked := fmt.Sprintf("Content-Length: %d\r\n", len(body)), "Transfer-Encoding: chunked\r\n"
	inChunks := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	for _, tc := range []struct {
		name, headers, body string
		answers             int // how many requests are answered: a second one follows on the connection
	}{
		{"a length", length, body, 2},
		{"the same length twice", length + length, body, 2},
		{"two lengths", length + "Content-Length: 1\r\n", body, 1},
		{"chunks", chunked, inChunks, 1},
		{"a length and chunks", length + chunked, inChunks, 1},
		{"chunks and a length", chunked + "Content-Length: 5\r\n", inChunks, 1},
		{"another encoding", "Transfer-Encoding: xchunked\r\n" + length, body, 1},
		{"two encodings", "Transfer-Encoding: chunked, chunked\r\n" + length, inChunks, 1},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(f.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(patience))
		const head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSCognitoIdentityProviderService.ForgotPassword\r\n"
		_, err = fmt.Fprintf(conn, "%s%s\r\n%sGET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", head, tc.headers, tc.body)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(conn) // may end in a reset: the server did not read what followed
		reader, answers := bufio.NewReader(bytes.NewReader(text)), 0
		for {
			resp, err := http.ReadResponse(reader, nil)
			if err != nil {
				break
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			answers++
			if last := answers == tc.answers; resp.Close != last {
				t.Errorf("%s: answer %d closes the connection: %v, want %v", tc.name, answers, resp.Close, last)
			}
		}
		if answers != tc.answers {
			t.Errorf("%s: %d requests are answered, want %d:\n%s", tc.name, answers, tc.answers, text)
		}
	}
}

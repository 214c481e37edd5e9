package hostile_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// twins are a server on each database that are sent the same requests. Their answers have to be equal but for times and for what is random,
// and what is random has to be the same thing in both wherever it comes up again.
type twins struct {
	*testing.T
	servers [2]*server
	there   map[string]string // what the second server says where the first one says the key
	back    map[string]string // the other way round
}

func newTwins(t *testing.T) *twins {
	t.Helper()
	a, b := startServer(t, ""), startServer(t, pgtest.Start(t))
	w := &twins{T: t, servers: [2]*server{a, b}, there: map[string]string{}, back: map[string]string{}}
	for _, known := range []pair{{a.PoolID, b.PoolID}, {a.one.pool, b.one.pool}, {a.two.pool, b.two.pool}} {
		w.sameToken(known[0], known[1])
	}
	return w
}

// pair is a text that is not the same at both servers.
type pair [2]string

// both is the pair of texts at a path of the answers.
func both(got [2]answer, path ...string) pair { return pair{got[0].at(path...), got[1].at(path...)} }

// as returns a value of a request as one of the servers is sent it.
func as(v any, server int) any {
	switch v := v.(type) {
	case pair:
		return v[server]
	case object:
		c := object{}
		for name, value := range v {
			c[name] = as(value, server)
		}
		return c
	case []any:
		c := slices.Clone(v)
		for i := range c {
			c[i] = as(c[i], server)
		}
		return c
	}
	return v
}

// ask sends a request to both servers and compares the answers.
func (w *twins) ask(operation string, body object) [2]answer {
	w.Helper()
	var got [2]answer
	for i, s := range w.servers {
		got[i] = s.call(w.T, operation, as(body, i))
	}
	if why := w.compare("", got[0].body, got[1].body); why != "" || got[0].status != got[1].status {
		var b bytes.Buffer
		encode(&b, as(body, 0))
		w.Errorf("%s %s\n  is answered %s\n  and          %s\n  %s", operation, shorten(b.String()), shorten(got[0].text), shorten(got[1].text), why)
	}
	return got
}

// inOrderOfIDs are the lists in which random ids decide what comes first.
var inOrderOfIDs = []string{"/Users", "/UserPoolClients", "/UserPools"}

// compare says how the values at a path of two answers differ, "" for not at all.
func (w *twins) compare(path string, x, y any) string {
	switch x := x.(type) {
	case string:
		if y, ok := y.(string); ok && w.sameText(path, x, y) {
			return ""
		}
	case float64:
		if y, ok := y.(float64); ok && (x == y || isTime(x) && isTime(y)) {
			return ""
		}
	case []any:
		if y, ok := y.([]any); ok && len(x) == len(y) {
			return w.compareLists(path, x, y)
		}
	case map[string]any:
		y, _ := y.(map[string]any)
		if slices.Equal(slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y))) {
			return w.compareObjects(path, x, y)
		}
	default:
		if reflect.DeepEqual(x, y) {
			return ""
		}
	}
	return fmt.Sprintf("they differ at %s: %v and %v", path, x, y)
}

// isTime reports a number of seconds, or milliseconds, since 1970 in the years of tests.
func isTime(n float64) bool { return n > 1.7e9 && n < 2e9 || n > 1.7e12 && n < 2e12 }

func (w *twins) compareLists(path string, x, y []any) string {
	if slices.Contains(inOrderOfIDs, path) {
		x, y = sorted(x, w.there), sorted(y, nil)
	}
	for i := range x {
		if why := w.compare(fmt.Sprintf("%s/%d", path, i), x[i], y[i]); why != "" {
			return why
		}
	}
	return ""
}

func (w *twins) compareObjects(path string, x, y map[string]any) string {
	if path == "/CodeDeliveryDetails" && isPhantom(x) && isPhantom(y) {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(x)) {
		if why := w.compare(path+"/"+name, x[name], y[name]); why != "" {
			return why
		}
	}
	return ""
}

var (
	phantom = regexp.MustCompile(`^([a-zA-Z]\*\*\*@[a-zA-Z]\*\*\*|\+\*+\d{4})$`)
	random  = regexp.MustCompile(`[A-Za-z0-9+=_-]{16,}|\b1[789]\d{8}(\d{3})?\b|\b\d{6}\b`)
	sealed  = regexp.MustCompile(`^[A-Za-z0-9+/=_.-]{40,}$`)
	times   = regexp.MustCompile(`\b1[789]\d{8}(\d{3})?(\.\d+)?\b`)
)

// isPhantom reports delivery details that may be made up for somebody who does not exist, by a key of the server.
func isPhantom(details map[string]any) bool {
	return phantom.MatchString(fmt.Sprint(details["Destination"]))
}

// sorted returns the items in an order that does not depend on what is random. What the other server calls otherwise is compared as that.
func sorted(items []any, there map[string]string) []any {
	form := func(item any) string {
		text, _ := json.Marshal(item)
		return random.ReplaceAllStringFunc(times.ReplaceAllString(string(text), "T"), func(token string) string {
			if other, ok := there[token]; ok {
				return other
			}
			return token
		})
	}
	return slices.SortedStableFunc(slices.Values(items), func(x, y any) int { return strings.Compare(form(x), form(y)) })
}

// sameText reports whether two texts are the same but for their random parts. That of a token is its claims.
func (w *twins) sameText(path, x, y string) bool {
	if claims, ok := claimsOf(x); ok {
		others, ok := claimsOf(y)
		return ok && w.compare("claims", claims, others) == ""
	}
	y = strings.ReplaceAll(y, w.servers[1].URL, w.servers[0].URL)
	if x == y || strings.HasSuffix(path, "/DeviceGroupKey") {
		return true
	}
	if random.ReplaceAllString(x, "#") != random.ReplaceAllString(y, "#") {
		return sealed.MatchString(x) && sealed.MatchString(y) && w.sameToken(x, y)
	}
	there := random.FindAllString(y, -1)
	for i, token := range random.FindAllString(x, -1) {
		if !w.sameToken(token, there[i]) {
			return false
		}
	}
	return true
}

// sameToken reports whether two random texts may be the same thing at both servers, and remembers that they are.
func (w *twins) sameToken(x, y string) bool {
	if x == y || len(x) == 6 && len(y) == 6 || times.FindString(x) == x && times.FindString(y) == y { // codes come twice
		return true
	}
	there, ok := w.there[x]
	back, known := w.back[y]
	if ok && there != y || known && back != x {
		return false
	}
	w.there[x], w.back[y] = y, x
	return true
}

func claimsOf(token string) (claims map[string]any, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return nil, false
	}
	delete(claims, "iss") // has the address of the server
	return claims, true
}

// pages reads all pages of a list at both servers and compares them as one list. Key names the text of an item that the order is by, in one
// spelling; nil for lists in another order.
func (w *twins) pages(operation, list, size, token string, n int, in object, key func(item map[string]any) string) {
	w.Helper()
	var all [2][]any
	var keys [2][]string
	for i, s := range w.servers {
		body := as(in, i).(object).with(size, n)
		for range math.MaxInt16 {
			a := s.call(w.T, operation, body)
			items, _ := a.body[list].([]any)
			all[i] = append(all[i], items...)
			if a.at(token) == "" {
				break
			}
			body = body.with(token, a.at(token))
		}
		for _, item := range all[i] {
			if key != nil {
				keys[i] = append(keys[i], key(item.(map[string]any)))
			}
		}
	}
	why := ""
	if len(all[0]) != len(all[1]) {
		why = "they have other lengths"
	} else {
		why = w.compareLists("/"+list, all[0], all[1])
	}
	if why == "" && !slices.Equal(keys[0], keys[1]) {
		why = "their order differs"
	}
	if why != "" {
		w.Errorf("%s of %v, %d at a time: %s\n  %v\n  %v", operation, as(in, 0), n, why, all[0], all[1])
	}
}

// code is the pair of the newest codes that were sent to an address; absent where there is none.
func (w *twins) code(to string) any {
	var code pair
	for i, s := range w.servers {
		if len(s.Messages(w.T, to)) == 0 {
			return "000000"
		}
		code[i] = strings.TrimSpace(s.Messages(w.T, to)[0].Code)
	}
	return code
}

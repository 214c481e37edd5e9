package hostile_test

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// How many sequences are played, and from which one on. Each is the same at every run, so one that fails can be played alone.
var (
	twinSequences = flag.Int("twins.sequences", 5, "how many sequences both databases are compared by")
	twinFirst     = flag.Int("twins.first", 0, "the first of them")
)

const twinSteps = 80 // of a sequence

func TestBothDatabasesAnswerAlike(t *testing.T) {
	t.Parallel()
	w := newTwins(t)
	for n := *twinFirst; n < *twinFirst+*twinSequences && !t.Failed(); n++ {
		t.Logf("-twins.first=%d -twins.sequences=1", n)
		p := &play{twins: w, draw: newDraw(n)}
		for p.pool == (pair{}) {
			p.newPool()
		}
		for len(p.clients) < 2 {
			p.newClient()
		}
		p.people()
		for range twinSteps {
			p.step()
		}
		w.ask("DeleteUserPool", object{"UserPoolId": p.pool})
	}
}

// play is a sequence of random requests to twins about one pool, and what came up in it.
type play struct {
	*twins
	draw

	pool            pair
	byAddress       bool // usernames are subs
	clients         []pair
	users           []string
	access, refresh []pair
	challenges      []object // answers to challenges, but for the responses
	contacts        []string
}

// request is an operation, what it is sent, and what is done with a success; nil for nothing.
type request struct {
	operation string
	body      object
	then      func(got [2]answer)
}

// step sends a random request, perhaps with one place changed in a hostile way.
func (p *play) step() {
	about := one(p.draw, p.aboutUsers, p.aboutUsers, p.aboutSignUps, p.aboutSignIns, p.aboutSignIns, p.aboutMyself, p.aboutSearches, p.aboutGroups, p.aboutPools, p.aboutFederation)
	r := about()
	if o, ok := wire.Lookup("AWSCognitoIdentityProviderService." + r.operation); ok && p.chance(12) {
		at := one(p.draw, placesInOrder(o.Input, r.body)...)
		r.body, r.then = put(r.body, at.path, one(p.draw, mutations(at, nil)...).value).(object), nil
	}
	if got := p.ask(r.operation, r.body); r.then != nil && got[0].ok() && got[1].ok() {
		r.then(got)
	}
}

func placesInOrder(s *wire.Shape, body object) []place {
	return slices.SortedStableFunc(slices.Values(places(s, body, nil)), func(x, y place) int { return strings.Compare(x.String(), y.String()) })
}

func sortedNames(o object) []string { return slices.Sorted(maps.Keys(o)) }

func (p *play) inPool(more object) object { return more.with("UserPoolId", p.pool) }

func (p *play) name() string {
	if len(p.users) > 0 && !p.chance(7) {
		return one(p.draw, p.users...)
	}
	return one(p.draw, oddNames...)
}

// known remembers a user and where codes to them may go.
func (p *play) known(name string, attributes []any) func([2]answer) {
	return func([2]answer) {
		p.users = append(p.users, name)
		p.reach(attributes)
	}
}

func (p *play) reach(attributes []any) {
	for _, a := range attributes {
		if n := a.(object)["Name"]; n == "email" || n == "phone_number" {
			p.contacts = append(p.contacts, a.(object)["Value"].(string))
		}
	}
}

func (p *play) sentCode() any {
	if len(p.contacts) == 0 || p.chance(5) {
		return one[any](p.draw, "000000", "", "abc", "٣٣٣٣٣٣", strings.Repeat("1", 2049))
	}
	return p.code(one(p.draw, p.contacts...))
}

// signedIn remembers what an answer of a sign-in gave.
func (p *play) signedIn(client pair, name string) func([2]answer) {
	return func(got [2]answer) {
		if s := both(got, "Session"); s != (pair{}) {
			p.challenges = append(p.challenges, object{"ClientId": client, "Session": s, "ChallengeName": got[0].at("ChallengeName"), "ChallengeResponses": object{"USERNAME": name}})
		}
		if a := both(got, "AuthenticationResult", "AccessToken"); a != (pair{}) {
			p.access = append(p.access, a)
		}
		if r := both(got, "AuthenticationResult", "RefreshToken"); r != (pair{}) {
			p.refresh = append(p.refresh, r)
		}
	}
}

// newest draws one of the last tokens; the empty text before the first.
func (p *play) newest(tokens []pair) pair {
	if len(tokens) == 0 {
		return pair{}
	}
	return one(p.draw, tokens[max(0, len(tokens)-6):]...)
}

func (p *play) newPool() {
	in := object{
		"PoolName": one(p.draw, "p", "p", "p", "a b", "ü", strings.Repeat("a", 129)), "UsernameConfiguration": object{"CaseSensitive": p.chance(2)},
		"AutoVerifiedAttributes": one(p.draw, []any{"email"}, []any{"phone_number", "email"}, []any{}), "UserPoolTags": object{"k": "v", "K": "ü"},
		"DeviceConfiguration":         object{"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": p.chance(2)},
		"UserAttributeUpdateSettings": object{"AttributesRequireVerificationBeforeUpdate": []any{"email"}},
		"SmsConfiguration":            object{"SnsCallerArn": roleARN}, "UserPoolTier": one(p.draw, "PLUS", "ESSENTIALS", "LITE"),
		"Policies": object{"PasswordPolicy": object{"MinimumLength": one(p.draw, 6, 14, 99, 100), "PasswordHistorySize": one(p.draw, 0, 1, 25)}},
		"Schema": []any{
			object{"Name": "a", "AttributeDataType": "String", "Mutable": true},
			object{"Name": "b", "AttributeDataType": "Boolean", "Mutable": true},
			object{"Name": "n", "AttributeDataType": "Number", "Mutable": true, "NumberAttributeConstraints": object{"MinValue": "-5", "MaxValue": "100"}},
			object{"Name": "d", "AttributeDataType": "DateTime"},
			object{"Name": "s", "AttributeDataType": "String", "DeveloperOnlyAttribute": true, "Mutable": true},
		},
	}
	switch p.IntN(3) {
	case 0:
		in["AliasAttributes"] = one(p.draw, []any{"email"}, []any{"email", "phone_number", "preferred_username"}, []any{"preferred_username"})
	case 1:
		in["UsernameAttributes"] = one(p.draw, []any{"email"}, []any{"phone_number", "email"})
	}
	in = p.some(in, "PoolName")
	p.byAddress = in["UsernameAttributes"] != nil
	p.pool = both(p.ask("CreateUserPool", in), "UserPool", "Id")
}

func (p *play) newClient() {
	in := p.some(object{
		"ClientName": one(p.draw, "c", "ü b", "a/b"), "ExplicitAuthFlows": []any{everyFlow[0], everyFlow[1], everyFlow[2]}, "PreventUserExistenceErrors": "ENABLED",
		"RefreshTokenRotation": object{"Feature": "ENABLED", "RetryGracePeriodSeconds": one(p.draw, 0, 60)}, "EnableTokenRevocation": p.chance(2),
		"CallbackURLs": []any{"https://b.example.com/", "https://a.example.com/", "myapp://x"}, "ReadAttributes": []any{"email", "name"},
	}, "ClientName", "ExplicitAuthFlows")
	if c := both(p.ask("CreateUserPoolClient", p.inPool(in)), "UserPoolClient", "ClientId"); c != (pair{}) {
		p.clients = append(p.clients, c)
	}
}

// people makes users who can sign in, with those of some names that the pool takes.
func (p *play) people() {
	for _, name := range []string{"ann@example.com", "+15550001111", "É@example.com", "ann", "straße", "😀", one(p.draw, oddNames...)} {
		who, given := p.inPool(object{"Username": name}), p.attributes()
		if !p.ask("AdminCreateUser", who.with("MessageAction", "SUPPRESS").with("UserAttributes", given))[0].ok() {
			continue
		}
		p.known(name, given)([2]answer{})
		p.ask("AdminSetUserPassword", who.with("Password", password).with("Permanent", true))
		client := one(p.draw, p.clients...)
		p.signedIn(client, name)(p.ask("InitiateAuth", passwordSignIn(client, name, password)))
	}
}

func passwordSignIn(client any, name, password string) object {
	return object{"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": object{"USERNAME": name, "PASSWORD": password}}
}

// orderedBy returns the text of a listed user that a filter about the attribute orders by; nil where ids decide.
func (p *play) orderedBy(attribute string) func(map[string]any) string {
	switch attribute {
	case "username":
		if p.byAddress {
			return nil
		}
		return func(u map[string]any) string { return u["Username"].(string) }
	case "cognito:user_status":
		return func(u map[string]any) string { return u["UserStatus"].(string) }
	case "", "status":
		return nil
	}
	return func(u map[string]any) string { return user.FoldValue(attributeOf(u, "Attributes", attribute)) }
}

package signin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/client/srp"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// TestTokensAreIssuedOnlyWhenTheRulesAllow walks random sequences of answers over a running machine: right and wrong ones, in any order,
// with sessions of other users and clients, of other challenges, used before or too late, while users turn factors on and off. The walk
// knows by itself which answers are right and what has been shown in the course of each session.
func TestTokensAreIssuedOnlyWhenTheRulesAllow(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	var signedIn [8]atomic.Int64
	missing := func() (names []string) {
		for kind, name := range ways {
			if signedIn[kind].Load() == 0 {
				names = append(names, name)
			}
		}
		return names
	}
	walk := func(rt *rapid.T) {
		w := newWalk(rt, b)
		rt.Repeat(map[string]func(*rapid.T){
			"sign in with a password": w.startPassword,
			"sign in by SRP":          w.startSRP,
			"sign in by choice":       w.startChoice,
			"choose and answer":       w.chooseAndAnswer,
			"answer":                  w.answer,
			"answer the newest":       w.answerNewest,
			"answer the newest again": w.answerNewest,
			"and again":               w.answerNewest,
			"associate a token":       w.associate,
			"verify a token":          w.verify,
			"set a token up":          w.setUp,
			"change a factor":         w.changeFactor,
			"let time pass":           w.wait,
		})
		for kind, n := range w.tokens {
			signedIn[kind].Add(int64(n))
		}
	}
	rapid.Check(t, walk)
	for range 9 { // now and then none of a hundred walks finds the rarest way
		if len(missing()) > 0 {
			rapid.Check(t, walk)
		}
	}
	for _, name := range missing() {
		t.Errorf("no walk signed in %s", name)
	}
}

// ways are the ways to tokens that the walks must have found.
var ways = []string{"with a password", "with a new password", "with a second factor", "with a factor that was set up", "with a one-time code"}

// walker is a user as the walk knows it.
type walker struct {
	*user.User
	password string
	secret   string // of the token in force
	lastStep int64  // the last time step whose code was used
	lastCode string // session that the newest code was sent for
}

// seen is a session that the walk got from the machine.
type seen struct {
	session   string
	client    int
	user      *walker
	challenge Challenge
	params    map[string]string
	issued    time.Time
	used      bool
	shown     map[string]bool // what was shown on the way to it
	code      string          // that was sent for it
	secret    string          // that was handed out for it
}

type walk struct {
	*bed
	pool    *pool.Pool
	clients [2]*pool.Client
	users   []*walker
	seen    []*seen
	tokens  [8]int
}

func newWalk(t *rapid.T, b *bed) *walk {
	w := &walk{bed: b}
	in := wire.CreateUserPoolInput{
		EmailConfiguration: &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", SourceArn: "arn:aws:ses:us-east-1:000000000000:identity/example.com"},
		SmsConfiguration:   &wire.SmsConfigurationType{SnsCallerArn: "arn:aws:iam::000000000000:role/sms"},
	}
	mode := rapid.SampledFrom([]string{"OFF", "OPTIONAL", "ON"}).Draw(t, "MFA")
	if mode != "ON" && rapid.Bool().Draw(t, "codes as first factor") {
		in.Policies = &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"PASSWORD", "EMAIL_OTP", "SMS_OTP"}}}
	}
	var mfa *wire.SetUserPoolMfaConfigInput
	if mode != "OFF" {
		mfa = &wire.SetUserPoolMfaConfigInput{
			MfaConfiguration:              mode,
			SoftwareTokenMfaConfiguration: &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)},
		}
		if rapid.Bool().Draw(t, "SMS is a factor") {
			mfa.SmsMfaConfiguration = &wire.SmsMfaConfigType{}
		}
		if rapid.Bool().Draw(t, "e-mail is a factor") {
			mfa.EmailMfaConfiguration = &wire.EmailMfaConfigType{}
		}
	}
	w.pool, w.clients = b.pool(t, in, mfa)
	for i := range 2 {
		name := fmt.Sprintf("user%d", i)
		draw := func(what string) bool { return rapid.Bool().Draw(t, name+" "+what) }
		rarely := func(what string) bool { return !mostly(t, name+" not "+what) }
		known := &walker{password: password}
		known.User = b.user(t, w.pool, name, func(u *user.User) {
			if draw("has an e-mail address") {
				u.Attributes["email"] = u.ID + "@example.com"
				u.Attributes["email_verified"] = fmt.Sprint(mostly(t, "has verified it"))
				u.Factors.UsesEmail = rarely("uses e-mail")
			}
			if draw("has a phone number") {
				u.Attributes["phone_number"] = fmt.Sprintf("+1555%07d", rapid.IntRange(0, 9999999).Draw(t, "number"))
				u.Attributes["phone_number_verified"] = fmt.Sprint(mostly(t, "has verified it"))
				u.Factors.UsesSMS = rarely("uses texts")
			}
			if draw("has a token") {
				known.secret = user.NewTOTPSecret()
				u.Factors.TOTP = &user.TOTP{Secret: known.secret}
				u.Factors.UsesTOTP = draw("uses it")
			}
			if rarely("has a temporary password") {
				u.SetTemporaryPassword(w.pool, u.Password, *b.now)
			}
		})
		w.users = append(w.users, known)
	}
	return w
}

func (w *walk) anyUser(t *rapid.T) *walker { return rapid.SampledFrom(w.users).Draw(t, "user") }
func (w *walk) request(client int) Request { return Request{Pool: w.pool, Client: w.clients[client]} }
func mostly(t *rapid.T, what string) bool  { return rapid.IntRange(0, 4).Draw(t, what) > 0 }
func anyClient(t *rapid.T) int             { return rapid.IntRange(0, 1).Draw(t, "client") }
func (w *walk) live(s *seen) bool          { return !s.used && w.now.Before(s.issued.Add(3*time.Minute)) }

// typed is a password that is right or wrong.
func (u *walker) typed(right bool) string {
	if right {
		return u.password
	}
	return "Wr0ng-horse!"
}

// took takes the answer of the machine to a step: from is the session that was answered, nil at the start; shown is what the step shows.
func (w *walk) took(t *rapid.T, o *Outcome, err error, from *seen, client int, u *walker, right bool, shown string) {
	if err != nil {
		return
	}
	if !right {
		t.Fatalf("a wrong answer is accepted: %+v", o)
	}
	all := map[string]bool{}
	if from != nil {
		if !w.live(from) {
			t.Fatalf("a session that was used or is too old is accepted: %+v", o)
		}
		maps.Copy(all, from.shown)
	}
	all[shown] = true
	if o.Grant != nil {
		w.judgeTokens(t, u, all)
		return
	}
	s := &seen{session: o.Session, client: client, user: u, challenge: o.Challenge, params: o.Parameters, issued: *w.now, shown: all}
	if len(o.Session) > maxSession {
		t.Fatalf("a session for %s has %d characters", o.Challenge, len(o.Session))
	}
	switch o.Challenge {
	case EmailOTP, SMSOTP, SMSMFA:
		to := w.inbox.Messages("")[0]
		s.code, u.lastCode = to.Code, o.Session
		if want := map[bool]int{true: 8, false: 6}[len(all) == 1 && all[""]]; len(s.code) != want {
			t.Fatalf("the code for %s has %d digits", o.Challenge, len(s.code))
		}
		fresh := w.reread(t, w.pool, u.User)
		if to.To != fresh.Attributes["email"] && to.To != fresh.Attributes["phone_number"] && shown != "set-up e-mail" {
			t.Fatalf("the code goes to %s", to.To)
		}
	default: // sends nothing
	}
	w.seen = append(w.seen, s)
}

// judgeTokens holds the rules against tokens that were issued.
func (w *walk) judgeTokens(t *rapid.T, u *walker, shown map[string]bool) {
	now := w.reread(t, w.pool, u.User)
	f := now.Factors
	second := shown["second"] || shown["set-up"]
	turnedOn := f.UsesTOTP && f.TOTP != nil ||
		f.UsesSMS && now.Attributes["phone_number"] != "" && w.pool.OffersMFA("SMS_MFA") ||
		f.UsesEmail && now.Attributes["email"] != "" && w.pool.OffersMFA("EMAIL_OTP")
	switch {
	case !shown["password"] && !shown["code"]:
		t.Fatalf("tokens without a first factor: %v", shown)
	case now.Status != user.Confirmed:
		t.Fatalf("tokens in the status %s", now.Status)
	case w.pool.MFA() == "ON" && !second:
		t.Fatalf("tokens without the second factor that the pool requires: %v", shown)
	case w.pool.MFA() == "OPTIONAL" && turnedOn && !second:
		t.Fatalf("tokens without the second factor that the user turned on: %v", shown)
	case shown["code"] && !w.pool.AllowsFirstFactor(pool.EmailOTP) && !w.pool.AllowsFirstFactor(pool.SMSOTP):
		t.Fatalf("a code signs in where the pool does not allow it: %v", shown)
	}
	for kind, is := range []bool{shown["password"] && !second, shown["new password"], shown["second"], shown["set-up"], shown["code"]} {
		if is {
			w.tokens[kind]++
		}
	}
}

func (w *walk) startPassword(t *rapid.T) {
	u, right, client := w.anyUser(t), mostly(t, "right"), anyClient(t)
	o, err := w.Start(context.Background(), Start{
		Request: w.request(client), Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": u.Username, "PASSWORD": u.typed(right)},
	})
	w.took(t, o, err, nil, client, u, right, "password")
}

func (w *walk) startSRP(t *rapid.T) {
	u, right, client := w.anyUser(t), mostly(t, "right"), anyClient(t)
	e := srp.NewEphemeral()
	o, err := w.Start(context.Background(), Start{
		Request: w.request(client), Flow: "USER_SRP_AUTH", Params: map[string]string{"USERNAME": u.Username, "SRP_A": e.A()},
	})
	if err != nil {
		return
	}
	answers := client
	if !mostly(t, "same client") {
		answers = 1 - client
	}
	o, err = w.proveSRP(t, e, o.Parameters, answers, u, u.typed(right))
	w.took(t, o, err, nil, client, u, right && answers == client, "password")
}

// proveSRP answers PASSWORD_VERIFIER.
func (w *walk) proveSRP(t *rapid.T, e *srp.Ephemeral, params map[string]string, client int, u *walker, typed string) (*Outcome, error) {
	block, err := sessionEncoding.DecodeString(params["SECRET_BLOCK"])
	if err != nil {
		t.Fatal(err)
	}
	stamp := w.now.UTC().Format("Mon Jan 2 15:04:05 UTC 2006")
	proof, err := e.Proof(w.pool.NamePart(), params["USER_ID_FOR_SRP"], typed, params["SALT"], params["SRP_B"], block, stamp)
	if err != nil {
		t.Fatal(err)
	}
	return w.Answer(context.Background(), Answer{Request: w.request(client), Challenge: PasswordVerifier, Responses: map[string]string{
		"USERNAME": u.Username, "PASSWORD_CLAIM_SECRET_BLOCK": params["SECRET_BLOCK"], "PASSWORD_CLAIM_SIGNATURE": proof, "TIMESTAMP": stamp,
	}})
}

func (w *walk) startChoice(t *rapid.T) {
	u, client := w.anyUser(t), anyClient(t)
	params := map[string]string{"USERNAME": u.Username}
	if preferred := rapid.SampledFrom([]Challenge{"", Password, EmailOTP, SMSOTP, WebAuthn}).Draw(t, "preferred"); preferred != "" {
		params["PREFERRED_CHALLENGE"] = string(preferred)
	}
	o, err := w.Start(context.Background(), Start{Request: w.request(client), Flow: "USER_AUTH", Params: params})
	w.took(t, o, err, nil, client, u, true, "")
}

func (w *walk) chooseAndAnswer(t *rapid.T) {
	w.startChoice(t)
	w.answerNewest(t)
}

func (w *walk) anySeen(t *rapid.T) *seen {
	if len(w.seen) == 0 {
		t.Skip("no session yet")
	}
	return w.seen[len(w.seen)-1-rapid.IntRange(0, min(5, len(w.seen)-1)).Draw(t, "session")]
}

func (w *walk) answerNewest(t *rapid.T) {
	if len(w.seen) == 0 {
		t.Skip("no session yet")
	}
	s := w.seen[len(w.seen)-1]
	w.respond(t, s, s.challenge, s.client, s.user)
}

// answer answers any session, and at times as another challenge, another client or another user.
func (w *walk) answer(t *rapid.T) {
	s := w.anySeen(t)
	challenge, client, u := s.challenge, s.client, s.user
	if !mostly(t, "same challenge") {
		challenge = rapid.SampledFrom([]Challenge{
			SelectChallenge, Password, EmailOTP, SMSOTP, SMSMFA, SoftwareTokenMFA, SelectMFAType, MFASetup, NewPasswordRequired, WebAuthn, CustomChallenge, DeviceSRPAuth,
		}).Draw(t, "challenge")
	}
	if !mostly(t, "same client") {
		client = 1 - client
	}
	if !mostly(t, "same user") {
		u = w.anyUser(t)
	}
	w.respond(t, s, challenge, client, u)
}

func (w *walk) respond(t *rapid.T, s *seen, challenge Challenge, client int, u *walker) {
	responses, right, shown := w.responses(t, s, challenge, u)
	responses["USERNAME"] = u.Username
	right = right && challenge == s.challenge && client == s.client && u == s.user
	o, err := w.Answer(context.Background(), Answer{Request: w.request(client), Challenge: challenge, Session: s.session, Responses: responses})
	w.took(t, o, err, s, client, u, right, shown)
	if err != nil {
		return
	}
	if challenge != SelectChallenge || o.Challenge != Password || o.Grant != nil { // to be asked for a password uses nothing up
		s.used = true
	}
	switch shown {
	case "second":
		if s.challenge == SoftwareTokenMFA {
			u.lastStep = w.now.Unix() / 30
		}
	case "new password":
		u.password = responses["NEW_PASSWORD"]
	}
}

// responses draws an answer and tells whether it is right for the session, and what it shows.
func (w *walk) responses(t *rapid.T, s *seen, challenge Challenge, u *walker) (r map[string]string, right bool, shown string) {
	right = mostly(t, "right")
	switch challenge {
	case SelectChallenge:
		r = map[string]string{"ANSWER": string(rapid.SampledFrom([]Challenge{Password, EmailOTP, SMSOTP, "NONSENSE"}).Draw(t, "choice"))}
		if r["ANSWER"] == string(Password) && rapid.Bool().Draw(t, "at once") {
			r["PASSWORD"] = u.typed(right)
			return r, right, "password"
		}
		return r, r["ANSWER"] != "NONSENSE", ""
	case Password:
		return map[string]string{"PASSWORD": u.typed(right)}, right, "password"
	case EmailOTP, SMSOTP, SMSMFA:
		code := s.code
		if !right || code == "" {
			code, right = "00000000", s.code == "00000000"
		}
		shown = "second"
		if !s.shown["password"] {
			shown = "code"
		}
		return map[string]string{answerOf(challenge): code}, right && u.lastCode == s.session, shown
	case SoftwareTokenMFA:
		if right && u.secret != "" {
			return map[string]string{"SOFTWARE_TOKEN_MFA_CODE": w.totpCode(t, u.secret)}, w.now.Unix()/30 > u.lastStep, "second"
		}
		return map[string]string{"SOFTWARE_TOKEN_MFA_CODE": w.wrongCode(t, u.secret)}, false, "second"
	case SelectMFAType:
		choice := rapid.SampledFrom([]Challenge{SMSMFA, SoftwareTokenMFA, EmailOTP, "NONSENSE"}).Draw(t, "factor")
		return map[string]string{"ANSWER": string(choice)}, choice != "NONSENSE", "chosen"
	case MFASetup:
		if own := u.ID + "@example.com"; !s.shown["verified"] && rapid.Bool().Draw(t, "e-mail") {
			return map[string]string{"EMAIL": own}, w.pool.OffersMFA("EMAIL_OTP"), "set-up e-mail"
		}
		return map[string]string{}, s.shown["verified"], "set-up"
	case NewPasswordRequired:
		next := rapid.SampledFrom([]string{password, "An0ther-horse!", "short"}).Draw(t, "new password")
		return map[string]string{"NEW_PASSWORD": next}, next != "short", "new password"
	default:
		return map[string]string{"ANSWER": "x", "CREDENTIAL": "{}", "SRP_A": "2"}, false, ""
	}
}

// mostlySeen is the newest session that fits, but at times any.
func (w *walk) mostlySeen(t *rapid.T, fits func(*seen) bool) *seen {
	if mostly(t, "one that fits") {
		for _, s := range slices.Backward(w.seen) {
			if fits(s) {
				return s
			}
		}
	}
	return w.anySeen(t)
}

func (w *walk) associate(t *rapid.T) {
	s := w.mostlySeen(t, func(s *seen) bool { return s.challenge == MFASetup && !s.shown["verified"] && !s.used })
	secret, next, err := w.AssociateToken(context.Background(), s.session)
	if err != nil {
		return
	}
	if s.challenge != MFASetup || !w.live(s) || s.shown["verified"] {
		t.Fatalf("a token is handed out for %s", s.challenge)
	}
	s.used = true
	w.seen = append(w.seen, &seen{
		session: next, client: s.client, user: s.user, challenge: MFASetup, issued: *w.now, shown: maps.Clone(s.shown), secret: secret,
	})
}

func (w *walk) verify(t *rapid.T) {
	s := w.mostlySeen(t, func(s *seen) bool { return s.secret != "" && !s.used })
	code, right := w.wrongCode(t, s.secret), mostly(t, "right") && s.secret != ""
	if right {
		code = w.totpCode(t, s.secret)
	}
	next, err := w.VerifyToken(context.Background(), s.session, code, "")
	if err != nil {
		return
	}
	if !right || !w.live(s) || s.challenge != MFASetup {
		t.Fatalf("a token is verified for %s", s.challenge)
	}
	s.used = true
	shown := maps.Clone(s.shown)
	shown["verified"] = true
	w.seen = append(w.seen, &seen{session: next, client: s.client, user: s.user, challenge: MFASetup, issued: *w.now, shown: shown})
	s.user.secret, s.user.lastStep = s.secret, w.now.Unix()/30
}

// setUp does all of it in a row.
func (w *walk) setUp(t *rapid.T) {
	w.startPassword(t)
	if len(w.seen) == 0 || w.seen[len(w.seen)-1].challenge != MFASetup {
		t.Skip("nothing to set up")
	}
	w.associate(t)
	w.verify(t)
	w.answerNewest(t)
}

// changeFactor turns a factor on or off, as users and administrators do at any time.
func (w *walk) changeFactor(t *rapid.T) {
	u := w.anyUser(t)
	wish := user.Preference{
		Factor:    rapid.SampledFrom([]pool.Factor{pool.SMSMFA, pool.TOTP, pool.EmailOTP}).Draw(t, "factor"),
		Enabled:   rapid.Bool().Draw(t, "on"),
		Preferred: rapid.SampledFrom([]*bool{nil, wire.Ptr(true), wire.Ptr(false)}).Draw(t, "preferred"),
	}
	w.update(t, func(tx *store.Tx) error {
		now, err := tx.UserByID(w.pool, u.ID)
		if err != nil {
			return err
		}
		if now.Prefer([]user.Preference{wish}, *w.now) != nil {
			return nil
		}
		return tx.SaveUser(w.pool, now)
	})
}

func (w *walk) wait(t *rapid.T) {
	step := rapid.SampledFrom([]time.Duration{time.Second, 30 * time.Second, time.Minute, 4 * time.Minute, 20 * time.Minute}).Draw(t, "time")
	*w.now = w.now.Add(step)
	w.seen = slices.DeleteFunc(w.seen, func(s *seen) bool { return w.now.After(s.issued.Add(30 * time.Minute)) })
}

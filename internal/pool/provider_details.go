package pool

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
)

// providerKind is what the details of one type of provider are made of.
type providerKind struct {
	required   []string
	incomplete string            // the answer where one of them is missing (observed)
	optional   []string          // a caller may give them
	derived    []string          // found out; what a caller gives, such as what Describe showed, is replaced
	fixed      map[string]string // derived, and the same for every provider of the type
	unshown    []string          // never shown again
	subject    string            // the claim that the username is made of; "" where it is no claim
	social     bool              // one provider for the whole world, which has the name of its type
}

const socialIncomplete = "clientId, clientSecret and authorizeScopes are all required idp details."

// The types of providers. The keys and the values that are filled in are those of the service's reference of CreateIdentityProvider.
var providerKinds = map[string]providerKind{
	"SAML": {
		optional: []string{"MetadataURL", "MetadataFile", "IDPSignout", "IDPInit", "EncryptedResponses", "RequestSigningAlgorithm"},
		derived:  []string{"SSORedirectBindingURI", "SLORedirectBindingURI", "ActiveEncryptionCertificate"},
	},
	"OIDC": {
		required:   []string{"client_id", "authorize_scopes", "attributes_request_method", "oidc_issuer"},
		incomplete: "clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details.",
		optional:   []string{"client_secret", "authorize_url", "token_url", "attributes_url", "jwks_uri"},
		fixed:      map[string]string{"attributes_url_add_attributes": "false"},
		subject:    "sub",
	},
	"Google": {
		required: []string{"client_id", "client_secret", "authorize_scopes"}, incomplete: socialIncomplete,
		fixed: map[string]string{
			"attributes_url":                "https://people.googleapis.com/v1/people/me?personFields=",
			"attributes_url_add_attributes": "true",
			"authorize_url":                 "https://accounts.google.com/o/oauth2/v2/auth",
			"oidc_issuer":                   "https://accounts.google.com",
			"token_request_method":          "POST",
			"token_url":                     "https://www.googleapis.com/oauth2/v4/token",
		},
		subject: "sub", social: true,
	},
	"Facebook": {
		required: []string{"client_id", "client_secret", "authorize_scopes"}, incomplete: socialIncomplete,
		optional: []string{"api_version"},
		derived:  []string{"attributes_url", "authorize_url", "token_url"},
		fixed:    map[string]string{"attributes_url_add_attributes": "true", "token_request_method": "GET"},
		subject:  "id", social: true,
	},
	"LoginWithAmazon": {
		required: []string{"client_id", "client_secret", "authorize_scopes"}, incomplete: socialIncomplete,
		fixed: map[string]string{
			"attributes_url":                "https://api.amazon.com/user/profile",
			"attributes_url_add_attributes": "false",
			"authorize_url":                 "https://www.amazon.com/ap/oa",
			"token_request_method":          "POST",
			"token_url":                     "https://api.amazon.com/auth/o2/token",
		},
		subject: "user_id", social: true,
	},
	"SignInWithApple": {
		required:   []string{"client_id", "team_id", "key_id", "private_key"},
		optional:   []string{"authorize_scopes"},
		incomplete: "clientId, privateKey, teamId, and keyId are all required idp details.",
		fixed: map[string]string{
			"attributes_url_add_attributes": "false",
			"authorize_url":                 "https://appleid.apple.com/auth/authorize",
			"oidc_issuer":                   "https://appleid.apple.com",
			"token_request_method":          "POST",
			"token_url":                     "https://appleid.apple.com/auth/token",
		},
		unshown: []string{"private_key"},
		subject: "sub", social: true,
	},
}

// Details beyond the service's, of providers of every type. They count only where the operator of the server allows them.
const (
	// LinkVerifiedEmail links an account to the user with the same verified e-mail address when it signs in first.
	LinkVerifiedEmail = "link_verified_email"
	// AskMFA asks for the second factor of pool and user after the provider's sign-in.
	AskMFA = "ask_mfa"
)

var extensions = []string{LinkVerifiedEmail, AskMFA}

// ProviderExtension returns a detail that is beyond the service's; "" when there is none.
func ProviderExtension(details map[string]string) string {
	for _, name := range extensions {
		if _, given := details[name]; given {
			return name
		}
	}
	return ""
}

// UnknownDetail is the answer to a detail that providers of the type do not have.
func UnknownDetail(name, providerType string) *fault.Error {
	return fault.New(fault.InvalidParameter, unknownDetail(name, providerType))
}

func unknownDetail(name, providerType string) string {
	return "Invalid ProviderDetails: " + name + " is not known for providers of type " + providerType + "."
}

func (v *Provider) kind() providerKind { return providerKinds[v.Settings.ProviderType] }

// facebookVersion is the version of Facebook's API where a provider names none.
const facebookVersion = "v17.0"

var apiVersion = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,3}$`)

// detailsFlaw says what is wrong with the details that a caller gave, or "". On the way it brings them into their final form, but for what
// is found out at the provider.
func (v *Provider) detailsFlaw() string {
	k, d := v.kind(), v.Settings.ProviderDetails
	for _, name := range slices.Sorted(maps.Keys(d)) {
		_, fixed := k.fixed[name]
		if !fixed && !slices.Contains(slices.Concat(k.required, k.optional, k.derived, extensions), name) {
			return unknownDetail(name, v.Settings.ProviderType)
		}
		if d[name] == "" {
			delete(d, name)
		}
	}
	for _, name := range k.required {
		if d[name] == "" {
			return k.incomplete
		}
	}
	for _, name := range extensions {
		if flaw := switchFlaw(d, name); flaw != "" {
			return flaw
		}
	}
	if m := v.Settings.AttributeMapping; d[LinkVerifiedEmail] == "true" && (m[Email] == "" || m["email_verified"] == "") {
		return "Invalid ProviderDetails: " + LinkVerifiedEmail + " needs a mapping of email and of email_verified."
	}
	maps.Copy(d, k.fixed)
	switch v.Settings.ProviderType {
	case "SAML":
		return samlFlaw(d)
	case "OIDC":
		return oidcFlaw(d)
	case "Facebook":
		version := d["api_version"]
		if version == "" {
			version = facebookVersion
		}
		if !apiVersion.MatchString(version) {
			return "Invalid ProviderDetails: api_version must look like " + facebookVersion + "."
		}
		d["attributes_url"] = "https://graph.facebook.com/" + version + "/me?fields="
		d["authorize_url"] = "https://www.facebook.com/" + version + "/dialog/oauth"
		d["token_url"] = "https://graph.facebook.com/" + version + "/oauth/access_token"
	}
	return ""
}

// samlFlaw says what is wrong with the details of a SAML provider, or "". The texts about the metadata were observed.
func samlFlaw(d map[string]string) string {
	switch {
	case d["MetadataURL"] == "" && d["MetadataFile"] == "":
		return "At least one of the MetadataURL or MetadataFile should be provided."
	case d["MetadataURL"] != "" && d["MetadataFile"] != "":
		return "Only one of the MetadataURL or MetadataFile should be provided."
	}
	for _, name := range []string{"IDPSignout", "IDPInit", "EncryptedResponses"} {
		if flaw := switchFlaw(d, name); flaw != "" {
			return flaw
		}
	}
	if a := d["RequestSigningAlgorithm"]; a != "" && a != "rsa-sha256" {
		return "Invalid ProviderDetails: RequestSigningAlgorithm must be rsa-sha256."
	}
	return ""
}

// switchFlaw says that a detail is neither true nor false, or "".
func switchFlaw(d map[string]string, name string) string {
	if value := d[name]; value != "" && value != "true" && value != "false" {
		return "Invalid ProviderDetails: " + name + " must be true or false."
	}
	return ""
}

func oidcFlaw(d map[string]string) string {
	if m := d["attributes_request_method"]; m != "GET" && m != "POST" {
		return "Invalid ProviderDetails: attributes_request_method must be GET or POST."
	}
	for _, name := range []string{"oidc_issuer", "authorize_url", "token_url", "attributes_url", "jwks_uri"} {
		if value := d[name]; value != "" && !isWebAddress(value) {
			return "Invalid ProviderDetails: " + name + " must be an https address."
		}
	}
	if strings.HasSuffix(d["oidc_issuer"], "/") {
		return "Invalid ProviderDetails: oidc_issuer must not end with a slash."
	}
	return ""
}

// isWebAddress reports whether the text is the address of a web server. Whether the server may be called is decided where it is called.
func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.Fragment == ""
}

// Discovers reports whether the provider's endpoints have to be looked up at its issuer.
func (v *Provider) Discovers() bool {
	d := v.Settings.ProviderDetails
	return v.Settings.ProviderType == "OIDC" &&
		(d["authorize_url"] == "" || d["token_url"] == "" || d["attributes_url"] == "" || d["jwks_uri"] == "")
}

// Flag reports whether a detail that is true or false is true, such as IDPInit.
func (v *Provider) Flag(name string) bool { return v.Settings.ProviderDetails[name] == "true" }

package gosdk_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var png = append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{7}, 100)...)

func (a *app) setLook(t *testing.T, in idp.SetUICustomizationInput) (*types.UICustomizationType, error) {
	t.Helper()
	in.UserPoolId = &a.pool
	got, err := a.SetUICustomization(t.Context(), &in)
	if err != nil {
		return nil, err
	}
	return got.UICustomization, nil
}

func (a *app) look(t *testing.T, clientID *string) *types.UICustomizationType {
	t.Helper()
	got, err := a.GetUICustomization(t.Context(), &idp.GetUICustomizationInput{UserPoolId: &a.pool, ClientId: clientID})
	must(t, err)
	return got.UICustomization
}

func TestTheLookOfTheClassicPages(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		sheet := aws.String(".submitButton-customizable:hover { color: #fff; }")
		ignore := cmpopts.IgnoreUnexported(types.UICustomizationType{})
		empty := func(what string, clientID *string) {
			t.Helper()
			if diff := cmp.Diff(&types.UICustomizationType{}, a.look(t, clientID), ignore); diff != "" {
				t.Errorf("%s:\n%s", what, diff)
			}
		}
		empty("an unset look", nil)
		_, err := a.setLook(t, idp.SetUICustomizationInput{CSS: sheet})
		refused[*types.InvalidParameterException](t, err, "There has to be an existing domain associated with this user pool")
		_, err = a.createDomain(t, idp.CreateUserPoolDomainInput{Domain: aws.String("looks")})
		must(t, err)

		all, err := a.setLook(t, idp.SetUICustomizationInput{CSS: sheet, ImageFile: png})
		must(t, err)
		if *all.ClientId != "ALL" || *all.UserPoolId != a.pool || *all.CSS != *sheet || all.CSSVersion == nil || all.CreationDate == nil {
			t.Errorf("set as %+v", all)
		}
		for what, id := range map[string]*string{"the pool": nil, "a client without its own": &a.clientID, "all": aws.String("ALL")} {
			if diff := cmp.Diff(all, a.look(t, id), ignore); diff != "" {
				t.Errorf("%s (-set +got):\n%s", what, diff)
			}
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, *all.ImageUrl, nil)
		must(t, err)
		res, err := http.DefaultClient.Do(r)
		must(t, err)
		defer res.Body.Close()
		image, err := io.ReadAll(res.Body)
		must(t, err)
		if res.Header.Get("Content-Type") != "image/png" || !bytes.Equal(image, png) {
			t.Errorf("the image at %s is %d bytes of %s", *all.ImageUrl, len(image), res.Header.Get("Content-Type"))
		}

		own, err := a.setLook(t, idp.SetUICustomizationInput{ClientId: &a.clientID, CSS: aws.String(".label-customizable { font-weight: 400 }")})
		must(t, err)
		if own.ImageUrl != nil || *a.look(t, &a.clientID).ClientId != a.clientID || *a.look(t, nil).ClientId != "ALL" {
			t.Errorf("a look of its own is %+v", own)
		}
		for what, in := range map[string]idp.SetUICustomizationInput{
			"another class":  {CSS: aws.String("body { color: red }")},
			"an import":      {CSS: aws.String("@import 'x';")},
			"an address":     {CSS: aws.String(".logo-customizable { background: url(//x) }")},
			"a GIF":          {ImageFile: []byte("GIF89a" + strings.Repeat("x", 100))},
			"a large image":  {ImageFile: append(png, make([]byte, 100*1024)...)},
			"a GIF with CSS": {CSS: sheet, ImageFile: []byte("GIF89a")},
		} {
			_, err := a.setLook(t, in)
			t.Log(what)
			refused[*types.InvalidParameterException](t, err, "")
		}
		_, err = a.setLook(t, idp.SetUICustomizationInput{ClientId: aws.String(strings.Repeat("0", 26)), CSS: sheet})
		refused[*types.ResourceNotFoundException](t, err, "")
		if diff := cmp.Diff(all, a.look(t, nil), ignore); diff != "" {
			t.Errorf("after refusals (-set +got):\n%s", diff)
		}

		// A request that sets nothing takes the look back.
		_, err = a.setLook(t, idp.SetUICustomizationInput{ClientId: &a.clientID})
		must(t, err)
		if *a.look(t, &a.clientID).ClientId != "ALL" {
			t.Error("the client still has a look of its own")
		}
		_, err = a.setLook(t, idp.SetUICustomizationInput{})
		must(t, err)
		empty("a look that was taken back", &a.clientID)
	})
}

// settings returns a settings document of an answer as a plain value.
func settings(t *testing.T, b *types.ManagedLoginBrandingType) map[string]any {
	t.Helper()
	if b.Settings == nil {
		return nil
	}
	text, err := b.Settings.MarshalSmithyDocument()
	must(t, err)
	var value map[string]any
	must(t, json.Unmarshal(text, &value))
	return value
}

func logo(bytes ...byte) types.AssetType {
	return types.AssetType{Category: types.AssetCategoryTypeFormLogo, ColorMode: types.ColorSchemeModeTypeLight, Extension: types.AssetExtensionTypePng, Bytes: bytes}
}

func TestStylesOfManagedLogin(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		create := func(in idp.CreateManagedLoginBrandingInput) (*types.ManagedLoginBrandingType, error) {
			in.UserPoolId = &a.pool
			if in.ClientId == nil {
				in.ClientId = &a.clientID
			}
			got, err := a.CreateManagedLoginBranding(ctx, &in)
			if err != nil {
				return nil, err
			}
			return got.ManagedLoginBranding, nil
		}
		_, err := a.DescribeManagedLoginBrandingByClient(ctx, &idp.DescribeManagedLoginBrandingByClientInput{UserPoolId: &a.pool, ClientId: &a.clientID})
		refused[*types.ResourceNotFoundException](t, err, "ManagedLoginBranding for client "+a.clientID+" does not exist.")
		const either = "useCognitoProvidedValues or settings should be specified (but not both)"
		given := map[string]any{"components": map[string]any{"primaryButton": map[string]any{"lightMode": map[string]any{"defaults": map[string]any{"backgroundColor": "0972d3ff"}}}}}
		for _, in := range []idp.CreateManagedLoginBrandingInput{
			{}, {UseCognitoProvidedValues: true, Settings: document.NewLazyDocument(given)}, {UseCognitoProvidedValues: true, Assets: []types.AssetType{logo(1)}}, {Assets: []types.AssetType{logo(1)}},
		} {
			_, err := create(in)
			refused[*types.InvalidParameterException](t, err, either)
		}
		_, err = create(idp.CreateManagedLoginBrandingInput{Settings: document.NewLazyDocument(map[string]any{"components": map[string]any{"nothing": 1}, "x": 1})})
		refused[*types.InvalidParameterException](t, err,
			"Invalid settings provided. Validation errors: [{property: $.components.nothing, errorType: UnknownProperty}, {property: $.x, errorType: UnknownProperty}]")
		_, err = create(idp.CreateManagedLoginBrandingInput{ClientId: aws.String(strings.Repeat("0", 26)), UseCognitoProvidedValues: true})
		refused[*types.ResourceNotFoundException](t, err, "")

		made, err := create(idp.CreateManagedLoginBrandingInput{Settings: document.NewLazyDocument(given), Assets: []types.AssetType{logo(1, 2, 3)}})
		must(t, err)
		_, err = create(idp.CreateManagedLoginBrandingInput{UseCognitoProvidedValues: true})
		refused[*types.ManagedLoginBrandingExistsException](t, err, "A ManagedLoginBranding already exists for client "+a.clientID)
		describe := func(merged bool) *types.ManagedLoginBrandingType {
			t.Helper()
			got, err := a.DescribeManagedLoginBranding(ctx, &idp.DescribeManagedLoginBrandingInput{UserPoolId: &a.pool, ManagedLoginBrandingId: made.ManagedLoginBrandingId, ReturnMergedResources: merged})
			must(t, err)
			by, err := a.DescribeManagedLoginBrandingByClient(ctx, &idp.DescribeManagedLoginBrandingByClientInput{UserPoolId: &a.pool, ClientId: &a.clientID, ReturnMergedResources: merged})
			must(t, err)
			if diff := cmp.Diff(settings(t, got.ManagedLoginBranding), settings(t, by.ManagedLoginBranding)); diff != "" {
				t.Errorf("by id and by client differ:\n%s", diff)
			}
			return got.ManagedLoginBranding
		}
		check := func(what string, b *types.ManagedLoginBrandingType, want map[string]any, assets ...types.AssetType) {
			t.Helper()
			if diff := cmp.Diff(want, settings(t, b)); diff != "" {
				t.Errorf("%s: settings (-want +got):\n%s", what, diff)
			}
			if diff := cmp.Diff(assets, b.Assets, cmpopts.IgnoreUnexported(types.AssetType{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: assets (-want +got):\n%s", what, diff)
			}
			if b.UseCognitoProvidedValues != (want == nil) {
				t.Errorf("%s: UseCognitoProvidedValues %v", what, b.UseCognitoProvidedValues)
			}
		}
		check("made", made, given, logo(1, 2, 3))
		check("described", describe(false), given, logo(1, 2, 3))
		merged := settings(t, describe(true))
		for _, name := range []string{"categories", "componentClasses", "components"} {
			if len(merged[name].(map[string]any)) < 4 {
				t.Errorf("merged settings lack much of %s", name)
			}
		}
		button := merged["components"].(map[string]any)["primaryButton"].(map[string]any)["lightMode"].(map[string]any)["defaults"].(map[string]any)
		if button["backgroundColor"] != "0972d3ff" || button["textColor"] == nil {
			t.Errorf("merged button %v", button)
		}

		update := func(in idp.UpdateManagedLoginBrandingInput) (*types.ManagedLoginBrandingType, error) {
			in.UserPoolId, in.ManagedLoginBrandingId = &a.pool, made.ManagedLoginBrandingId
			got, err := a.UpdateManagedLoginBranding(ctx, &in)
			if err != nil {
				return nil, err
			}
			return got.ManagedLoginBranding, nil
		}
		dark := logo(9)
		dark.ColorMode = types.ColorSchemeModeTypeDark
		got, err := update(idp.UpdateManagedLoginBrandingInput{
			Settings: document.NewLazyDocument(map[string]any{"categories": map[string]any{"global": map[string]any{"colorSchemeMode": "DARK"}}}), Assets: []types.AssetType{dark, logo(4)},
		})
		must(t, err)
		both := map[string]any{"components": given["components"], "categories": map[string]any{"global": map[string]any{"colorSchemeMode": "DARK"}}}
		check("updated", got, both, logo(4), dark)
		_, err = update(idp.UpdateManagedLoginBrandingInput{UseCognitoProvidedValues: true, Assets: []types.AssetType{dark}})
		refused[*types.InvalidParameterException](t, err, either)
		check("after a refusal", describe(false), both, logo(4), dark)
		// What the merged read shows can be sent back.
		got, err = update(idp.UpdateManagedLoginBrandingInput{Settings: document.NewLazyDocument(settings(t, describe(true)))})
		must(t, err)
		check("merged and sent back", got, settings(t, describe(true)), logo(4), dark)
		got, err = update(idp.UpdateManagedLoginBrandingInput{UseCognitoProvidedValues: true})
		must(t, err)
		check("the default style", got, nil)

		_, err = a.DeleteManagedLoginBranding(ctx, &idp.DeleteManagedLoginBrandingInput{UserPoolId: &a.pool, ManagedLoginBrandingId: made.ManagedLoginBrandingId})
		must(t, err)
		_, err = a.DescribeManagedLoginBranding(ctx, &idp.DescribeManagedLoginBrandingInput{UserPoolId: &a.pool, ManagedLoginBrandingId: made.ManagedLoginBrandingId})
		refused[*types.ResourceNotFoundException](t, err, "ManagedLoginBranding does not exist.")
	})
}

func TestStylesHaveLimits(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		style := func(client string) error {
			_, err := a.CreateManagedLoginBranding(ctx, &idp.CreateManagedLoginBrandingInput{UserPoolId: &a.pool, ClientId: &client, UseCognitoProvidedValues: true})
			return err
		}
		client := func() string {
			made, err := a.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{UserPoolId: &a.pool, ClientName: aws.String("more")})
			must(t, err)
			return *made.UserPoolClient.ClientId
		}
		first := client()
		must(t, style(first))
		for range 19 {
			must(t, style(client()))
		}
		refused[*types.LimitExceededException](t, style(client()), "")

		// A style goes with its client.
		_, err := a.DeleteUserPoolClient(ctx, &idp.DeleteUserPoolClientInput{UserPoolId: &a.pool, ClientId: &first})
		must(t, err)
		must(t, style(client()))

		// Requests with images are larger than others, up to 2 MB.
		big := logo(bytes.Repeat([]byte{1}, 1_000_000)...)
		id := client()
		_, err = a.CreateManagedLoginBranding(ctx, &idp.CreateManagedLoginBrandingInput{UserPoolId: &a.pool, ClientId: &id, Settings: document.NewLazyDocument(map[string]any{}), Assets: []types.AssetType{big}})
		refused[*types.LimitExceededException](t, err, "")
		big.Bytes = append(big.Bytes, 1)
		_, err = a.CreateManagedLoginBranding(ctx, &idp.CreateManagedLoginBrandingInput{UserPoolId: &a.pool, ClientId: &id, Settings: document.NewLazyDocument(map[string]any{}), Assets: []types.AssetType{big}})
		refused[*types.InvalidParameterException](t, err, "")
	})
}

func TestTermsDocuments(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		links := map[string]string{"cognito:default": "https://terms.example.com", "cognito:spanish": "https://terms.example.com/es"}
		create := func(name string, links map[string]string) (*types.TermsType, error) {
			got, err := a.CreateTerms(ctx, &idp.CreateTermsInput{UserPoolId: &a.pool, ClientId: &a.clientID, TermsName: &name, TermsSource: "LINK", Enforcement: "NONE", Links: links})
			if err != nil {
				return nil, err
			}
			return got.Terms, nil
		}
		made, err := create("terms-of-use", links)
		must(t, err)
		_, err = create("terms-of-use", nil)
		refused[*types.TermsExistsException](t, err, "")
		bare, err := create("privacy-policy", nil)
		must(t, err)
		if bare.Links == nil || len(bare.Links) != 0 {
			t.Errorf("links that were left out: %v", bare.Links)
		}
		describe := func() *types.TermsType {
			got, err := a.DescribeTerms(ctx, &idp.DescribeTermsInput{UserPoolId: &a.pool, TermsId: made.TermsId})
			must(t, err)
			return got.Terms
		}
		ignore := cmpopts.IgnoreUnexported(types.TermsType{})
		if diff := cmp.Diff(made, describe(), ignore); diff != "" {
			t.Errorf("described (-made +got):\n%s", diff)
		}
		update := func(in idp.UpdateTermsInput) error {
			in.UserPoolId, in.TermsId = &a.pool, made.TermsId
			_, err := a.UpdateTerms(ctx, &in)
			return err
		}
		refused[*types.TermsExistsException](t, update(idp.UpdateTermsInput{TermsName: aws.String("privacy-policy")}), "")
		refused[*types.InvalidParameterException](t, update(idp.UpdateTermsInput{Links: map[string]string{"cognito:default": "javascript:alert(1)"}}), "")
		refused[*types.InvalidParameterException](t, update(idp.UpdateTermsInput{Links: map[string]string{"cognito:klingon": "https://example.com"}}), "")
		if diff := cmp.Diff(made, describe(), ignore); diff != "" {
			t.Errorf("after refusals (-made +got):\n%s", diff)
		}
		must(t, update(idp.UpdateTermsInput{}))
		if diff := cmp.Diff(links, describe().Links); diff != "" {
			t.Errorf("links that were left out (-want +got):\n%s", diff)
		}
		must(t, update(idp.UpdateTermsInput{TermsName: aws.String("terms-of-use"), Links: map[string]string{"cognito:default": "https://new.example.com"}}))
		if got := describe(); len(got.Links) != 1 || *got.TermsName != "terms-of-use" {
			t.Errorf("updated to %v", got.Links)
		}

		var names []string
		pages := idp.ListTermsInput{UserPoolId: &a.pool, MaxResults: aws.Int32(1)}
		for {
			page, err := a.ListTerms(ctx, &pages)
			must(t, err)
			for _, item := range page.Terms {
				names = append(names, *item.TermsName)
			}
			if pages.NextToken = page.NextToken; pages.NextToken == nil {
				break
			}
		}
		if len(names) != 2 || names[0] == names[1] {
			t.Errorf("listed %v", names)
		}
		_, err = a.DeleteTerms(ctx, &idp.DeleteTermsInput{UserPoolId: &a.pool, TermsId: made.TermsId})
		must(t, err)
		for _, err := range []error{update(idp.UpdateTermsInput{}), func() error {
			_, err := a.DeleteTerms(ctx, &idp.DeleteTermsInput{UserPoolId: &a.pool, TermsId: made.TermsId})
			return err
		}()} {
			refused[*types.ResourceNotFoundException](t, err, "")
		}
		other := newApp(t, a.srv, nil, nil)
		_, err = a.DescribeTerms(ctx, &idp.DescribeTermsInput{UserPoolId: &other.pool, TermsId: bare.TermsId})
		refused[*types.ResourceNotFoundException](t, err, "")
		_, err = a.CreateTerms(ctx, &idp.CreateTermsInput{UserPoolId: &a.pool, ClientId: &other.clientID, TermsName: aws.String("terms-of-use"), TermsSource: "LINK", Enforcement: "NONE"})
		refused[*types.ResourceNotFoundException](t, err, "")
	})
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryDependencyHasAnAcceptedLicenceAndIsListed fails on a licence that nobody has decided about, and on a list that is behind.
func TestEveryDependencyHasAnAcceptedLicenceAndIsListed(t *testing.T) {
	want, err := licencesPage(t.Context())
	must(t, err)
	got, err := os.ReadFile(licencesFile)
	must(t, err)
	if string(got) != want {
		t.Errorf("%s is not what the dependencies make of it; run make generate", licencesFile)
	}
}

func TestLicencesAreToldApart(t *testing.T) {
	t.Parallel()
	mit, err := os.ReadFile("packaging/testdata/MIT")
	must(t, err)
	gpl := []byte("This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as published by " +
		"the Free Software Foundation, either version 3 of the License, or (at your option) any later version.")
	for _, tc := range []struct {
		name     string
		files    []licenceFile
		testOnly bool
		want     string
		err      string
	}{
		{name: "a known one", files: []licenceFile{{"LICENSE", mit, identify(mit)}}, want: "MIT"},
		{name: "one with a notice", files: []licenceFile{{"LICENSE", mit, "MIT"}, {"NOTICE", []byte("By Ann."), identify([]byte("By Ann."))}}, want: "MIT"},
		{name: "several", files: []licenceFile{{"LICENSE", nil, "BSD-3-Clause AND MIT"}, {"COPYING", nil, "Apache-2.0"}}, want: "Apache-2.0 AND BSD-3-Clause AND MIT"},
		{name: "one that is not accepted", files: []licenceFile{{"COPYING", gpl, identify(gpl)}}, err: "is not one of the accepted licences"},
		{name: "one that only tests may have, in the binary", files: []licenceFile{{"LICENSE", nil, "MPL-2.0"}}, err: "MPL-2.0 is not one of the accepted licences"},
		{name: "one that only tests may have", files: []licenceFile{{"LICENSE", nil, "MPL-2.0"}}, testOnly: true, want: "MPL-2.0"},
		{name: "a text that nobody knows", files: []licenceFile{{"LICENSE", nil, identify([]byte("Ask me."))}}, err: "read LICENSE and, if it can be accepted"},
		{name: "none", err: "has no licence"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := module{path: "example.com/m", version: "v1.0.0", testOnly: tc.testOnly, files: tc.files}
			got, err := m.licence()
			if got != tc.want || (err == nil) != (tc.err == "") || (err != nil && !strings.Contains(err.Error(), tc.err)) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestTheBillOfMaterialsListsWhatIsLinked(t *testing.T) {
	m := theRelease(t)
	content, err := os.ReadFile(filepath.Join(m.dir, "cenote_"+m.version+".cdx.json"))
	must(t, err)
	var bom struct {
		BOMFormat, SpecVersion string
		Metadata               struct {
			Component struct{ Name, Version string }
		}
		Components []struct {
			Name, Version, PURL string
			Licenses            []map[string]any
		}
	}
	must(t, json.Unmarshal(content, &bom))
	if bom.BOMFormat != "CycloneDX" || bom.Metadata.Component.Version != m.version {
		t.Errorf("the bill begins %+v", bom)
	}
	texts, err := os.ReadFile("go.mod")
	must(t, err)
	for _, c := range bom.Components {
		if c.Name != standardLibrary && !strings.Contains(string(texts), c.Name+" "+c.Version) {
			t.Errorf("%s %s is not in go.mod", c.Name, c.Version)
		}
		if c.PURL == "" || len(c.Licenses) != 1 {
			t.Errorf("%+v", c)
		}
	}
	if len(bom.Components) < 40 {
		t.Errorf("only %d components", len(bom.Components))
	}
}

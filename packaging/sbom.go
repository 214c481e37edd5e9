package main

import (
	"encoding/json"
	"os"
	"strings"
)

// billOfMaterials writes what is linked as CycloneDX 1.6. The modules are those that the toolchain wrote into the binaries.
func (r *release) billOfMaterials(linked []module, to string) error {
	self := map[string]any{
		"type": "application", "bom-ref": "cenote", "name": "cenote", "version": r.version, "purl": "pkg:golang/" + project + "@v" + r.version,
		"licenses": []any{licenceOf("Apache-2.0")},
	}
	components, refs := []any{}, []string{}
	for i := range linked {
		m := &linked[i]
		id, err := m.licence()
		if err != nil {
			return err
		}
		purl := "pkg:golang/" + m.path + "@" + strings.ReplaceAll(strings.TrimPrefix(m.version, "go"), "+", "%2B")
		refs = append(refs, purl)
		components = append(components, map[string]any{
			"type": "library", "bom-ref": purl, "name": m.path, "version": m.version, "purl": purl, "licenses": []any{licenceOf(id)},
		})
	}
	content, err := json.MarshalIndent(map[string]any{
		"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
		"metadata":     map[string]any{"timestamp": r.time.Format("2006-01-02T15:04:05Z"), "component": self},
		"components":   components,
		"dependencies": []any{map[string]any{"ref": "cenote", "dependsOn": refs}},
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(to, append(content, '\n'), 0o644)
}

// licenceOf is one licence, or an expression of several.
func licenceOf(id string) any {
	if strings.Contains(id, " ") {
		return map[string]any{"expression": id}
	}
	return map[string]any{"license": map[string]string{"id": id}}
}

package carrier

import (
	"slices"
	"strings"
)

// names returns the keys under which an operator may have listed a function, the most exact first: the ARN as it is, the ARN
// without its qualifier, name:qualifier, the bare name.
func names(function string) []string {
	full, qualifier := unqualified(function)
	name := functionName(full)
	keys := []string{function, full}
	if qualifier != "" {
		keys = append(keys, name+":"+qualifier)
	}
	return slices.Compact(append(keys, name))
}

// unqualified cuts the version or alias from a function's ARN (arn:aws:lambda:region:account:function:name:qualifier) or name.
func unqualified(function string) (full, qualifier string) {
	if !strings.HasPrefix(function, "arn:") {
		full, qualifier, _ = strings.Cut(function, ":")
		return full, qualifier
	}
	parts := strings.Split(function, ":")
	if len(parts) != 8 {
		return function, ""
	}
	return strings.Join(parts[:7], ":"), parts[7]
}

// functionName returns the name in an ARN without qualifier; anything else is the name itself.
func functionName(full string) string {
	if parts := strings.Split(full, ":"); len(parts) == 7 && parts[0] == "arn" {
		return parts[6]
	}
	return full
}

// Place returns the name and the region of a function, as its ARN says. A function without an ARN has no region.
func Place(function string) (name, region string) {
	full, _ := unqualified(function)
	return functionName(full), regionOf(function, "")
}

// regionOf returns the region in an ARN, or otherwise.
func regionOf(arn, otherwise string) string {
	if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 && parts[0] == "arn" && parts[3] != "" {
		return parts[3]
	}
	return otherwise
}

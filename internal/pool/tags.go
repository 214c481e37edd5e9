package pool

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
)

// maxTags is how many tags a pool can have.
const maxTags = 50

// AddTags sets tags; a key that is there gets the new value.
func (p *Pool) AddTags(tags map[string]string) error {
	all := maps.Clone(p.Settings.UserPoolTags)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, tags)
	if flaw := tagFlaw(all); flaw != "" {
		return fault.New(fault.InvalidParameter, flaw)
	}
	p.Settings.UserPoolTags = all
	return nil
}

// RemoveTags removes the tags with the keys. A key that is not there is no error.
func (p *Pool) RemoveTags(keys []string) {
	all := maps.Clone(p.Settings.UserPoolTags)
	for _, k := range keys {
		delete(all, k)
	}
	p.Settings.UserPoolTags = all
}

// tagFlaw says what is wrong with the tags of a pool, or "" when nothing is.
func tagFlaw(tags map[string]string) string {
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		if len(k) >= 4 && strings.EqualFold(k[:4], "aws:") {
			return "Tag keys beginning with aws: are reserved: " + k
		}
	}
	if len(tags) > maxTags {
		return fmt.Sprintf("A user pool can have at most %d tags.", maxTags)
	}
	return ""
}

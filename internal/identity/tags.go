package identity

import "github.com/cenote-id/cenote/internal/fault"

// defaultTags are the tags of a provider that uses the defaults: which claim becomes which tag (documented for aud and sub).
var defaultTags = map[string]string{"client": "aud", "username": "sub"}

// SetTags maps claims of a provider's tokens to principal tags. Defaults without tags of one's own are the reset.
func (p *Pool) SetTags(provider string, m TagMap) error {
	if m.UseDefaults && len(m.Tags) > 0 {
		return fault.New(fault.InvalidParameter, "PrincipalTags can not be given when UseDefaults is true.")
	}
	if p.Settings.Tags == nil {
		p.Settings.Tags = map[string]TagMap{}
	}
	p.Settings.Tags[provider] = m
	return nil
}

// TagsOf returns the map of a provider, as it is shown: with the defaults where they are used.
func (p *Pool) TagsOf(provider string) TagMap {
	m := p.Settings.Tags[provider]
	if m.UseDefaults {
		m.Tags = defaultTags
	}
	return m
}

// Tags returns the principal tags that the logins bring; nil where none of their providers has a map.
func (p *Pool) Tags(logins []Login) map[string]string {
	var tags map[string]string
	for _, l := range logins {
		for tag, claim := range p.tagsFor(l).Tags {
			value, ok := l.Claims[claim]
			if !ok {
				continue
			}
			if tags == nil {
				tags = map[string]string{}
			}
			tags[tag] = claimText(value)
		}
	}
	return tags
}

func (p *Pool) tagsFor(l Login) TagMap {
	for _, name := range l.TagKeys {
		if _, ok := p.Settings.Tags[name]; ok {
			return p.TagsOf(name)
		}
	}
	return TagMap{}
}

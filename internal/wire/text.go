package wire

// The shapes of messages, to which what a function answers is held as well as a pool's templates (observed).
var (
	CodeEmail    = &shapeEmailVerificationMessageType
	LinkEmail    = &shapeEmailVerificationMessageByLinkType
	InviteEmail  = &shapeEmailInviteMessageType
	EmailSubject = &shapeEmailVerificationSubjectType
	CodeSMS      = &shapeSmsVerificationMessageType
	InviteSMS    = &shapeSmsInviteMessageType
)

// CheckText returns the refusal of a text that breaks the constraints of a string shape, as for a member of a request; the place names it.
func (s *Shape) CheckText(place, text string) error {
	rules := s.broken(text, utf16Length(text))
	if rules == nil {
		return nil
	}
	d := decoder{path: []step{{kind: memberStep, name: place}}}
	for _, rule := range rules {
		d.violate(text, rule)
	}
	return d.invalid()
}

package message

import (
	"cmp"
	"errors"
	netmail "net/mail"
	"strings"

	"github.com/wneessen/go-mail"
)

// compose makes the mail: HTML with a plain alternative, marked as written by a machine so that no holiday notice answers.
func compose(m Message, from string) (*mail.Msg, error) {
	if m.From != "" {
		from = m.From
	}
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, errors.New("the sender is not an e-mail address")
	}
	// One bare address and nothing else, or a caller could add recipients.
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Name != "" || strings.ContainsAny(m.To, "<>\r\n") {
		return nil, errors.New("the recipient is not an e-mail address")
	}
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	letter.FromMailAddress(sender)
	letter.ToMailAddress(to)
	if m.ReplyTo != "" {
		reply, err := netmail.ParseAddress(m.ReplyTo)
		if err != nil {
			return nil, errors.New("the reply address is not an e-mail address")
		}
		letter.ReplyToMailAddress(reply)
	}
	letter.Subject(oneLine(m.Subject))
	if m.Time.IsZero() {
		letter.SetDate()
	} else {
		letter.SetDateWithValue(m.Time)
	}
	if m.ID == "" {
		m.ID = newID()
	}
	letter.SetMessageIDWithValue(m.ID + "@" + domain(sender.Address))
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	letter.SetBodyString(mail.TypeTextPlain, cmp.Or(m.Text, plainText(m.Body)))
	letter.AddAlternativeString(mail.TypeTextHTML, m.Body)
	return letter, nil
}

// domain returns what stands behind the @, or a placeholder where a Message-ID could not hold it as it is.
func domain(address string) string {
	d := address[strings.LastIndexByte(address, '@')+1:]
	if strings.ContainsFunc(d, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "cenote.invalid"
	}
	return d
}

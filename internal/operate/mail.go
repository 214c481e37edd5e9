package operate

import (
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/message"
)

// MailServer returns the transport of mail, or nil when there is none.
func MailServer(c *config.Config) (*message.SMTP, error) {
	if c.SMTPURL == "" {
		return nil, nil
	}
	o, err := message.ParseSMTP(c.SMTPURL)
	if err != nil {
		return nil, c.Wrong("smtp-url", err)
	}
	mail, err := message.NewSMTP(o, c.MailFrom)
	if err != nil {
		return nil, c.Wrong("mail-from", err)
	}
	return mail, nil
}

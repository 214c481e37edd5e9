package userpools

import (
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// wantsTexts reads MFAOptions: none, or text messages to the phone number.
func wantsTexts(options []wire.MFAOptionType) (bool, error) {
	for _, o := range options {
		if o != textOption {
			return false, fault.New(fault.InvalidParameter, "MFAOptions can only have the DeliveryMedium SMS with the AttributeName phone_number.")
		}
	}
	return len(options) > 0, nil
}

// preferences reads the settings of a request. In settings that are there, Enabled is false when it is left out.
func preferences(sms *wire.SMSMfaSettingsType, totp *wire.SoftwareTokenMfaSettingsType, email *wire.EmailMfaSettingsType) []user.Preference {
	var wanted []user.Preference
	if sms != nil {
		wanted = append(wanted, user.Preference{Factor: pool.SMSMFA, Enabled: wire.Value(sms.Enabled, false), Preferred: sms.PreferredMfa})
	}
	if totp != nil {
		wanted = append(wanted, user.Preference{Factor: pool.TOTP, Enabled: wire.Value(totp.Enabled, false), Preferred: totp.PreferredMfa})
	}
	if email != nil {
		wanted = append(wanted, user.Preference{Factor: pool.EmailOTP, Enabled: wire.Value(email.Enabled, false), Preferred: email.PreferredMfa})
	}
	return wanted
}

// prefer applies the settings of a request to the user.
func prefer(p *pool.Pool, u *user.User, wanted []user.Preference, passkey *wire.WebAuthnMfaSettingsType, now time.Time) error {
	if err := u.Prefer(wanted, now); err != nil || passkey == nil {
		return err
	}
	return u.PreferPasskey(p, wire.Value(passkey.Enabled, false), now)
}

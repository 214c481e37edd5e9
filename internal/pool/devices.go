package pool

import "github.com/cenote-id/cenote/internal/wire"

// TracksDevices reports whether the pool knows its users' devices. A configuration without members is never kept (fillIn).
func (p *Pool) TracksDevices() bool { return p.Settings.DeviceConfiguration != nil }

// TrustsDevices reports whether a remembered device replaces the second factor.
func (p *Pool) TrustsDevices() bool {
	c := p.Settings.DeviceConfiguration
	return c != nil && wire.Value(c.ChallengeRequiredOnNewDevice, false)
}

// AsksToRemember reports whether a confirmed device is remembered only when the user says so.
func (p *Pool) AsksToRemember() bool {
	c := p.Settings.DeviceConfiguration
	return c != nil && wire.Value(c.DeviceOnlyRememberedOnUserPrompt, false)
}

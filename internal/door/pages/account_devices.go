package pages

import (
	"slices"

	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// devicesPage is what the page of remembered devices shows.
type devicesPage struct {
	Devices []deviceRow
	Saved   bool
}

type deviceRow struct {
	Key, Name, IP string // the name and the address may be empty
	Used          moment
	Here          bool // it is this browser
}

// deviceName returns what the API calls a device; "" where it does not know.
func deviceName(shown string) string {
	if shown == signin.UnknownDevice {
		return ""
	}
	return shown
}

// mostDevices is how many devices the page shows, the service's largest list.
const mostDevices = 60

func (d *Door) showDevices(o *owner) error { return o.showDevices("") }

func (o *owner) showDevices(problem string) error {
	page := devicesPage{Saved: o.saved()}
	out, err := as[wire.ListDevicesOutput](o, "ListDevices", map[string]any{"Limit": mostDevices})
	if err != nil {
		return o.refuse(err, func(problem string) error { return o.show("account_devices", nil, problem, page) })
	}
	for _, d := range out.Devices {
		row := deviceRow{Key: d.DeviceKey, Used: moment{d.DeviceLastAuthenticatedDate.Time}, Here: o.isDevice(d.DeviceKey)}
		for _, a := range d.DeviceAttributes {
			switch a.Name {
			case "device_name":
				row.Name = deviceName(a.Value)
			case "last_ip_used":
				row.IP = a.Value
			}
		}
		page.Devices = append(page.Devices, row)
	}
	return o.show("account_devices", nil, problem, page)
}

// isDevice reports whether the browser says that it is the device.
func (o *owner) isDevice(key string) bool {
	return slices.ContainsFunc(o.browserDevices(), func(d signin.BrowserDevice) bool { return d.Key == key })
}

func (d *Door) forgetDevice(o *owner) error {
	_, err := as[wire.ForgetDeviceOutput](o, "ForgetDevice", map[string]any{"DeviceKey": o.Form.Get("key")})
	if err != nil {
		return o.refuse(err, o.showDevices)
	}
	return o.done("/devices")
}

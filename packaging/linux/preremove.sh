#!/bin/sh
# Stops the service when the package goes, not when another version follows (deb: "upgrade", rpm: 1).
set -e
if [ -d /run/systemd/system ] && { [ "$1" = remove ] || [ "$1" = 0 ]; }; then
	systemctl disable --now cenote.service
fi

#!/bin/sh
# Makes the data folder. A first installation is not started: the public URL has to be set before the first pool is made. An upgrade
# restarts a server that runs.
set -e
if [ ! -d /var/lib/cenote ]; then
	mkdir -p /var/lib/cenote
	chown cenote:cenote /var/lib/cenote
	chmod 0700 /var/lib/cenote
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl try-restart cenote.service || # the package is installed all the same
		echo "cenote: the service does not start: journalctl -u cenote says why"
fi
# deb: "configure" and the version before; rpm: how many versions there are.
if [ "$1" = 1 ] || { [ "$1" = configure ] && [ -z "$2" ]; }; then
	echo "cenote: set public-url in /etc/cenote/cenote.yaml, then: systemctl enable --now cenote"
fi

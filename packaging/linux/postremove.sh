#!/bin/sh
# Leaves /var/lib/cenote and the user alone, also when the package is purged: accounts and their master key cannot be made again.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if { [ "$1" = purge ] || [ "$1" = 0 ]; } && [ -d /var/lib/cenote ]; then
	echo "cenote: /var/lib/cenote is kept, with the database and the master key; remove it and the user cenote yourself"
fi

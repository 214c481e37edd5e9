#!/bin/sh
# Leaves /var/lib/cenote and the user alone, also when the package is purged: accounts and their master key cannot be made again.
set -e
if [ -d /run/systemd/system ]; then
	if [ "$1" = remove ]; then
		# The script before the removal has done so, but dpkg does not run that one where the package was unpacked and not configured.
		systemctl stop cenote.service 2>/dev/null || :
		systemctl disable cenote.service 2>/dev/null || :
	fi
	systemctl daemon-reload
fi
if { [ "$1" = purge ] || [ "$1" = 0 ]; } && [ -d /var/lib/cenote ]; then
	echo "cenote: /var/lib/cenote is kept, with the database and the master key; remove it and the user cenote yourself"
fi

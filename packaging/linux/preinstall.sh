#!/bin/sh
# Makes the system user that the service runs as.
set -e
getent group cenote >/dev/null || groupadd --system cenote
getent passwd cenote >/dev/null || useradd --system --gid cenote --home-dir /var/lib/cenote --no-create-home \
	--shell /usr/sbin/nologin --comment "cenote" cenote

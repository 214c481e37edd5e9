package server

import (
	"net"
	"strings"
)

// tellSupervisor tells the supervisor that started the program, if it wants to know, how far the server is: sd_notify(3) of systemd, whose units of
// Type=notify wait for READY=1. The socket is named by the environment, which survives that serve starts the program anew in its process.
func (s *Server) tellSupervisor(lines ...string) {
	path := ""
	for _, v := range s.options.Environ {
		if value, ok := strings.CutPrefix(v, "NOTIFY_SOCKET="); ok {
			path = value // of an abstract socket with "@", as package net writes it
		}
	}
	if path == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err == nil {
		_, err = conn.Write([]byte(strings.Join(lines, "\n")))
		_ = conn.Close() // the datagram is sent
	}
	if err != nil {
		s.log.Warn("could not notify the supervisor", "variable", "NOTIFY_SOCKET", "error", err)
	}
}

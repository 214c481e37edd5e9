package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ask asks for a line at the terminal. Where standard input is a file or a pipe, it takes the next line of it without a word, so that
// scripts can answer.
func (in *invocation) ask(label string) (string, error) {
	if in.interactive() {
		_, _ = fmt.Fprint(in.err, label+": ")
	}
	return in.line(label)
}

// askSecret is ask for what must not show on the screen.
func (in *invocation) askSecret(label string) (string, error) {
	f, ok := in.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return in.line(label)
	}
	_, _ = fmt.Fprint(in.err, label+": ")
	secret, err := term.ReadPassword(int(f.Fd()))
	_, _ = fmt.Fprintln(in.err)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", strings.ToLower(label), err)
	}
	return string(secret), nil
}

// askNewPassword asks for a new password, twice where people type it.
func (in *invocation) askNewPassword() (string, error) {
	password, err := in.askSecret("New password")
	if err != nil || !in.interactive() {
		return password, err
	}
	again, err := in.askSecret("The same again")
	if err == nil && again != password {
		err = errors.New("the passwords differ")
	}
	return password, err
}

func (in *invocation) interactive() bool {
	f, ok := in.in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (in *invocation) line(label string) (string, error) {
	if in.lines == nil {
		in.lines = bufio.NewReader(in.in)
	}
	line, err := in.lines.ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", fmt.Errorf("no answer to %q: standard input has ended", label)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// pick asks for one of several choices. Where there is one, it is taken.
func (in *invocation) pick(label string, choices []string) (string, error) {
	if len(choices) == 1 {
		return choices[0], nil
	}
	for {
		answer, err := in.ask(label + " (" + strings.Join(choices, ", ") + ")")
		if err != nil {
			return "", err
		}
		for i, c := range choices {
			if strings.EqualFold(answer, c) || answer == fmt.Sprint(i+1) {
				return c, nil
			}
		}
		if !in.interactive() {
			return "", fmt.Errorf("%q is none of %s", answer, strings.Join(choices, ", "))
		}
	}
}

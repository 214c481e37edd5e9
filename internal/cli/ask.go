package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// errInterrupted is what a question comes to when Ctrl-C is the answer.
var errInterrupted = errors.New("interrupted")

// ask asks for a line at the terminal. Where standard input is a file or a pipe, it takes the next line of it without a word, so that
// scripts can answer.
func (in *invocation) ask(ctx context.Context, label string) (string, error) {
	if _, interactive := in.terminal(); !interactive {
		return in.line(ctx, label)
	}
	_, _ = fmt.Fprint(in.err, printable(label)+": ")
	line, err := in.line(ctx, label)
	if err != nil {
		_, _ = fmt.Fprintln(in.err) // the cursor is behind the question
	}
	return line, err
}

func (in *invocation) line(ctx context.Context, label string) (string, error) {
	if in.lines == nil {
		in.lines = bufio.NewReader(in.in)
	}
	line, err := await(ctx, func() (string, error) { return in.lines.ReadString('\n') })
	switch {
	case errors.Is(err, errInterrupted):
		return "", err
	case err != nil && (line == "" || !errors.Is(err, io.EOF)):
		return "", unanswered(label)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func unanswered(label string) error {
	return fmt.Errorf("no answer to %q: standard input has ended", label)
}

// await reads until the context ends, which a read of standard input by itself does not heed. The read is left behind then, to the end of
// the program.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := read()
		done <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", errInterrupted
	case a := <-done:
		return a.text, a.err
	}
}

// askSecret is ask for what must not show on the screen.
func (in *invocation) askSecret(ctx context.Context, label string) (string, error) {
	fd, interactive := in.terminal()
	if !interactive {
		return in.line(ctx, label)
	}
	before, err := term.MakeRaw(fd) // before the question, or a quick answer would show
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", strings.ToLower(label), err)
	}
	k := &keys{from: in.in, echo: in.err}
	secret, err := await(ctx, func() (string, error) { return term.NewTerminal(k, "").ReadPassword(label + ": ") })
	_ = term.Restore(fd, before)
	if err != nil {
		_, _ = fmt.Fprintln(in.err)
	}
	switch {
	case errors.Is(err, io.EOF) && k.interrupted:
		return "", errInterrupted
	case errors.Is(err, io.EOF):
		return "", unanswered(label)
	}
	return secret, err
}

// keys reads a terminal key by key, so that none is taken which belongs to the next question, and remembers Ctrl-C, which is no signal in a
// terminal without echo.
type keys struct {
	from        io.Reader
	echo        io.Writer
	interrupted bool
}

const ctrlC = 3

func (k *keys) Read(p []byte) (int, error) {
	n, err := k.from.Read(p[:1])
	k.interrupted = k.interrupted || n == 1 && p[0] == ctrlC
	return n, err
}

func (k *keys) Write(p []byte) (int, error) { return k.echo.Write(p) }

// askNewPassword asks for a new password, twice where people type it.
func (in *invocation) askNewPassword(ctx context.Context) (string, error) {
	password, err := in.askSecret(ctx, "New password")
	if _, interactive := in.terminal(); err != nil || !interactive {
		return password, err
	}
	again, err := in.askSecret(ctx, "The same again")
	if err == nil && again != password {
		err = errors.New("the passwords differ")
	}
	return password, err
}

// terminal returns standard input where a person types it.
func (in *invocation) terminal() (fd int, interactive bool) {
	f, ok := in.in.(*os.File)
	if !ok {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}

// choiceWords are the choices of the service in the words of people.
var choiceWords = map[string]string{
	"PASSWORD": "password", "PASSWORD_SRP": "password", "EMAIL_OTP": "code by e-mail", "SMS_OTP": "code by text message",
	"SMS_MFA": "code by text message", "SOFTWARE_TOKEN_MFA": "authenticator app",
}

// pick asks for one of several choices, by its number or name. Where there is one, it is taken.
func (in *invocation) pick(ctx context.Context, label string, choices []string) (string, error) {
	if len(choices) == 1 {
		return choices[0], nil
	}
	var numbered []string
	for i, c := range choices {
		word := choiceWords[c]
		if word == "" {
			word = c
		}
		numbered = append(numbered, fmt.Sprintf("%d %s", i+1, word))
	}
	for {
		answer, err := in.ask(ctx, label+" ("+strings.Join(numbered, ", ")+")")
		if err != nil {
			return "", err
		}
		for i, c := range choices {
			if strings.EqualFold(answer, c) || strings.EqualFold(answer, choiceWords[c]) || answer == fmt.Sprint(i+1) {
				return c, nil
			}
		}
		if _, interactive := in.terminal(); !interactive {
			return "", fmt.Errorf("%q is none of %s", answer, strings.Join(choices, ", "))
		}
	}
}

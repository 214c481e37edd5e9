package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/internal/wire"
)

// usersImport makes users of the lines of a CSV file, one by one, with the columns of the service's import files. Lines that are refused
// are told, and the others go on.
func usersImport(own *flag.FlagSet) func(context.Context, *apiCall) error {
	dry := own.Bool("dry-run", false, "only read the file")
	return func(ctx context.Context, c *apiCall) error {
		f, err := os.Open(c.args[0])
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // it was only read
		lines := csv.NewReader(f)
		header, err := lines.Read()
		if err != nil {
			return fmt.Errorf("%s: read the header: %w", c.args[0], err)
		}
		for i, name := range header {
			header[i] = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		}
		if !slices.Contains(header, "cognito:username") && !slices.Contains(header, "email") && !slices.Contains(header, "phone_number") {
			return fmt.Errorf("%s: the header has neither cognito:username nor email nor phone_number", c.args[0])
		}
		made, refused := 0, 0
		for {
			row, err := lines.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				c.progressEnds()
				return fmt.Errorf("%s: %w", c.args[0], err)
			}
			if !*dry {
				err = c.importUser(ctx, header, row)
			}
			if ctx.Err() != nil || errors.Is(err, errNoAnswer) {
				c.progressEnds()
				return fmt.Errorf("after %d users: %w", made, err)
			}
			if err != nil {
				at, _ := lines.FieldPos(0)
				c.progressEnds()
				c.remark("%s:%d: %v", c.args[0], at, err)
				refused++
				continue
			}
			made++
			c.progress("%d users", made)
		}
		c.progressEnds()
		if err := c.show(map[string]any{"imported": made, "refused": refused}, fmt.Sprintf("imported %d, refused %d\n", made, refused)); err != nil {
			return err
		}
		if refused > 0 {
			return errTold
		}
		return nil
	}
}

// notAttributes are columns that are no attributes of a user.
var notAttributes = []string{"cognito:username", "cognito:mfa_enabled", "password", "updated_at"}

func (c *apiCall) importUser(ctx context.Context, header, row []string) error {
	fields := map[string]string{}
	attributes := []client.Attribute{}
	for i, name := range header {
		fields[name] = row[i]
		if row[i] != "" && !slices.Contains(notAttributes, name) {
			attributes = append(attributes, client.Attribute{Name: name, Value: row[i]})
		}
	}
	name := fields["cognito:username"]
	for _, other := range []string{"email", "phone_number"} {
		if name == "" {
			name = fields[other]
		}
	}
	params := c.user(name)
	params["MessageAction"], params["UserAttributes"] = "SUPPRESS", attributes
	if _, err := call[wire.AdminCreateUserOutput](ctx, c, "AdminCreateUser", params); err != nil {
		return err
	}
	if fields["password"] == "" {
		return nil
	}
	return c.setPassword(ctx, name, fields["password"], true)
}

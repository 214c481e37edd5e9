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
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/internal/wire"
)

// usersImport makes users of the lines of a CSV file, one by one, with the columns of the service's import files. Lines that are refused
// are told, and the others go on.
func usersImport(own *flag.FlagSet) func(context.Context, *apiCall) error {
	dry := own.Bool("dry-run", false, "read and check the file, create nothing")
	return func(ctx context.Context, c *apiCall) error {
		header, rows, err := readUsers(c.args[0])
		if err != nil {
			return err
		}
		if *dry {
			return c.show(map[string]any{"imported": 0, "read": len(rows)}, fmt.Sprintf("read %d\n", len(rows)))
		}
		if err := c.checkColumns(ctx, header); err != nil {
			return fmt.Errorf("%s: %w", c.args[0], err)
		}
		refused := 0
		for i, row := range rows {
			c.bar(i, len(rows))
			err := c.importUser(ctx, header, row.fields)
			if errors.Is(err, errNoAnswer) || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				c.progressEnds()
				return fmt.Errorf("after %d users: %w", i-refused, err)
			}
			if err != nil {
				c.progressEnds()
				c.remark("%s:%d: %v", c.args[0], row.line, err)
				refused++
			}
		}
		c.progressEnds()
		made := len(rows) - refused
		if err := c.show(map[string]any{"imported": made, "refused": refused}, fmt.Sprintf("imported %d, refused %d\n", made, refused)); err != nil {
			return err
		}
		if refused > 0 {
			return errTold
		}
		return nil
	}
}

// csvRow is a line of a file of users.
type csvRow struct {
	line   int
	fields []string
}

// readUsers reads the whole file, so that one that is broken makes no user.
func readUsers(file string) (header []string, rows []csvRow, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	lines := csv.NewReader(f)
	if header, err = lines.Read(); err != nil {
		return nil, nil, fmt.Errorf("%s: read the header: %w", file, err)
	}
	for i, name := range header {
		header[i] = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
	}
	for i, name := range header {
		if slices.Contains(header[:i], name) {
			return nil, nil, fmt.Errorf("%s: the header has the column %q twice", file, name)
		}
	}
	if !slices.Contains(header, "cognito:username") && !slices.Contains(header, "email") && !slices.Contains(header, "phone_number") {
		return nil, nil, fmt.Errorf("%s: the header has neither cognito:username nor email nor phone_number", file)
	}
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return header, rows, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", file, err)
		}
		line, _ := lines.FieldPos(0)
		rows = append(rows, csvRow{line, fields})
	}
}

// notAttributes are columns that are no attributes of a user.
var notAttributes = []string{"cognito:username", "cognito:mfa_enabled", "password", "updated_at"}

// checkColumns refuses columns that are no attributes of the pool, before they fail line by line. Credentials that may not look at the pool find out
// by the lines.
func (c *apiCall) checkColumns(ctx context.Context, header []string) error {
	out, err := call[wire.DescribeUserPoolOutput](ctx, c, "DescribeUserPool", map[string]any{"UserPoolId": c.flags.pool})
	var refused *apiError
	if errors.As(err, &refused) && refused.code == "AccessDeniedException" {
		return nil
	}
	if err != nil {
		return err
	}
	var unknown []string
	for _, name := range header {
		known := func(a wire.SchemaAttributeType) bool { return a.Name == name }
		if !slices.Contains(notAttributes, name) && !slices.ContainsFunc(out.UserPool.SchemaAttributes, known) {
			unknown = append(unknown, strconv.Quote(name))
		}
	}
	if unknown == nil {
		return nil
	}
	return fmt.Errorf("the pool has no attributes for these columns of the header: %s", strings.Join(unknown, ", "))
}

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

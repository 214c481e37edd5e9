package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/operate"
)

func exportPools(in *invocation, own *flag.FlagSet) func(context.Context) error {
	var pools, recipients []string
	own.Func("pool", "the user pool or identity pool, by id; may be given again", listFlag(&pools))
	all := own.Bool("all", false, "every user pool and identity pool")
	to := own.String("to", "", "the file to write")
	force := own.Bool("force", false, "replace the file if it exists")
	own.Func("recipient", "age public key (age1...) to encrypt to; may be given again", listFlag(&recipients))
	passphrase := own.String("passphrase-file", "", "file with a passphrase, instead of --recipient")
	return func(ctx context.Context) error {
		switch {
		case *to == "":
			return exportSlip("export needs --to")
		case len(pools) == 0 && !*all:
			return exportSlip("export needs --pool or --all")
		case len(pools) > 0 && *all:
			return exportSlip("export takes --pool or --all, not both")
		case (len(recipients) == 0) == (*passphrase == ""):
			return exportSlip("export needs --recipient or --passphrase-file")
		}
		keys, err := operate.Recipients(recipients, *passphrase)
		if err != nil {
			return err
		}
		return in.withData(ctx, func(d *operate.Data) error {
			did, err := d.Export(ctx, pools, *to, *force, keys, in.part("exported"))
			in.progressEnds()
			if err != nil {
				return err
			}
			in.remark("Exported %s.", contentsOf(did))
			return nil
		})
	}
}

// contentsOf says what an archive holds.
func contentsOf(did operate.Exported) string {
	var parts []string
	if did.Pools > 0 || did.IdentityPools == 0 {
		parts = append(parts, counted(int(did.Pools), "pool")+" with "+counted(int(did.Users), "user"))
	}
	if did.IdentityPools > 0 {
		identities := fmt.Sprintf("%d identities", did.Identities)
		if did.Identities == 1 {
			identities = "1 identity"
		}
		parts = append(parts, counted(int(did.IdentityPools), "identity pool")+" with "+identities)
	}
	return strings.Join(parts, " and ")
}

func exportSlip(text string) error {
	return &usageError{text, "Run 'cenote help export' for its flags."}
}

func importPools(in *invocation, own *flag.FlagSet) func(context.Context) error {
	from := own.String("from", "", "the archive to read")
	identity := own.String("identity", "", "file with an age secret key, as age-keygen writes it")
	passphrase := own.String("passphrase-file", "", "file with the passphrase, instead of --identity")
	dry := own.Bool("dry-run", false, "check the archive and look for conflicts, write nothing")
	return func(ctx context.Context) error {
		switch {
		case *from == "":
			return importSlip("import needs --from")
		case (*identity == "") == (*passphrase == ""):
			return importSlip("import needs --identity or --passphrase-file")
		}
		keys, err := operate.Identities(*identity, *passphrase)
		if err != nil {
			return err
		}
		return in.withData(ctx, func(d *operate.Data) error {
			did, err := d.Import(ctx, *from, keys, *dry, in.part("imported"))
			in.progressEnds()
			if err != nil {
				return err
			}
			word := "Imported"
			if *dry {
				word = "No conflicts: the import would create"
			}
			in.remark("%s %s.", word, contentsOf(did.Exported))
			return nil
		})
	}
}

func importSlip(text string) error {
	return &usageError{text, "Run 'cenote help import' for its flags."}
}

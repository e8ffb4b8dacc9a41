package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/internal/verp"
)

func (a *app) verpCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verp",
		Short: "Sign return paths, and check signed ones",
		Long: `Sign return paths, and check signed ones. Send each mail of a list with its own
return path (envelope sender), and forged bounces cannot unsubscribe anybody: a
signature covers one recipient and one day.

The key is a file with 16 bytes or more that only you can read:
  head -c 32 /dev/urandom | base64 > verp.key`,
		Example: `  whybounce verp sign --key verp.key --from bounces@lists.example.org bob@example.com
  whybounce verp check --key verp.key 'bounces+…=bob=example.com@lists.example.org'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.verpSignCommand(), a.verpCheckCommand())
	return cmd
}

func (a *app) verpSignCommand() *cobra.Command {
	var key, from, form string
	cmd := &cobra.Command{
		Use:   "sign --key FILE --from ADDRESS [RECIPIENT... | -]",
		Short: "Make a signed return path for each recipient",
		Long: `Make a signed return path for each recipient, a line each; - reads the recipients
from standard input.

The forms: verp (bounces+TOKEN=user=example.org@host), prvs
(prvs=TOKEN=bounces+user=example.org@host), srs (SRS0=TOKEN=DAY=example.org=user@host).
Mail to all of them must reach the bounce mailbox: with address extensions on "+",
verp needs no more than that.`,
		Example: "  whybounce verp sign --key verp.key --from bounces@lists.example.org bob@example.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			if from == "" || len(args) == 0 {
				return usage(errors.New("--from and a recipient are needed"), "whybounce verp sign --key FILE --from ADDRESS RECIPIENT…")
			}
			signer, err := signerOf(key)
			if err != nil {
				return err
			}
			return a.each(args, func(recipient string) (string, error) {
				return signer.Sign(verp.Form(form), from, recipient, a.clock())
			})
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "the secret key is in `FILE`")
	cmd.Flags().StringVar(&from, "from", "", "the `address` that bounces come to")
	cmd.Flags().StringVar(&form, "form", string(verp.VERP), "`form` of the return path: "+strings.Join(verp.Forms(), ", "))
	complete(cmd, "form", verp.Forms()...)
	return cmd
}

func (a *app) verpCheckCommand() *cobra.Command {
	var key, age string
	cmd := &cobra.Command{
		Use:   "check --key FILE [RETURN-PATH... | -]",
		Short: "Tell whom signed return paths were made for",
		Long: `Tell whom signed return paths were made for, a line each; - reads them from standard
input. The exit code is 1 if one of them is forged or too old.`,
		Example: "  whybounce verp check --key verp.key 'bounces+…=bob=example.com@lists.example.org'",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(errors.New("no return path is given"), "whybounce verp check --key FILE RETURN-PATH…")
			}
			signer, err := signerOf(key)
			if err != nil {
				return err
			}
			maxAge, err := policy.ParseDuration(age)
			if err != nil {
				return usage(fmt.Errorf("--token-age: %w", err), "")
			}
			return a.each(args, func(path string) (string, error) {
				return signer.Check(strings.Trim(path, "<>"), a.clock(), maxAge)
			})
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "the secret key is in `FILE`")
	cmd.Flags().StringVar(&age, "token-age", "60d", "take return paths that are at most so `old`")
	return cmd
}

func signerOf(key string) (*verp.Signer, error) {
	if key == "" {
		return nil, usage(errors.New("no key is named"), "--key FILE; make one: head -c 32 /dev/urandom | base64 > FILE")
	}
	return readKey(key)
}

// each answers each argument, or each line of standard input, with a line.
func (a *app) each(args []string, answer func(string) (string, error)) error {
	bad := false
	one := func(arg string) error {
		line, err := answer(arg)
		if err != nil {
			bad = true
			a.warn(fmt.Sprintf("%s: %v", arg, err))
		}
		if line == "" {
			return nil
		}
		_, err = fmt.Fprintln(a.stdout, line)
		return err
	}
	for _, arg := range args {
		if arg != "-" {
			if err := one(arg); err != nil {
				return writeError("", err)
			}
			continue
		}
		lines := bufio.NewReader(a.stdin)
		for {
			line, err := lines.ReadString('\n')
			if line = strings.TrimSpace(line); line != "" {
				if err := one(line); err != nil {
					return writeError("", err)
				}
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return failed(fmt.Errorf("standard input: %w", err), "")
			}
		}
	}
	if bad {
		return incomplete()
	}
	return nil
}

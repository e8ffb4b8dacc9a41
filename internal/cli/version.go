package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show the version of the program and of its rules",
		Example: "  whybounce version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := a.loadRules(nil)
			if err != nil {
				return err
			}
			return a.print(fmt.Sprintf("whybounce %s\nrules %s\n", buildVersion(), set.Version()))
		},
	}
}

// buildVersion is what the Go tool noted when it built the program.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	version := info.Main.Version
	if rev := settings["vcs.revision"]; version == "(devel)" && rev != "" {
		version += " " + rev[:min(12, len(rev))]
	}
	if t := settings["vcs.time"]; t != "" {
		version += " of " + t
	}
	if settings["vcs.modified"] == "true" {
		version += ", modified"
	}
	return fmt.Sprintf("%s (%s, %s/%s)", version, info.GoVersion, settings["GOOS"], settings["GOARCH"])
}

// manCommand writes the manual pages; packagers run it.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the manual pages into a folder",
		Example: "  whybounce man /usr/local/share/man/man1",
		Hidden:  true,
		Args:    exactly(1, "a folder", "whybounce man DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return failed(err, "")
			}
			cmd.Root().DisableAutoGenTag = true
			if err := doc.GenManTree(cmd.Root(), &doc.GenManHeader{Title: "WHYBOUNCE", Section: "1", Source: "whybounce"}, args[0]); err != nil {
				return failed(err, "")
			}
			return a.print(filepath.Join(args[0], "whybounce.1") + "\n")
		},
	}
}

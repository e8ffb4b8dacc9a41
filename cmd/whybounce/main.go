// Command whybounce explains bounced mail: who failed, why, and what to do.
package main

import (
	"os"

	"github.com/whybounce/whybounce/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

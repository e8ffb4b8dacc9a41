package main_test

import (
	"fmt"
	"os"

	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

// Two calls tell who failed and why: parser.Read and Set.Explain.
func Example() {
	set, err := rules.Builtin()
	if err != nil {
		panic(err)
	}
	mail, err := os.Open("../../samples/gmail/over-quota.eml")
	if err != nil {
		panic(err)
	}
	defer mail.Close()

	message, err := parser.Read(mail, parser.Limits{})
	if err != nil {
		panic(err)
	}
	for i := range message.Recipients {
		r := &message.Recipients[i]
		verdict := set.Explain(r)
		fmt.Println(r.Final, verdict.Cause, verdict.ListAction)
	}
	// Output: uwe@gmail.com mailbox-full keep
}

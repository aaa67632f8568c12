// Checks a Grafana dashboard, read from standard input, against Grafana's schema as its SDK has it: fields that it does not
// know, wrong types and values out of range are errors.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func check(err error) {
	// The SDK gives an error without a text where it has found none.
	if err == nil || err.Error() == "" {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	plugins.RegisterDefaultPlugins()
	text, err := io.ReadAll(os.Stdin)
	check(err)
	var board dashboard.Dashboard
	check(board.UnmarshalJSONStrict(text))
	check(board.Validate())
}

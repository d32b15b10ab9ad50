package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) secretCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "secret",
		Short: "Show and rotate the keys under which secrets are sealed",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.sealingKeysCommand("status", "Show the keys, what is sealed under each, and which may be removed", (*client.Client).SealingKeys),
		a.sealingKeysCommand("rotate", "Put a new key before the others, and have all be sealed anew under it", (*client.Client).RotateSealingKeys),
	)
	return c
}

func (a *app) sealingKeysCommand(use, short string, call func(*client.Client, context.Context) (client.SealingKeys, error)) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			keys, err := call(api, c.Context())
			if err != nil {
				return err
			}
			return a.print(keys, func(w io.Writer) { writeSealingKeys(w, keys) })
		},
	}
}

func writeSealingKeys(w io.Writer, keys client.SealingKeys) {
	row(w, "KEY", "STATE", "SEALED UNDER IT")
	for _, k := range keys.Keys {
		state := "is still needed"
		switch {
		case !k.Known:
			state = "is missing in " + keys.Place
		case k.Seals:
			state = "seals"
		case k.Removable:
			state = "may be removed"
		}
		var sealed []string
		for _, kind := range slices.Sorted(maps.Keys(k.Sealed)) {
			sealed = append(sealed, fmt.Sprintf("%d %s", k.Sealed[kind], kind))
		}
		row(w, k.Name, state, strings.Join(sealed, ", "))
	}
}

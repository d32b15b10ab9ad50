package main

import (
	"errors"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) quotaCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "quota",
		Short: "Show and set how many graphs and triggers a project may have",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.showQuotaCommand(), a.setQuotaCommand(), a.resetQuotaCommand())
	return c
}

// counted are the resources of which a project has a quota.
var counted = []string{"graphs", "triggers"}

// quotas does something about the quotas of some resources, and prints what they
// are then.
func (a *app) quotas(resources []string, ask func(api *client.Client, resource string) (client.Quota, error)) error {
	api, err := a.client(a.project)
	if err != nil {
		return err
	}
	var quotas []client.Quota
	for _, resource := range resources {
		q, err := ask(api, resource)
		if err != nil {
			return err
		}
		quotas = append(quotas, q)
	}
	return a.print(quotas, func(w io.Writer) {
		row(w, "RESOURCE", "USED", "QUOTA")
		for _, q := range quotas {
			row(w, q.Type, strconv.Itoa(q.Used), strconv.Itoa(q.Quota))
		}
	})
}

func (a *app) showQuotaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show what the project has and may have",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.quotas(counted, func(api *client.Client, resource string) (client.Quota, error) {
				return api.Quota(c.Context(), resource)
			})
		},
	}
}

func (a *app) setQuotaCommand() *cobra.Command {
	limits := map[string]*int{}
	c := &cobra.Command{
		Use:     "set",
		Short:   "Give the project other quotas",
		Example: "  heddle quota set --project shop --graphs 1000",
		Args:    exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			var given []string
			for _, resource := range counted {
				if c.Flags().Changed(resource) {
					given = append(given, resource)
				}
			}
			if given == nil {
				return usageError{errors.New("give --graphs, --triggers or both")}
			}
			return a.quotas(given, func(api *client.Client, resource string) (client.Quota, error) {
				return api.SetQuota(c.Context(), resource, *limits[resource])
			})
		},
	}
	for _, resource := range counted {
		limits[resource] = c.Flags().Int(resource, 0, "how many "+resource+" it may have, 1 to 10000")
	}
	return c
}

func (a *app) resetQuotaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reset",
		Short: "Give the project the quotas that new projects get",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.quotas(counted, func(api *client.Client, resource string) (client.Quota, error) {
				return api.ResetQuota(c.Context(), resource)
			})
		},
	}
}

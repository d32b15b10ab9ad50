package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) auditCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Show who did what, and verify that the log of it is whole",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.listAuditCommand(), a.verifyAuditCommand())
	return c
}

func (a *app) listAuditCommand() *cobra.Command {
	var q client.AuditQuery
	c := &cobra.Command{
		Use:   "list",
		Short: "Show records of the audit log, the newest first",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			records, err := api.AuditLog(c.Context(), q)
			if err != nil {
				return err
			}
			return a.print(records, func(w io.Writer) { writeAudit(w, records) })
		},
	}
	flags := c.Flags()
	flags.BoolVar(&q.InProject, "in-project", false, "of --project only, which its operators may see")
	flags.StringVar(&q.User, "user", "", "of this `user` only")
	flags.StringVar(&q.AccessKey, "key", "", "of this access `key` only")
	flags.StringVar(&q.Action, "action", "", "of this `action` only, such as graph.delete")
	flags.StringVar(&q.Object, "object", "", "of this `object` only, a URN, a name or a path, as the log has it")
	flags.StringVar(&q.Since, "since", "", "from this `time` on, such as 2026-11-23T00:00:00Z")
	flags.StringVar(&q.Until, "until", "", "before this `time`")
	flags.IntVar(&q.Limit, "limit", 20, "at most this `many`")
	return c
}

func writeAudit(w io.Writer, records []client.AuditRecord) {
	row(w, "NUMBER", "TIME", "WHO", "FROM", "ACTION", "OBJECT", "DETAIL", "RESULT")
	for _, r := range records {
		result := r.Stage
		if r.Status != 0 {
			result += " " + strconv.Itoa(r.Status)
		}
		if r.Code != "" {
			result += " " + r.Code
		}
		if r.Left > 0 {
			result += fmt.Sprintf(" (and %d more, left out)", r.Left)
		}
		row(w, strconv.FormatInt(r.Number, 10), r.At, printable(cmp.Or(r.User, r.AccessKey, "-")), printable(cmp.Or(r.Address, "-")),
			cmp.Or(r.Action, "-"), printable(cmp.Or(r.Object, "-")), shortened(printable(cmp.Or(r.Detail, "-"))), result)
	}
}

// shortened keeps a digest from making every line too wide for a terminal; the JSON
// form has it whole.
func shortened(text string) string {
	const most = 48
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

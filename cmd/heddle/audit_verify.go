package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"heddle/internal/audit"
	"heddle/internal/client"
	"heddle/internal/journal"
)

// tip is the end of an audit log as it is printed, and given back later.
type tip audit.Tip

func (t *tip) String() string {
	if t.Number == 0 {
		return ""
	}
	return audit.Tip(*t).String()
}

func (t *tip) Type() string { return "NUMBER:HASH" }

func (t *tip) Set(text string) error {
	known, err := audit.ParseTip(text)
	*t = tip(known)
	return err
}

func (a *app) verifyAuditCommand() *cobra.Command {
	var known tip
	c := &cobra.Command{
		Use:   "verify",
		Short: "Verify that each record of the audit log confirms those before it",
		Long: `Read the audit log and verify, here and not on the server, that each record
confirms all before it: nothing was changed, removed or put between them. A log
that was cut off at its end confirms itself; so keep what is printed elsewhere,
and give it with --after the next time.`,
		Args: exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			end, err := audit.Verify(audit.Tip(known), func(after int64) ([]audit.Record, error) {
				page, err := api.AuditLog(c.Context(), client.AuditQuery{After: after, Ascending: true, Limit: auditPage})
				if err != nil {
					return nil, err
				}
				return auditRecords(page)
			})
			var broken *audit.Broken
			switch {
			case errors.As(err, &broken):
				return fmt.Errorf("the audit log is not whole: %w", err)
			case err != nil:
				return err
			}
			last := tip(end)
			return a.print(map[string]any{"records": end.Number, "last": last.String()}, func(w io.Writer) {
				if end.Number == 0 {
					fmt.Fprintln(w, "the audit log is empty")
					return
				}
				fmt.Fprintf(w, "%d records, each of which confirms those before it; the last is\n%s\n", end.Number, &last)
			})
		},
	}
	c.Flags().Var(&known, "after", "what an earlier verify has printed: that record must still be there, and only what came after is verified")
	return c
}

// auditPage is how many records are asked for at a time.
const auditPage = 1000

// auditRecords reads what the API shows of records.
func auditRecords(shown []client.AuditRecord) ([]audit.Record, error) {
	var records []audit.Record
	for _, s := range shown {
		at, err := time.Parse(time.RFC3339, s.At)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", s.Number, err)
		}
		r := audit.Record{Number: s.Number, Entry: audit.Entry{
			At: journal.Millis(at.UnixMilli()), Stage: audit.Stage(s.Stage), Of: s.Of, Action: s.Action, User: s.User, Access: s.AccessKey,
			Project: s.Project, Object: s.Object, Detail: s.Detail, Address: s.Address, Request: s.Request, Status: s.Status, Code: s.Code, Left: s.Left,
		}}
		if n, err := hex.Decode(r.Hash[:], []byte(s.Hash)); err != nil || n != len(r.Hash) {
			return nil, fmt.Errorf("record %d: the hash %q is none", s.Number, s.Hash)
		}
		records = append(records, r)
	}
	return records, nil
}

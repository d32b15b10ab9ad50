package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"heddle/internal/client"
	"heddle/internal/urn"
)

// triggerFlags are what trigger create is told.
type triggerFlags struct {
	description string
	topic       string
	worker      string
	bucket      string
	events      []string
	prefix      string
	suffix      string
}

func (a *app) createTriggerCommand() *cobra.Command {
	var f triggerFlags
	c := &cobra.Command{
		Use:   "create [NAME]",
		Short: "Create a trigger that watches a topic, a bucket or workers",
		Example: "  heddle trigger create orders --topic orders\n" +
			"  heddle trigger create photos --bucket photos --event s3:ObjectCreated:* --suffix .jpg\n" +
			"  heddle trigger create asked --worker WorkRequest",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			t, err := a.newTrigger(f)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				t.Name = args[0]
			}
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			created, err := api.CreateTrigger(c.Context(), t)
			if err != nil {
				return err
			}
			return a.print(created, func(w io.Writer) { fmt.Fprintln(w, created.URN) })
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.description, "description", "", "what it is for")
	flags.StringVar(&f.topic, "topic", "", "watch the `topic` of this name in the project")
	flags.StringVar(&f.worker, "worker", "", "watch for this `type` of worker message: WorkRequest, HeartBeat, WorkSuccess or WorkFailure")
	flags.StringVar(&f.bucket, "bucket", "", "watch the `bucket` of this name")
	flags.StringArrayVar(&f.events, "event", nil, "with --bucket: a `type` of event, such as s3:ObjectCreated:* (may be repeated)")
	flags.StringVar(&f.prefix, "prefix", "", "with --bucket: only objects whose keys begin so")
	flags.StringVar(&f.suffix, "suffix", "", "with --bucket: only objects whose keys end so")
	return c
}

// newTrigger makes the trigger that the flags describe.
func (a *app) newTrigger(f triggerFlags) (client.NewTrigger, error) {
	t := client.NewTrigger{Description: f.description}
	var definition any
	given := 0
	if f.topic != "" {
		given++
		t.Source = urn.SourceSMN
		definition = map[string]string{"Topic": fmt.Sprintf("urn:smn:%s:%s:%s", a.region, a.project, f.topic)}
	}
	if f.worker != "" {
		given++
		t.Source = urn.SourceWorker
		definition = map[string]string{"type": f.worker}
	}
	if f.bucket != "" {
		given++
		t.Source = urn.SourceOBS
		definition = f.ofBucket()
	} else if f.events != nil || f.prefix != "" || f.suffix != "" {
		return t, usageError{errors.New("--event, --prefix and --suffix go with --bucket")}
	}
	if given != 1 {
		return t, usageError{errors.New("give one of --topic, --bucket and --worker")}
	}
	text, err := json.Marshal(definition)
	t.Definition = string(text)
	return t, err
}

// ofBucket makes the definition of a trigger of a bucket.
func (f triggerFlags) ofBucket() any {
	type filterRule struct{ Name, Value string }
	rules := []filterRule{}
	if f.prefix != "" {
		rules = append(rules, filterRule{"prefix", f.prefix})
	}
	if f.suffix != "" {
		rules = append(rules, filterRule{"suffix", f.suffix})
	}
	return map[string]any{
		"BucketName": f.bucket,
		"EventRule": map[string]any{
			"Event":  f.events,
			"Filter": map[string]any{"S3Key": map[string]any{"FilterRule": rules}},
		},
	}
}

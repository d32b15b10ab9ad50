package intake_test

import (
	"fmt"
	"testing"

	"heddle/internal/source"
	"heddle/internal/store"
)

// bucket makes a trigger of a bucket, for the objects whose keys end so.
func (r *eventRig) bucket(name, suffix string) store.Trigger {
	r.t.Helper()
	t := store.Trigger{
		Project: project, URN: "urn:fgs:local:p1:trigger:OBS_photos_" + name, UUID: name, Source: "OBS", Resource: "photos",
		Definition: fmt.Sprintf(`{"BucketName":"photos","EventRule":{"Event":["s3:ObjectCreated:*"],"Filter":{"S3Key":{"FilterRule":[{"Name":"suffix","Value":%q}]}}}}`, suffix),
	}
	id, err := r.store.CreateTrigger(background, t)
	r.no(err)
	t.ID = id
	return t
}

// objects reads what an S3 server says of some keys.
func objects(t *testing.T, keys ...string) (events []source.Event) {
	t.Helper()
	for i, key := range keys {
		one, err := source.Objects(fmt.Sprintf(`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"photos"},"object":{"key":%q,"sequencer":"%d"}}}]}`, key, i))
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, one...)
	}
	return events
}

// An event fires the triggers that it fits, each with a message that names it,
// and counts once.
func TestReceive(t *testing.T) {
	t.Parallel()
	inEventBubble(t, func(r *eventRig) {
		all, jpg, off := r.bucket("all", ""), r.bucket("jpg", ".jpg"), r.bucket("png", ".png")
		ofAll, ofJPG, ofPNG := r.mapped("all", all, true), r.mapped("jpg", jpg, true), r.mapped("png", off, true)
		for range 2 {
			r.no(r.intake.Receive(background, project, objects(t, "a.jpg", "b.gif")))
		}
		r.no(r.intake.Receive(background, "another", objects(t, "c.png")))
		r.no(r.intake.Receive(background, project, nil))
		r.settle()
		for graph, want := range map[store.GraphID]int64{ofAll: 2, ofJPG: 1, ofPNG: 0} {
			_, n, err := r.store.ListExecutions(background, store.ExecutionFilter{Graph: graph}, store.Page{})
			if err != nil || n != want {
				t.Errorf("graph %d: got %d executions and %v, want %d", graph, n, err, want)
			}
		}
	})
}

// What was refused has no effect, and has it when it comes again.
func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	inEventBubble(t, func(r *eventRig) {
		trigger := r.bucket("all", "")
		r.stop()
		if err := r.intake.Receive(background, project, objects(t, "a.jpg")); err == nil {
			t.Error("got no error of an intake that has stopped")
		}
		r.run()
		graph := r.mapped("all", trigger, true)
		r.no(r.intake.Receive(background, project, objects(t, "a.jpg")))
		r.settle()
		if _, n, err := r.store.ListExecutions(background, store.ExecutionFilter{Graph: graph}, store.Page{}); err != nil || n != 1 {
			t.Errorf("got %d executions and %v, want 1", n, err)
		}
	})
}

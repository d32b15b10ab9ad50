package e2e

import "testing"

// TestKillWhileOpening kills the server before it has opened its data directory,
// or closed it, three times in a row, each time at another of its writes and
// syncs. Whatever was left half done is done by the next that lives.
func TestKillWhileOpening(t *testing.T) {
	t.Parallel()
	killed, fresh := newArchive(t, (*server).kill), newArchive(t, (*server).drain)
	for name, c := range map[string]struct {
		archive *archive // what is in the directory; nil: nothing, so that the schema is made
		closing bool     // the server is killed when it stops, else when it starts
	}{
		"an empty directory":      {},
		"a log to recover":        {archive: killed},
		"the log moved by a stop": {archive: killed, closing: true},
		"a start after a stop":    {archive: fresh},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rng := chance(t)
			most := 100 // calls that are worth a kill; known after the first run
			for range amount(1, 25) {
				s := newServer(t, nil)
				if c.archive != nil {
					copyDirectory(t, c.archive.dir, s.dir)
				}
				calls := s.intercept(t, syncs, writes)
				for range 3 {
					at := 1 + rng.IntN(most)
					dies := func(systemCall) fate {
						at--
						return fate{kill: at == 0}
					}
					if !c.closing {
						calls.set(dies)
					}
					s.launch()
					if s.awaitReady(t.Context()) == nil {
						calls.set(dies)
						s.end()
					}
					if made := calls.count(syncs) + calls.count(writes); at > 0 {
						most = max(1, made)
					}
				}
				calls.set(nil)
				s.start()
				if c.archive != nil {
					c.archive.compare(t, s, false)
				}
				graph, err := s.createGraph("afterwards", graphs()[0].definition)
				if err != nil {
					t.Fatal(err)
				}
				s.mustStartOf(t, graph, "{}")
				s.drain()
			}
		})
	}
}

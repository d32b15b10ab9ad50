package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"heddle/internal/store"
)

// quota fails the test unless the project's quota of graphs is this.
func (f *fixture) quota(r store.Resource, want store.Quota) {
	f.Helper()
	if got, err := f.store.Quota(f.Context(), project, r, 99); err != nil || got != want {
		f.Errorf("quota of %s: got %+v, %v, want %+v", r, got, err, want)
	}
}

func testQuota(f *fixture) {
	graphs, triggers := store.CountedGraphs, store.CountedTriggers
	first := f.graph("without a quota")
	if q, err := f.store.Quota(f.Context(), project, graphs, 2); err != nil || q != (store.Quota{Limit: 2, Used: 1}) {
		f.Errorf("at its first use: %+v, %v", q, err)
	}
	f.quota(graphs, store.Quota{Limit: 2, Used: 1})
	f.quota(triggers, store.Quota{Limit: 99})
	f.graph("the last")
	_, err := f.store.CreateGraph(f.Context(), store.Graph{Project: project, Name: "one too many"}, "t", store.References{})
	f.want(err, store.ErrQuota)
	_, err = f.store.GraphByName(f.Context(), project, "one too many")
	f.want(err, store.ErrNotFound)
	// What is refused for another reason, or belongs to others, is not counted.
	_, err = f.store.CreateGraph(f.Context(), store.Graph{Project: project, Name: "the last"}, "t", store.References{})
	f.want(err, store.ErrExists)
	_, err = f.store.CreateGraph(f.Context(), store.Graph{Project: "another", Name: "one more"}, "t", store.References{})
	f.no(err)
	f.quota(graphs, store.Quota{Limit: 2, Used: 2})

	_, err = f.store.SetQuota(f.Context(), project, graphs, 1)
	f.want(err, store.ErrQuota)
	f.no(f.store.DeleteGraph(f.Context(), first, 2000))
	f.want(f.store.DeleteGraph(f.Context(), first, 2000), store.ErrNotFound)
	if q, err := f.store.SetQuota(f.Context(), project, graphs, 1); err != nil || q != (store.Quota{Limit: 1, Used: 1}) {
		f.Errorf("set: %+v, %v", q, err)
	}
	if q, err := f.store.SetQuota(f.Context(), "new", triggers, 7); err != nil || q != (store.Quota{Limit: 7}) {
		f.Errorf("set before its first use: %+v, %v", q, err)
	}

	_, err = f.store.SetQuota(f.Context(), project, triggers, 1)
	f.no(err)
	trigger := f.trigger("one", "topic")
	_, err = f.store.CreateTrigger(f.Context(), newTrigger("two", "topic"))
	f.want(err, store.ErrQuota)
	f.no(f.store.DeleteTrigger(f.Context(), trigger.ID))
	f.trigger("two", "topic")

	f.reopen()
	f.quota(graphs, store.Quota{Limit: 1, Used: 1})
	f.quota(triggers, store.Quota{Limit: 1, Used: 1})
}

// testQuotaInARace creates and deletes at the quota's edge from many sides: the
// quota is never passed, and what is counted is what is there.
func testQuotaInARace(f *fixture) {
	const limit, workers, rounds = 5, 8, 12
	_, err := f.store.Quota(f.Context(), project, store.CountedGraphs, limit)
	f.no(err)
	var refused atomic.Int64
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			var mine []store.GraphID
			for i := range rounds {
				id, err := f.store.CreateGraph(f.Context(),
					store.Graph{Project: project, Name: fmt.Sprintf("g%d-%d", w, i)}, "t", store.References{})
				switch {
				case errors.Is(err, store.ErrQuota):
					refused.Add(1)
				case err != nil:
					f.Errorf("create: %v", err)
				default:
					mine = append(mine, id)
				}
				if len(mine) == 2 || i == rounds/2 && len(mine) > 0 {
					if err := f.store.DeleteGraph(f.Context(), mine[0], 1); err != nil {
						f.Errorf("delete: %v", err)
					}
					mine = mine[1:]
				}
			}
		})
	}
	group.Wait()
	_, there, err := f.store.ListGraphs(f.Context(), store.GraphFilter{Project: project}, store.Page{Limit: 1})
	f.no(err)
	f.quota(store.CountedGraphs, store.Quota{Limit: limit, Used: there})
	if there > limit {
		f.Errorf("%d graphs are there, %d are allowed", there, limit)
	}
	if refused.Load() == 0 {
		f.Log("nothing was refused: the edge was not met")
	}
}

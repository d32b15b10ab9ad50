package definition

// checkGraph reports what is wrong with the graph as a whole.
func (c *checker) checkGraph(definition *object) {
	states := definition.fields["states"]
	if len(c.starts) == 0 && !c.aboutStart {
		c.report(codeStartMissing, states, "no state has start true; exactly one must")
	}
	c.reportBeyondFirst(codeStartTwice, c.starts, "start is true in %s and in %s; it may be in one state only")
	if len(c.ends) == 0 && !c.aboutEnds {
		c.report(codeEndMissing, states, "no state is of type END; exactly one must be")
	}
	c.reportBeyondFirst(codeEndTwice, c.ends, "%s and %s are of type END; exactly one state must be")
	c.checkReached()
	c.checkLoops()
	c.checkEvents()
}

// reportBeyondFirst reports fields that only one state may have.
func (c *checker) reportBeyondFirst(code string, fields []*node, format string) {
	for i, n := range fields {
		if i > 0 {
			c.report(code, n, format, fields[0].parent.what(), n.parent.what())
		}
	}
}

// checkReached reports the states that no other state leads to. Without a
// start state one of them is the start, and it is not known which.
func (c *checker) checkReached() {
	if c.aboutLinks || c.aboutStart || len(c.starts) == 0 {
		return
	}
	reached := map[string]bool{}
	for _, n := range c.starts {
		reached[n.parent.token] = true
	}
	for _, l := range c.links {
		if l.from != l.to {
			reached[l.to] = true
		}
	}
	for _, s := range c.states {
		if !reached[s.token] {
			c.reportName(codeUnreached, s, "no other state leads to %s; only the start state may stand alone", s.what())
		}
	}
}

// checkLoops reports the EVENT states that lead back to themselves. One that
// waits for workers only may do so directly: its heartbeat.
func (c *checker) checkLoops() {
	next := map[string][]link{}
	for _, l := range c.links {
		next[l.from] = append(next[l.from], l)
	}
	for _, w := range c.waits {
		for _, l := range next[w.token] {
			heartbeat := l.to == w.token && !w.cloud
			if !heartbeat && leads(next, l.to, w.token) {
				c.report(codeEventLoop, l.at, "%s %s leads back to this EVENT state; an EVENT state may not lie on a cycle",
					l.at.token, quoted(l.to))
				break
			}
		}
	}
}

// leads reports whether links lead from one state to another.
func leads(next map[string][]link, from, to string) bool {
	seen := map[string]bool{from: true}
	for open := []string{from}; len(open) > 0; {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if at == to {
			return true
		}
		for _, l := range next[at] {
			if !seen[l.to] {
				seen[l.to] = true
				open = append(open, l.to)
			}
		}
	}
	return false
}

// checkEvents reports what is wrong between event-defs and the EVENT states.
func (c *checker) checkEvents() {
	if c.eventless && len(c.waits) > 0 {
		n := c.waits[0].node
		c.report(codeEventDefsMissing, n, "%s is of type EVENT, but the definition has no event-defs", n.what())
	}
	var worker, cloud *knownEvent
	for _, e := range c.events {
		if !e.used && !c.aboutEvents {
			c.reportName(codeEventDefUnused, e.node, "%s is used by no state; use it in an event-expression or leave it out", e.what())
		}
		switch {
		case e.worker() && worker == nil:
			worker = e
		case e.cloud() && cloud == nil:
			cloud = e
		}
	}
	if worker != nil && cloud != nil {
		c.report(codeEventDefsMixed, worker.parent, "%s comes from a worker and %s from a cloud service; a definition has events of one sort",
			worker.what(), cloud.what())
	}
}

package definition

// link is a field that leads from a state to another.
type link struct {
	from, to string // names of states
	at       *node
	code     string // if there is no state to
}

// checkLinks reports the links to states that do not exist.
func (c *checker) checkLinks() {
	names := tokens(c.states)
	exists := map[string]bool{}
	for _, name := range names {
		exists[name] = true
	}
	for _, l := range c.links {
		if !exists[l.to] {
			c.report(l.code, l.at, "%s %s is not a state%s", l.at.token, quoted(l.to), didYouMean(l.to, names))
			c.lost(l.at)
		}
	}
}

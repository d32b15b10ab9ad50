package definition

import "slices"

// lookAhead notes with each state which events the states wait for to which it
// leads. What nothing ahead waits for need not be kept.
func (c *checker) lookAhead(d *Definition) {
	next := map[string][]link{}
	for _, l := range c.links {
		next[l.from] = append(next[l.from], l)
	}
	for i := range d.States {
		e, waits := d.States[i].Body.(*Event)
		if !waits {
			continue
		}
		for j := range d.States {
			s := &d.States[j]
			ahead := func(l link) bool { return leads(next, l.to, d.States[i].Name) }
			if slices.ContainsFunc(next[s.Name], ahead) {
				s.later = append(s.later, e.names()...)
			}
		}
	}
}

package definition

// Problem is one fault of a definition.
type Problem struct {
	Code    string // FGS.1012 and so on
	Path    string // JSON pointer to the faulty place
	Offset  int    // of the faulty place in the text, in bytes
	Message string // what is wrong, and what would be right
}

// Parse reads a definition and checks every rule of the language. It returns
// either the checked form, or all problems in the order in which the published
// API reports them: size, JSON, unknown fields, field types, event-defs,
// states in the order of the document, links between states, rules on the
// whole graph (error codes, "Which code when several fit").
func Parse(text string) (*Definition, []Problem) {
	panic("not written yet")
}

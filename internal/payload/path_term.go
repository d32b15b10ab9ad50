package payload

// term is a literal, a query or a call in a filter, before it is known what it
// is used for. One of query, operand and condition is set: what the term is by
// itself.
type term struct {
	offset    int
	query     *query
	operand   operand   // of a literal, or of a call that yields a value
	condition condition // of a call that is true or false
}

// term reads a literal, a query or a call.
func (p *parser) term() (term, error) {
	t := term{offset: p.at}
	switch c := p.next(); {
	case c == '$' || c == '@':
		p.at++
		t.query = &query{relative: c == '@'}
		return t, p.segments(t.query)
	case c == '\'' || c == '"':
		text, err := p.string()
		t.operand = literal{&Value{kind: String, text: Quote(text), str: text}}
		return t, err
	case c == '-' || isDigit(c):
		v, err := p.number()
		t.operand = literal{v}
		return t, err
	}
	switch word := p.word(); {
	case word != "" && p.next() == '(':
		return p.call(t.offset, word)
	case word == "true" || word == "false":
		t.operand = literal{&Value{kind: Bool, text: word}}
	case word == "null":
		t.operand = literal{&Value{kind: Null, text: word}}
	default:
		return t, p.faultAt(t.offset, "expected a query that begins with @ or $, a literal, or a function: %s", functionNames)
	}
	return t, nil
}

// call reads the arguments of a call, from the opening parenthesis.
func (p *parser) call(offset int, name string) (term, error) {
	if err := p.enter(); err != nil {
		return term{}, err
	}
	defer p.leave()
	f, known := functionOf(name)
	if !known {
		return term{}, p.faultAt(offset, "there is no function %s; the functions are %s", name, functionNames)
	}
	p.take("(")
	p.skipBlank()
	var arguments []term
	for p.next() != ')' {
		if len(arguments) > 0 && !p.operator(",") {
			return term{}, p.fault("expected , or ) after an argument of %s", name)
		}
		a, err := p.term()
		if err != nil {
			return term{}, err
		}
		arguments = append(arguments, a)
		p.skipBlank()
	}
	p.take(")")
	if len(arguments) != len(f.parameters) {
		return term{}, p.faultAt(offset, "the number of arguments of %s is %d, not %d", name, len(f.parameters), len(arguments))
	}
	if err := p.arguments(name, f, arguments); err != nil {
		return term{}, err
	}
	t, err := f.call(p, arguments)
	t.offset = offset
	return t, err
}

// arguments gives each argument the form that its parameter has.
func (p *parser) arguments(name string, f function, arguments []term) error {
	for i, parameter := range f.parameters {
		a := &arguments[i]
		if parameter == nodesParameter {
			if a.query == nil {
				return p.faultAt(a.offset, "the argument of %s must be a query", name)
			}
			continue
		}
		var err error
		if a.operand, err = p.value(*a, "an argument of "+name); err != nil {
			return err
		}
	}
	return nil
}

// value uses a term as a value.
func (p *parser) value(t term, use string) (operand, error) {
	switch {
	case t.operand != nil:
		return t.operand, nil
	case t.query != nil && t.query.singular():
		return nodeValue{t.query}, nil
	case t.query != nil:
		return nil, p.faultAt(t.offset, "%s must be one value: its query may hold only single names and indexes", use)
	default:
		return nil, p.faultAt(t.offset, "%s must be a value; match and search are true or false", use)
	}
}

// test uses a term as a condition.
func (p *parser) test(t term) (condition, error) {
	switch {
	case t.condition != nil:
		return t.condition, nil
	case t.query != nil && t.query.singular():
		return nodeExists{t.query}, nil
	case t.query != nil:
		return exists{t.query}, nil
	default:
		return nil, p.faultAt(t.offset, "a value alone is no condition: compare it")
	}
}

package payload

// or reads conditions with || between them.
func (p *parser) or() (condition, error) {
	first, err := p.and()
	if err != nil {
		return nil, err
	}
	all := anyOf{first}
	for p.operator("||") {
		c, err := p.and()
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 1 {
		return first, nil
	}
	return all, nil
}

// and reads conditions with && between them.
func (p *parser) and() (condition, error) {
	first, err := p.basic()
	if err != nil {
		return nil, err
	}
	all := allOf{first}
	for p.operator("&&") {
		c, err := p.basic()
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 1 {
		return first, nil
	}
	return all, nil
}

// basic reads a condition in parentheses, a comparison or a test, and ! before
// the first and the last of them.
func (p *parser) basic() (condition, error) {
	negated := p.take("!")
	if negated {
		p.skipBlank()
	}
	var c condition
	var err error
	if p.next() == '(' {
		c, err = p.parentheses()
	} else {
		c, err = p.comparisonOrTest(negated)
	}
	if err == nil && negated {
		c = not{c}
	}
	return c, err
}

func (p *parser) parentheses() (condition, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.take("(")
	p.skipBlank()
	c, err := p.or()
	if err != nil {
		return nil, err
	}
	p.skipBlank()
	if !p.take(")") {
		return nil, p.fault("expected one of == != < <= > >= && ||, or )")
	}
	return c, nil
}

func (p *parser) comparisonOrTest(negated bool) (condition, error) {
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	end := p.at
	for _, operator := range []string{"==", "!=", "<=", "<", ">=", ">"} {
		if !p.operator(operator) {
			continue
		}
		if negated {
			return nil, p.faultAt(end, "a comparison after ! stands in parentheses")
		}
		right, err := p.term()
		if err != nil {
			return nil, err
		}
		return p.comparison(operator, left, right)
	}
	return p.test(left)
}

func (p *parser) comparison(operator string, left, right term) (condition, error) {
	x, err := p.value(left, "what is compared")
	if err != nil {
		return nil, err
	}
	y, err := p.value(right, "what is compared")
	if err != nil {
		return nil, err
	}
	for _, t := range []term{left, right} {
		if t.query != nil && t.query.blank {
			return nil, p.faultAt(t.offset, "a query that is compared has no white space inside its brackets")
		}
	}
	return comparison{operator: operator, left: x, right: y}, nil
}

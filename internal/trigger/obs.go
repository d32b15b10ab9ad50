package trigger

import (
	"slices"
	"strconv"
	"strings"

	"heddle/internal/payload"
)

// objects chooses events of a bucket: by what happened, and by the object's key.
type objects struct {
	types          []string // as defined: with the lead s3:, some with a star
	prefix, suffix string
}

// typeLead stands before the types in definitions, and not in events.
const typeLead = "s3:"

// eventTypes are the types of event of a bucket. One that ends in a star stands
// for all that begin like it.
var eventTypes = []string{
	"s3:ObjectCreated:*",
	"s3:ObjectCreated:Put",
	"s3:ObjectCreated:Post",
	"s3:ObjectCreated:Copy",
	"s3:ObjectCreated:CompleteMultipartUpload",
	"s3:ObjectRemoved:*",
	"s3:ObjectRemoved:Delete",
	"s3:ObjectRemoved:DeleteMarkerCreated",
}

func (r objects) matches(e Event) bool {
	chosen := func(t string) bool { return covers(t, typeLead+e.Type) }
	return slices.ContainsFunc(r.types, chosen) && strings.HasPrefix(e.Key, r.prefix) && strings.HasSuffix(e.Key, r.suffix)
}

// covers reports whether a type is another one, or stands for it.
func covers(t, other string) bool {
	lead, star := strings.CutSuffix(t, "*")
	return t == other || star && strings.HasPrefix(other, lead)
}

func (r objects) overlaps(other rule) bool {
	o, ok := other.(objects)
	return ok && slices.ContainsFunc(r.types, func(t string) bool {
		return slices.ContainsFunc(o.types, func(u string) bool { return covers(t, u) || covers(u, t) })
	}) &&
		(strings.HasPrefix(r.prefix, o.prefix) || strings.HasPrefix(o.prefix, r.prefix)) &&
		(strings.HasSuffix(r.suffix, o.suffix) || strings.HasSuffix(o.suffix, r.suffix))
}

// parseOBS reads
//
//	{"BucketName": "obs-1123",
//	 "EventRule": {"Event": ["s3:ObjectCreated:*"],
//	               "Filter": {"S3Key": {"FilterRule": [{"Name": "prefix", "Value": "abc"}]}}}}
func parseOBS(o *payload.Value) (Definition, error) {
	bucket, rule := o.Member("BucketName"), o.Member("EventRule")
	switch {
	case bucket == nil:
		return Definition{}, fault(codeOBSIncomplete, "BucketName is missing in trigger_def")
	case bucket.Kind() != payload.String:
		return Definition{}, fault(codeDefinition, "BucketName is %s; it must be a string", bucket.Kind())
	}
	if err := checkBucket(bucket.Str()); err != nil {
		return Definition{}, err
	}
	switch {
	case rule == nil, rule.Kind() == payload.Null, rule.Kind() == payload.Object && len(rule.Members()) == 0:
		return Definition{}, fault(codeOBSIncomplete, "EventRule is missing in trigger_def; it must be an object with the list Event")
	case rule.Kind() != payload.Object:
		return Definition{}, fault(codeDefinition, "EventRule is %s; it must be an object", rule.Kind())
	}
	var r objects
	var err error
	if r.types, err = parseTypes(rule.Member("Event")); err != nil {
		return Definition{}, err
	}
	if r.prefix, r.suffix, err = parseFilter(rule.Member("Filter")); err != nil {
		return Definition{}, err
	}
	return Definition{Resource: bucket.Str(), rule: r}, nil
}

// checkBucket returns what is wrong with the name of a bucket.
func checkBucket(name string) error {
	const lengthMin, lengthMax = 3, 63
	malformed := func(why string) error { return fault(codeBucket, "BucketName is %q; %s", name, why) }
	switch {
	case len(name) < lengthMin:
		return fault(codeBucketShort, "BucketName is %q; a name has %d to %d characters", name, lengthMin, lengthMax)
	case len(name) > lengthMax:
		return fault(codeBucketLong, "BucketName has %d characters; a name has %d to %d", len(name), lengthMin, lengthMax)
	case strings.Trim(name, lowerCase+digits+"-.") != "":
		return malformed("a name has lower-case letters, digits, '-' and '.'")
	case strings.ContainsAny(name[:1], "-."):
		return malformed("a name begins with a letter or digit")
	case strings.ContainsAny(name[len(name)-1:], "-."):
		return malformed("a name does not end in '-' or '.'")
	case strings.Contains(name, ".."), strings.Contains(name, ".-"), strings.Contains(name, "-."):
		return malformed("a name has no '.' beside another '.' or a '-'")
	case isAddress(name):
		return malformed("a name is not an IP address")
	}
	return nil
}

// isAddress reports whether a name reads as an IPv4 address.
func isAddress(name string) bool {
	fields := strings.Split(name, ".")
	return len(fields) == 4 && !slices.ContainsFunc(fields, func(field string) bool {
		n, err := strconv.Atoi(field)
		return err != nil || n > 255
	})
}

func parseTypes(list *payload.Value) ([]string, error) {
	switch {
	case list == nil, list.Kind() == payload.Null, list.Kind() == payload.Array && len(list.Items()) == 0:
		return nil, fault(codeTypesEmpty, "Event is empty; it must list at least one type, such as %s", eventTypes[0])
	case list.Kind() != payload.Array:
		return nil, fault(codeDefinition, "Event is %s; it must be an array of types, such as %s", list.Kind(), eventTypes[0])
	case len(list.Items()) > len(eventTypes):
		return nil, fault(codeTypesCount, "Event has %d types; there are %d", len(list.Items()), len(eventTypes))
	}
	var types []string
	for i, item := range list.Items() {
		t := item.Str()
		if item.Kind() != payload.String || !slices.Contains(eventTypes, t) {
			return nil, fault(codeType, "Event[%d] is %s; it must be %s", i, excerpt(item), oneOf(eventTypes))
		}
		if slices.Contains(types, t) {
			return nil, fault(codeTypeTwice, "Event[%d] is %s, which stands in the list already", i, t)
		}
		types = append(types, t)
	}
	for _, t := range types {
		for _, u := range types {
			if t != u && covers(t, u) {
				return nil, fault(codeTypesConflict, "Event has %s beside %s, which stands for it", u, t)
			}
		}
	}
	return types, nil
}

// parseFilter reads which keys are meant. Without a filter all are.
func parseFilter(filter *payload.Value) (prefix, suffix string, err error) {
	key, err := member(filter, "Filter", "S3Key")
	if err != nil {
		return "", "", err
	}
	list, err := member(key, "S3Key", "FilterRule")
	switch {
	case err != nil || absent(list):
		return "", "", err
	case list.Kind() != payload.Array:
		return "", "", fault(codeDefinition, "FilterRule is %s; it must be an array", list.Kind())
	case len(list.Items()) > 2:
		return "", "", fault(codeFilterCount, "FilterRule has %d elements; it has at most a prefix and a suffix", len(list.Items()))
	}
	seen := map[string]bool{}
	for i, item := range list.Items() {
		name, value, err := parseFilterRule(i, item)
		if err != nil {
			return "", "", err
		}
		if seen[name] {
			return "", "", fault(codeFilterTwice, "FilterRule has two elements with the Name %s", name)
		}
		seen[name] = true
		if name == "prefix" {
			prefix = value
		} else {
			suffix = value
		}
	}
	const lengthMax = 1024 // ours: bytes of a key at most
	if n := len(prefix) + len(suffix); n > lengthMax {
		return "", "", fault(codeFilterLength, "prefix and suffix have %d bytes together, more than the %d of a key", n, lengthMax)
	}
	return prefix, suffix, nil
}

// parseFilterRule reads {"Name": "prefix", "Value": "abc"}. One table of the
// published page calls the names prefixRule and suffixRule.
func parseFilterRule(i int, o *payload.Value) (name, value string, err error) {
	if o.Kind() == payload.Object {
		if n := o.Member("Name"); n != nil && n.Kind() == payload.String {
			name = strings.TrimSuffix(n.Str(), "Rule")
		}
	}
	if name != "prefix" && name != "suffix" {
		return "", "", fault(codeFilterName, "FilterRule[%d] is %s; its Name must be prefix or suffix", i, excerpt(o))
	}
	v := o.Member("Value")
	switch {
	case absent(v):
		return name, "", nil
	case v.Kind() != payload.String:
		return "", "", fault(codeDefinition, "FilterRule[%d].Value is %s; it must be a string", i, v.Kind())
	}
	return name, v.Str(), nil
}

// member returns a member of an object that may be missing, like the member.
func member(o *payload.Value, what, name string) (*payload.Value, error) {
	switch {
	case absent(o):
		return nil, nil
	case o.Kind() != payload.Object:
		return nil, fault(codeDefinition, "%s is %s; it must be an object", what, o.Kind())
	}
	return o.Member(name), nil
}

func absent(v *payload.Value) bool { return v == nil || v.Kind() == payload.Null }

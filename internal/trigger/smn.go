package trigger

import (
	"strings"
	"unicode/utf8"

	"heddle/internal/payload"
)

// topicNameMax is ours: the table has a code for a name that is too long, and no
// limit.
const topicNameMax = 255

// parseSMN reads {"Topic": "urn:smn:{region}:{project}:{topic}"}.
func parseSMN(o *payload.Value) (Definition, error) {
	const form = "urn:smn:{region}:{project}:{topic}"
	v := o.Member("Topic")
	if v == nil || v.Kind() == payload.String && v.Str() == "" {
		return Definition{}, fault(codeTopicEmpty, "Topic is missing in trigger_def; it must be %s", form)
	}
	if v.Kind() != payload.String {
		return Definition{}, fault(codeDefinition, "Topic is %s; it must be a string, %s", v.Kind(), form)
	}
	fields := strings.Split(v.Str(), ":")
	if len(fields) != 5 || fields[0] != "urn" || fields[1] != "smn" || fields[2] == "" || fields[3] == "" {
		return Definition{}, fault(codeTopic, "Topic is %q; it must be %s", v.Str(), form)
	}
	if err := CheckTopic(fields[4]); err != nil {
		return Definition{}, err
	}
	return Definition{Region: fields[2], Project: fields[3], Resource: fields[4]}, nil
}

// CheckTopic returns what is wrong with the name of a topic.
func CheckTopic(name string) error {
	switch {
	case utf8.RuneCountInString(name) > topicNameMax:
		return fault(codeTopicLength, "the name of the topic has more than %d characters", topicNameMax)
	case name == "" || strings.Trim(name, letters+digits+"-_") != "" || strings.ContainsAny(name[:1], "-_"):
		return fault(codeTopicName, "the topic is named %q; a name has letters, digits, '-' and '_', and begins with a letter or digit", name)
	}
	return nil
}

const (
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	letters   = lowerCase + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits    = "0123456789"
)

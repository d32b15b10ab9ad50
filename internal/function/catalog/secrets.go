package catalog

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"

	"heddle/internal/function"
	"heddle/internal/store"
)

// seal puts a function's secrets, a JSON object of texts, into the properties of
// a version. A value that is Masked stays what it was; only then what was is
// opened, so that secrets whose key is lost can be given anew.
func (c *Catalog) seal(name store.FunctionName, p *Properties, secrets string) error {
	given, err := texts(secrets)
	if err != nil {
		return err
	}
	if slices.Contains(slices.Collect(maps.Values(given)), function.Masked) {
		before, err := c.secrets(name, p.Secrets)
		if err != nil {
			return err
		}
		for key, value := range given {
			if kept, ok := before[key]; ok && value == function.Masked {
				given[key] = kept
			}
		}
	}
	p.SecretNames, p.Secrets = slices.Sorted(maps.Keys(given)), nil
	if len(given) > 0 {
		p.Secrets, err = c.box.Seal(encode(given), sealOwner(name)...)
	}
	return err
}

// secrets opens what seal has made.
func (c *Catalog) secrets(name store.FunctionName, sealed []byte) (map[string]string, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	text, err := c.box.Open(sealed, sealOwner(name)...)
	if err != nil {
		return nil, fmt.Errorf("secrets of function %s: %w", name.Name, err)
	}
	return texts(string(text))
}

// MaskedSecrets returns the names of the secrets with Masked as their values, as
// a JSON object, or "" if there are none.
func (p Properties) MaskedSecrets() string {
	if len(p.SecretNames) == 0 {
		return ""
	}
	masked := map[string]string{}
	for _, name := range p.SecretNames {
		masked[name] = function.Masked
	}
	return string(encode(masked))
}

// sealOwner binds secrets to the function, whatever its version.
func sealOwner(name store.FunctionName) []string {
	return []string{"function", name.Project, name.Package, name.Name}
}

// texts reads a JSON object of texts; "" has none.
func texts(object string) (map[string]string, error) {
	if object == "" {
		return nil, nil
	}
	var all map[string]string
	if err := json.Unmarshal([]byte(object), &all); err != nil {
		return nil, fmt.Errorf("read user data: %w", err)
	}
	return all, nil
}

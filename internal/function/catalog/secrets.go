package catalog

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"heddle/internal/store"
)

// Masked stands for a secret where others can see it.
const Masked = "******"

// seal returns the stored form of a function's secrets, a JSON object of texts.
// A value that is Masked stays what it was.
func (c *Catalog) seal(name store.FunctionName, secrets string, former []byte) ([]byte, error) {
	given, err := texts(secrets)
	if err != nil || len(given) == 0 {
		return nil, err
	}
	before, err := c.secrets(name, former)
	if err != nil {
		return nil, err
	}
	for key, value := range given {
		if kept, ok := before[key]; ok && value == Masked {
			given[key] = kept
		}
	}
	return c.box.Seal(encode(given), sealOwner(name)...)
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

// MaskedSecrets returns the names of a version's secrets with Masked as their
// values, as a JSON object, or "" if there are none.
func (c *Catalog) MaskedSecrets(name store.FunctionName, v Version) (string, error) {
	secrets, err := c.secrets(name, v.Secrets)
	if err != nil || len(secrets) == 0 {
		return "", err
	}
	for key := range secrets {
		secrets[key] = Masked
	}
	return string(encode(secrets)), nil
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

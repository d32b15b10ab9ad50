package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"heddle/internal/client"
)

// manifestName is the file that says what the function in a directory is.
const manifestName = "function.yaml"

// manifest is what it says, in the words of the API. In texts of user data,
// ${NAME} stands for a variable of the environment.
type manifest struct {
	Name               string            `yaml:"name"`
	Package            string            `yaml:"package"`
	Description        string            `yaml:"description"`
	Runtime            string            `yaml:"runtime"`
	Handler            string            `yaml:"handler"`
	URL                string            `yaml:"url"` // of the runtime http
	Timeout            int               `yaml:"timeout"`
	MemorySize         int               `yaml:"memory-size"`
	UserData           map[string]string `yaml:"user-data"`
	EncryptedUserData  map[string]string `yaml:"encrypted-user-data"`
	InitializerHandler string            `yaml:"initializer-handler"`
	InitializerTimeout int               `yaml:"initializer-timeout"`
}

const (
	runtimeHTTP     = "http"
	timeoutDefault  = 30
	memoryDefault   = 128
	handlerOfCustom = "bootstrap.handler" // the API wants one, and nothing looks at it
)

// readManifest reads the manifest of a directory. What it says is the server's
// to check, but for what it must have.
func (a *app) readManifest(directory fs.FS) (manifest, error) {
	var m manifest
	text, err := fs.ReadFile(directory, manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return m, errors.New("there is no " + manifestName + "; heddle function init makes one")
	}
	if err != nil {
		return m, err
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return m, fmt.Errorf("%s: %s", manifestName, manifestFault(err))
	}
	if m.Name == "" || m.Runtime == "" {
		return m, errors.New(manifestName + " must have a name and a runtime")
	}
	m.Package = cmp.Or(m.Package, packageDefault)
	m.Timeout = cmp.Or(m.Timeout, timeoutDefault)
	m.MemorySize = cmp.Or(m.MemorySize, memoryDefault)
	m.Handler = cmp.Or(m.Handler, handlerOfCustom)
	return m, errors.Join(a.expand(m.UserData), a.expand(m.EncryptedUserData))
}

// manifestFault is the decoder's message in one line, without the type of ours
// that it names.
func manifestFault(err error) string {
	text := strings.ReplaceAll(err.Error(), " in type main.manifest", "")
	text = strings.TrimPrefix(text, "yaml: unmarshal errors:\n")
	return strings.TrimSpace(strings.ReplaceAll(text, "\n", ";"))
}

// expand puts variables of the environment into texts.
func (a *app) expand(texts map[string]string) error {
	var problems []error
	for name, text := range texts {
		texts[name] = os.Expand(text, func(variable string) string {
			value := a.getenv(variable)
			if value == "" {
				problems = append(problems, fmt.Errorf("%s: %s names the variable %s, which is not set", manifestName, name, variable))
			}
			return value
		})
	}
	return errors.Join(problems...)
}

func (m manifest) config() client.FunctionConfig {
	return client.FunctionConfig{
		Name: m.Name, Package: m.Package, Runtime: m.Runtime, Handler: m.Handler, Timeout: m.Timeout,
		MemorySize: m.MemorySize, Description: m.Description,
		UserData: jsonOf(m.UserData), EncryptedUserData: jsonOf(m.EncryptedUserData),
		InitializerHandler: m.InitializerHandler, InitializerTimeout: m.InitializerTimeout,
	}
}

// jsonOf writes texts as the API takes them: a JSON object, as text.
func jsonOf(texts map[string]string) string {
	if len(texts) == 0 {
		return ""
	}
	text, _ := json.Marshal(texts) // texts can always be encoded
	return string(text)
}

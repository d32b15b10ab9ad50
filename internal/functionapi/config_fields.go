package functionapi

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"heddle/internal/function/catalog"
)

// The limits of fields, as the published API has them. Lengths count characters
// unless they say otherwise.
const (
	nameMax        = 60
	packageMax     = 64
	aliasMax       = 63
	versionMax     = 42
	handlerMax     = 128
	descriptionMax = 512
	timeoutMin     = 3
	timeoutMax     = 259200
	userDataMax    = 20
	userDataBytes  = 4 << 10
	inlineBytes    = 10 << 10
	zipBytes       = 50 << 20
	instancesMax   = 1000
	callsMax       = 1000
)

// memorySizes are those that there are, in MiB.
var memorySizes = []int{128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096}

// configBody is what creating a function and changing its configuration have in
// common.
type configBody struct {
	FuncName   *string `json:"func_name"`
	Runtime    *string `json:"runtime"`
	Timeout    *int    `json:"timeout"`
	Handler    *string `json:"handler"`
	MemorySize *int    `json:"memory_size"`

	UserData          *string `json:"user_data"`
	EncryptedUserData *string `json:"encrypted_user_data"`
	Description       *string `json:"description"`

	InitializerHandler *string `json:"initializer_handler"`
	InitializerTimeout *int    `json:"initializer_timeout"`

	Strategy *struct {
		Concurrency   *int `json:"concurrency"`
		ConcurrentNum *int `json:"concurrent_num"`
	} `json:"strategy_config"`

	Xrole               *string `json:"xrole"`
	AppXrole            *string `json:"app_xrole"`
	EnterpriseProjectID *string `json:"enterprise_project_id"`
}

// given returns the value of a field, or its zero value if it is missing.
func given[T any](field *T) T {
	if field == nil {
		var zero T
		return zero
	}
	return *field
}

// apply puts a configuration into the properties of a version, or says what is
// wrong with it. What is left out stays; the four that follow are required.
func (b configBody) apply(p *catalog.Properties) error {
	runtime := given(b.Runtime)
	if err := checkRuntime(runtime); err != nil {
		return err
	}
	if err := checkHandler("handler", given(b.Handler), runtime); err != nil {
		return err
	}
	if n := given(b.Timeout); n < timeoutMin || n > timeoutMax {
		return refuse(codeFunctionTime, "timeout must be from %d to %d seconds, not %d", timeoutMin, timeoutMax, n)
	}
	if n := given(b.MemorySize); !slices.Contains(memorySizes, n) {
		return refuse(codeMemory, "memory_size must be one of %v, not %d", memorySizes, n)
	}
	p.Runtime, p.Handler, p.Timeout, p.MemorySize = runtime, given(b.Handler), *b.Timeout, *b.MemorySize
	if err := b.applyUserData(p); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(given(b.Description)); n > descriptionMax {
		return refuse(codeDescription, "description has %d characters, at most %d are allowed", n, descriptionMax)
	}
	replace(&p.Description, b.Description)
	return b.applyInitializer(p)
}

// replace sets a field that is given.
func replace[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

// initializerTimeoutMax is in seconds.
const initializerTimeoutMax = 300

func (b configBody) applyInitializer(p *catalog.Properties) error {
	replace(&p.InitializerHandler, b.InitializerHandler)
	replace(&p.InitializerTimeout, b.InitializerTimeout)
	if p.InitializerHandler != "" {
		if err := checkHandler("initializer_handler", p.InitializerHandler, p.Runtime); err != nil {
			return err
		}
		if p.InitializerTimeout < 1 || p.InitializerTimeout > initializerTimeoutMax {
			return refuse(codeFunctionTime, "initializer_timeout must be from 1 to %d seconds, not %d", initializerTimeoutMax, p.InitializerTimeout)
		}
	}
	for name, value := range map[string]*string{
		"xrole": b.Xrole, "app_xrole": b.AppXrole, "enterprise_project_id": b.EnterpriseProjectID,
	} {
		if value == nil {
			continue
		}
		if len(*value) > descriptionMax {
			return refuse(codeParameter, "%s has %d characters, at most %d are allowed", name, len(*value), descriptionMax)
		}
		if p.Labels == nil {
			p.Labels = map[string]string{}
		}
		p.Labels[name] = *value
	}
	return nil
}

func (b configBody) applyUserData(p *catalog.Properties) error {
	for name, text := range map[string]*string{"user_data": b.UserData, "encrypted_user_data": b.EncryptedUserData} {
		if err := checkUserData(name, given(text), p.Runtime); err != nil {
			return err
		}
	}
	replace(&p.UserData, b.UserData)
	return nil
}

// variableForm is what the environment of a process can name.
var variableForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// checkUserData checks a JSON object of texts. Those of a function that is
// somewhere else are headers, which others check. No value is repeated: it may
// be a secret.
func checkUserData(name, text, runtime string) error {
	if text == "" {
		return nil
	}
	if len(text) > userDataBytes {
		return refuse(codeUserDataBytes, "%s has %d bytes, at most %d are allowed", name, len(text), userDataBytes)
	}
	var all map[string]string
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return refuse(codeUserData, `%s must hold a JSON object of strings, such as {"HOST":"10.0.0.1"}`, name)
	}
	if len(all) > userDataMax {
		return refuse(codeUserDataCount, "%s has %d members, at most %d are allowed", name, len(all), userDataMax)
	}
	for key, value := range all {
		switch {
		case runtime != catalog.RuntimeHTTP && !variableForm.MatchString(key):
			return refuse(codeUserData, "the name %q in %s must be letters, digits and '_', and begin with a letter", key, name)
		case strings.ContainsRune(value, 0):
			return refuse(codeUserData, "the value of %q in %s has a NUL character", key, name)
		}
	}
	return nil
}

// limits returns the limits on instances that a body gives, or nil.
func (b configBody) limits() (instances, calls *int, err error) {
	if b.Strategy == nil {
		return nil, nil, nil
	}
	if err := checkInstances("strategy_config.concurrency", b.Strategy.Concurrency); err != nil {
		return nil, nil, err
	}
	if n := b.Strategy.ConcurrentNum; n != nil && (*n < 1 || *n > callsMax) {
		return nil, nil, refuse(codeParameter, "strategy_config.concurrent_num must be from 1 to %d, not %d", callsMax, *n)
	}
	return b.Strategy.Concurrency, b.Strategy.ConcurrentNum, nil
}

func checkInstances(field string, n *int) error {
	if n != nil && (*n < -1 || *n > instancesMax) {
		return refuse(codeParameter, "%s must be from -1, which is no limit, to %d, not %d; 0 disables the function", field, instancesMax, *n)
	}
	return nil
}

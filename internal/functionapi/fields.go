package functionapi

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"heddle/internal/function"
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

// codeBody is what creating a function and changing its code have in common.
type codeBody struct {
	CodeType     *string `json:"code_type"`
	CodeURL      *string `json:"code_url"`
	CodeFilename *string `json:"code_filename"`
	FuncCode     *struct {
		File []byte  `json:"file"` // base64
		Link *string `json:"link"`
	} `json:"func_code"`
}

// given returns the value of a field, or its zero value if it is missing.
func given[T any](field *T) T {
	if field == nil {
		var zero T
		return zero
	}
	return *field
}

// named reports whether a name has letters, digits, '-', '_' and the extra signs
// only, and begins with a letter and ends with a letter or digit.
func named(name, extra string, max int) bool {
	n := len(name)
	return n >= 1 && n <= max && consistsOf(name, nameSigns+extra) &&
		consistsOf(name[:1], letters) && consistsOf(name[n-1:], lettersDigits)
}

func checkName(name string) error {
	if !named(name, "", nameMax) {
		return refuse(codeName, "func_name must be 1 to %d letters, digits, '-' and '_', begin with a letter and end with a letter or digit, not %q", nameMax, name)
	}
	return nil
}

func checkPackage(name string) error {
	if !named(name, "", packageMax) {
		return refuse(codePackage, "package must be 1 to %d letters, digits, '-' and '_', begin with a letter and end with a letter or digit, not %q; default is a good one", packageMax, name)
	}
	return nil
}

// languages are the runtimes whose functions run on this machine. A version may
// follow the first two.
var languages = []string{"Node.js", "Python", "Custom"}

func checkRuntime(runtime string) error {
	version := runtime == catalog.RuntimeHTTP || runtime == "Custom"
	for _, language := range languages[:2] {
		if rest, ok := strings.CutPrefix(runtime, language); ok && consistsOf(rest, "0123456789.") {
			version = true
		}
	}
	if !version {
		return refuse(codeRuntime, "runtime must be Node.js or Python, with a version such as Node.js18.15 or without, Custom or http, not %q", runtime)
	}
	return nil
}

// handlerForm is a file, perhaps in directories, and an entry of it.
var handlerForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_/.-]*\.[A-Za-z0-9_$-]+$`)

// checkHandler checks a handler. Runtimes that have no entry to name take any.
func checkHandler(field, handler, runtime string) error {
	if runtime == "Custom" || runtime == catalog.RuntimeHTTP {
		if len(handler) > handlerMax {
			return refuse(codeHandler, "%s has %d characters, at most %d are allowed", field, len(handler), handlerMax)
		}
		return nil
	}
	if len(handler) > handlerMax || !handlerForm.MatchString(handler) {
		return refuse(codeHandler, "%s must be a file and a function in it such as index.handler, of at most %d characters, not %q", field, handlerMax, handler)
	}
	return nil
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

// draft returns the code that a body gives to a function of the runtime.
func (b codeBody) draft(runtime string) (catalog.Draft, error) {
	var d catalog.Draft
	d.CodeType, d.CodeURL, d.CodeFilename = given(b.CodeType), given(b.CodeURL), given(b.CodeFilename)
	if runtime == catalog.RuntimeHTTP {
		return elsewhere(d)
	}
	var code []byte
	if b.FuncCode != nil {
		if given(b.FuncCode.Link) != "" {
			return d, refuse(codeNotAvailable, "func_code.link is not available here; send the code in func_code.file")
		}
		code = b.FuncCode.File
	}
	switch d.CodeType {
	case function.CodeInline, function.CodeZip:
	case "":
		return d, refuse(codeCodeType, "code_type is missing; it must be inline or zip")
	case "obs", "jar", "Custom-Image-Swr":
		return d, refuse(codeNotAvailable, "code_type %s is not available here; it must be inline or zip", d.CodeType)
	default:
		return d, refuse(codeCodeType, "code_type must be inline or zip, not %q", d.CodeType)
	}
	switch {
	case len(code) == 0:
		return d, refuse(codeNoCode, "func_code.file is missing; it must hold the code in base64")
	case d.CodeType == function.CodeInline && len(code) > inlineBytes:
		return d, refuse(codeInlineBytes, "the code has %d bytes, inline takes at most %d; send a zip", len(code), inlineBytes)
	case d.CodeType == function.CodeInline && !utf8.Valid(code):
		return d, refuse(codeCode, "inline code must be UTF-8 text")
	case len(code) > zipBytes:
		return d, refuse(codeZipBytes, "the package has %d bytes, at most %d are taken", len(code), zipBytes)
	}
	d.CodeURL, d.Code = "", code
	return d, nil
}

// elsewhere is the draft of a function that is at a URL. The enumeration of the
// SDKs has no type for that; obs is the one that means a URL.
func elsewhere(d catalog.Draft) (catalog.Draft, error) {
	if !slices.Contains([]string{"", catalog.CodeURL, "obs"}, d.CodeType) {
		return d, refuse(codeCodeType, "code_type of a function with the runtime http must be %s, not %q", catalog.CodeURL, d.CodeType)
	}
	d.CodeType = catalog.CodeURL
	if d.CodeURL == "" {
		return d, refuse(codeURL, "code_url is missing; it must be where the function is, such as http://127.0.0.1:9000/hello")
	}
	return d, nil
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

package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// Load returns the settings that the parsed flags, the environment (as
// os.Environ gives it) and the file say, or all that is wrong with them, one
// problem a line.
func Load(fs *pflag.FlagSet, environ []string) (Config, error) {
	var c Config
	settings := pflag.NewFlagSet("", pflag.ContinueOnError)
	define(settings, &c)
	env := newEnvironment(environ)

	path, named := override("config", fs, env)
	if !named {
		path.text = c.File
	}
	file, problems := readFile(path.text, named, settings, env)
	settings.VisitAll(func(setting *pflag.Flag) {
		v, ok := override(setting.Name, fs, env)
		if !ok {
			v, ok = file.settings[setting.Name]
		}
		if !ok {
			return
		}
		if err := setting.Value.Set(v.text); err != nil {
			problems = append(problems, fmt.Errorf("%s: %q must be %s", v.place, v.text, valueTypes[setting.Value.Type()]))
			setting.Value.Set(setting.DefValue) // what a failed Set leaves behind is not for validate to judge
		}
	})
	if flag := fs.Lookup(sealingKeys); flag != nil && flag.Changed {
		problems = append(problems, errors.New("--sealing-keys: others on this machine see command lines: set HEDDLE_SEALING_KEYS"))
	}
	c.Functions, c.EventSources = file.functions, file.sources
	return c, errors.Join(append(problems, c.validate()...)...)
}

// sealingKeys is the one setting that is a secret and nothing else.
const sealingKeys = "sealing-keys"

// value is the text of a setting, and where it stands.
type value struct{ text, place string }

// override returns what flag or environment say of a setting.
func override(name string, fs *pflag.FlagSet, env environment) (value, bool) {
	if flag := fs.Lookup(name); flag != nil && flag.Changed {
		return value{flag.Value.String(), "--" + name}, true
	}
	variable := "HEDDLE_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	text, ok := env[variable]
	return value{text, variable}, ok
}

// valueTypes says what the text of a setting must be, by the type of its flag.
var valueTypes = map[string]string{
	"bool":        "true or false",
	"duration":    "a duration with its unit, such as 10s or 1m30s",
	"int":         "a whole number",
	"*slog.Level": "debug, info, warn or error",
}

// environment holds the variables that are not empty.
type environment map[string]string

func newEnvironment(environ []string) environment {
	env := make(environment)
	for _, variable := range environ {
		name, text, _ := strings.Cut(variable, "=")
		if _, earlier := env[name]; !earlier && text != "" {
			env[name] = text
		}
	}
	return env
}

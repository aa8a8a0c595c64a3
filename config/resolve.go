package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"fmaq/configs"
	"fmaq/fp"
	"fmaq/gen"
)

// Config is a named configuration.
type Config struct {
	Name   string // lower case, fit for a file name: preset, format name or the file's base name
	About  string // the file's first comment; empty without one
	Source string // where it came from, for people
	Params gen.Params
}

// presetOrder is the order of [Presets]: reference point, baselines, the paper's sweep, the small one.
var presetOrder = []string{"m7e4", "fp16", "fp32", "bf16", "m10e5", "m9e5", "m8e5", "m7e5", "m6e5", "m4e3"}

// PresetNames lists the presets in the order in which they are shown.
func PresetNames() []string { return append([]string(nil), presetOrder...) }

// Presets returns every preset, in that order.
func Presets() []Config {
	all := make([]Config, len(presetOrder))
	for i, name := range presetOrder {
		c, err := preset(name)
		if err != nil {
			panic(fmt.Sprintf("config: embedded preset: %v", err))
		}
		all[i] = c
	}
	return all
}

func preset(name string) (Config, error) {
	file := name + ".toml"
	data, err := fs.ReadFile(configs.Files, file)
	if err != nil {
		return Config{}, err
	}
	p, err := Parse(file, data)
	return Config{Name: name, About: comment(data), Source: "preset " + name, Params: p}, err
}

// comment is the text of a leading comment line.
func comment(data []byte) string {
	line, _, _ := strings.Cut(string(data), "\n")
	if text, ok := strings.CutPrefix(line, "#"); ok {
		return strings.TrimSpace(text)
	}
	return ""
}

var formatLike = regexp.MustCompile(`^[mM][0-9]+[eE][0-9]+$`)

// Resolve finds the configuration that a word of the command line means: the name of a preset, the name of an
// accumulator format with everything else at its default (either in any case), or the path of a TOML file.
func Resolve(arg string) (Config, error) {
	name := strings.ToLower(arg)
	if _, err := fs.Stat(configs.Files, name+".toml"); err == nil {
		return preset(name)
	}
	if formatLike.MatchString(arg) {
		f, err := fp.ParseFormat(arg)
		if err != nil {
			return Config{}, err
		}
		p := gen.NewParams(fp.NewSpec(defaultOperand(), f))
		return Config{Name: name, Source: "format " + f.String(), Params: p}, p.Validate()
	}
	data, err := os.ReadFile(arg)
	if err == nil {
		p, err := Parse(arg, data)
		return Config{Name: fileName(arg), About: comment(data), Source: arg, Params: p}, err
	}
	if strings.HasSuffix(name, ".toml") || strings.ContainsRune(arg, filepath.Separator) {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	msg := fmt.Sprintf("configuration %q: no preset (%s), no format name (such as M7E4) and no file of that name",
		arg, strings.Join(presetOrder, ", "))
	if close := near(name, presetOrder); len(close) > 0 {
		msg += fmt.Sprintf("; did you mean %s?", alternatives(close))
	}
	return Config{}, errors.New(msg)
}

var notInNames = regexp.MustCompile(`[^a-z0-9_.-]+`)

func fileName(path string) string {
	base := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".toml")
	if base = notInNames.ReplaceAllString(base, "_"); strings.Trim(base, ".") == "" {
		return "config"
	}
	return base
}

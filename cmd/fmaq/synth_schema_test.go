package main

import (
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var updateSchema = flag.Bool("update-schema", false, "rewrite docs/synth.schema.json")

// schemaOf is the JSON schema of a type as encoding/json writes it.
func schemaOf(t reflect.Type) map[string]any {
	if t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return map[string]any{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Struct:
		properties, required := map[string]any{}, []any{}
		for i := range t.NumField() {
			name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if !t.Field(i).IsExported() || name == "-" {
				continue
			}
			properties[name] = schemaOf(t.Field(i).Type)
			if options != "omitempty" {
				required = append(required, name)
			}
		}
		return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	}
	panic(fmt.Sprintf("no schema for %v", t))
}

// conforms holds a decoded value to a schema of the kinds above.
func conforms(t *testing.T, path string, schema map[string]any, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		require.Equal(t, "object", schema["type"], path)
		properties := schema["properties"].(map[string]any)
		for _, name := range schema["required"].([]any) {
			require.Contains(t, v, name, path)
		}
		for name, inner := range v {
			require.Contains(t, properties, name, path)
			conforms(t, path+"."+name, properties[name].(map[string]any), inner)
		}
	case []any:
		require.Equal(t, "array", schema["type"], path)
		for _, inner := range v {
			conforms(t, path+"[]", schema["items"].(map[string]any), inner)
		}
	case string:
		require.Equal(t, "string", schema["type"], path)
	case bool:
		require.Equal(t, "boolean", schema["type"], path)
	case float64:
		require.Contains(t, []any{"number", "integer"}, schema["type"], path)
	default:
		require.Fail(t, "null", path)
	}
}

func TestSynthSchema(t *testing.T) {
	const file = "../../docs/synth.schema.json"
	schema := schemaOf(reflect.TypeFor[synthesis]())
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Output of fmaq synth --format json"
	schema["description"] = "Areas in units of the library and in NAND2 equivalents; units of other figures end their names."
	text, err := json.MarshalIndent(schema, "", "  ")
	require.NoError(t, err)
	if *updateSchema {
		require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o666))
	}
	committed, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(text)+"\n", string(committed), "run go test ./cmd/fmaq -run SynthSchema -update-schema")

	var want map[string]any
	require.NoError(t, json.Unmarshal(committed, &want))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	small := t.TempDir() + "/small.toml"
	require.NoError(t, os.WriteFile(small, []byte("[operand]\nmantissa = 1\nexponent = 2\n[accumulator]\nmantissa = 2\nexponent = 3\n"), 0o666))
	chart := t.TempDir() + "/front.svg"
	for _, args := range [][]string{
		{"--pareto", chart, "--operations", "500", "--target", "3.5"},
		{"--fpga", "ice40"},
	} {
		code, stdout, stderr := fmaq(t.Context(), append([]string{"synth", small, "--format", "json"}, args...)...)
		if code == exitMissingTool {
			t.Skip(stderr)
		}
		require.Equal(t, exitFine, code, stderr)
		var got any
		require.NoError(t, json.Unmarshal([]byte(stdout), &got))
		conforms(t, "", want, got)
	}
	svg, err := os.ReadFile(chart)
	require.NoError(t, err)
	require.Contains(t, string(svg), "<polyline")
	require.Contains(t, string(svg), ">small</text>")
}

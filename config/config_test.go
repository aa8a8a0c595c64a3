package config

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fmaq/configs"
	"fmaq/fp"
	"fmaq/gen"
)

func TestMinimalFileHasTheDefaults(t *testing.T) {
	for _, name := range []string{"M7E4", "M0E2", "M23E8", "M4E3"} {
		f, err := fp.ParseFormat(name)
		if err != nil {
			t.Fatal(err)
		}
		text := "accumulator = { mantissa = " + itoa(f.Mantissa) + ", exponent = " + itoa(f.Exponent) + " }\n"
		got, err := Parse("min.toml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		operand, _ := fp.ParseFormat("M4E3")
		if want := gen.NewParams(fp.NewSpec(operand, f)); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
}

func itoa(n int) string { return show(int64(n)) }

func TestAccumulatorBiasFollowsChunkAndProduct(t *testing.T) {
	for _, c := range []struct {
		name, text     string
		product, accum int
	}{
		{"paper", "", 10, 8},
		{"chunk 64", "[accumulate]\nchunk = 64\n", 10, 7},
		{"one chain", "[accumulate]\nchunk = 0\n", 10, 10},
		{"product", "[product]\nbias = 20\n", 20, 18},
		{"product and chunk", "[product]\nbias = 20\n[accumulate]\nchunk = 4\n", 20, 19},
		{"given", "product.bias = 20\naccumulator.bias = 3\n", 20, 3},
	} {
		p, err := Parse("x.toml", []byte(c.text+"[accumulator]\nmantissa = 7\nexponent = 4\n"))
		if c.name == "given" {
			p, err = Parse("x.toml", []byte(c.text+"accumulator.mantissa = 7\naccumulator.exponent = 4\n"))
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if p.Spec.Product.Bias != c.product || p.Spec.Accumulator.Bias != c.accum {
			t.Errorf("%s: product %d, accumulator %d: want %d, %d", c.name, p.Spec.Product.Bias, p.Spec.Accumulator.Bias,
				c.product, c.accum)
		}
	}
}

func TestEveryFaultAtOnce(t *testing.T) {
	text := `stray = 1
rtl = "flat"
[operand]
mantissa = 24
exponent = 3.0
weight_bias = "two"

[accumulator]
mantisa = 7
exponent = 4
bias = -2000
[accumulate]
chunk = -1
[numerics]
rounding = "up"
random_bits = 4
zero = 0
align = "lasy"
[product]
bias = 1023
[numeric]
rounding = "truncate"
"operand.exponent" = 3
`
	want := []string{
		`f.toml:1: stray = 1: unknown key; want accumulate, accumulator, numerics, operand, product or rtl`,
		`f.toml:2: rtl = "flat": want a table`,
		`f.toml:4: operand.mantissa = 24: want an integer from 0 to 23 bits`,
		`f.toml:5: operand.exponent = 3.0: want an integer from 2 to 8 bits`,
		`f.toml:6: operand.weight_bias = "two": want an integer from -1020 to 1022 for E2`,
		`f.toml:9: accumulator.mantisa = 7: unknown key; want mantissa, exponent or bias (did you mean mantissa?)`,
		`f.toml:11: accumulator.bias = -2000: want an integer from -1008 to 1022 for E4`,
		`f.toml:13: accumulate.chunk = -1: want an integer from 0 to 2147483647 products (0: one sequential chain)`,
		`f.toml:15: numerics.rounding = "up": want "truncate", "nearest-even" or "stochastic"`,
		`f.toml:16: numerics.random_bits = 4: want it only with rounding = "stochastic"`,
		`f.toml:17: numerics.zero = 0: want "code" or "exponent"`,
		`f.toml:18: numerics.align = "lasy": want "exact" or "lazy"`,
		`f.toml:20: product.bias = 1023: want an integer from -1008 to 1022 for E4`,
		`f.toml:21: [numeric]: unknown table; want accumulate, accumulator, numerics, operand, product or rtl (did you mean numerics?)`,
		`f.toml: accumulator.mantissa: missing; want an integer from 0 to 23 bits`,
	}
	_, err := Parse("f.toml", []byte(text))
	if err == nil {
		t.Fatal("no error")
	}
	if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", err, strings.Join(want, "\n"))
	}
}

func TestSyntaxErrorsHaveALine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[accumulator]\nmantissa = \n", "s.toml:2: "},
		{"[accumulator]\nmantissa = 7\nmantissa = 8\n", "s.toml:3: "},
		{"[accumulator = 1\n", "s.toml:1: "},
		{"a = \xff\n", "s.toml:1: "},
	} {
		if _, err := Parse("s.toml", []byte(c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s...", c.text, err, c.want)
		}
	}
}

func TestSingleFaults(t *testing.T) {
	const head = "[accumulator]\nmantissa = 7\nexponent = 4\n"
	for _, c := range []struct{ text, want string }{
		{"", "s.toml: accumulator.exponent: missing; want an integer from 2 to 8 bits\n" +
			"s.toml: accumulator.mantissa: missing; want an integer from 0 to 23 bits"},
		{head + "[rtl]\nprefix = \"9x\"\n", `s.toml:5: rtl.prefix = "9x": want up to 32 lower-case letters, digits and underscores, a letter first`},
		{head + "[rtl]\npipeline = 5\n", `s.toml:5: rtl.pipeline = 5: want an integer from 0 to 4 stages`},
		{head + "[rtl]\npipeline = [1]\n", `s.toml:5: rtl.pipeline = [...]: want an integer from 0 to 4 stages`},
		{head + "[rtl]\nprefix = 3\n", `s.toml:5: rtl.prefix = 3: want a string`},
		{head + "[rtl.deep]\nx = 3\n", `s.toml:4: rtl.deep = {...}: unknown key; want pipeline, bias or prefix`},
		{head + "[numerics]\nrounding = \"stochastic\"\nrandom_bits = 25\n", `s.toml:6: numerics.random_bits = 25: want an integer from 1 to 24 bits`},
		{"\"operand.mantissa\" = 3\n" + head, `s.toml:1: operand.mantissa = 3: unknown key; want accumulate, accumulator, numerics, operand, product or rtl`},
		{"[Accumulator]\nmantissa = 1\n" + head, `s.toml:1: [Accumulator]: unknown table; want accumulate, accumulator, numerics, operand, product or rtl (did you mean accumulator?)`},
		{"numeric.zero = \"code\"\n" + head, `s.toml:1: [numeric]: unknown table; want accumulate, accumulator, numerics, operand, product or rtl (did you mean numerics?)`},
		{head + "[product]\nbias = -1008\n", "s.toml: accumulator: bias = -1010: want -1008 to 1022 for E4"},
	} {
		if _, err := Parse("s.toml", []byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestCanonicalRoundTrip(t *testing.T) {
	var all []gen.Params
	for _, c := range Presets() {
		all = append(all, c.Params)
	}
	odd := all[0]
	odd.Spec.Weight.Bias, odd.Spec.Activation.Bias, odd.Spec.Accumulator.Bias = -3, 17, 0
	odd.Spec.Rounding, odd.Spec.RandomBits = fp.Stochastic, 5
	odd.Spec.Zero, odd.Spec.Align, odd.Spec.Chunk = fp.ZeroExponent, fp.AlignLazy, 0
	odd.Arch = gen.Arch{Pipeline: 3, Bias: gen.BiasPort}
	odd.Prefix = "pe_a7"
	all = append(all, odd)
	hashes := map[string]bool{}
	for _, p := range all {
		text := Canonical(p)
		back, err := Parse("canonical.toml", text)
		if err != nil || back != p {
			t.Errorf("%s\ngives %+v, %v\nwant %+v", text, back, err, p)
		}
		if !bytes.Equal(Canonical(back), text) {
			t.Errorf("canonical form of a canonical form differs:\n%s", text)
		}
		hashes[ShortHash(p)] = true
	}
	if len(hashes) != len(all)-1 { // fp16 and m10e5 are one configuration
		t.Errorf("%d hashes of %d configurations", len(hashes), len(all)-1)
	}
}

// The hash goes into the headers of emitted Verilog: a change of it is a change of every emitted file.
func TestHashIsStable(t *testing.T) {
	c, err := Resolve("m7e4")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ShortHash(c.Params), "1cac902baeaf"; got != want {
		t.Errorf("hash of m7e4 = %s, want %s", got, want)
	}
}

func TestPresetsAreAllListed(t *testing.T) {
	files, err := fs.Glob(configs.Files, "*.toml")
	if err != nil || len(files) != len(presetOrder) {
		t.Fatalf("%d files, %d names, %v", len(files), len(presetOrder), err)
	}
	for _, c := range Presets() {
		if c.About == "" {
			t.Errorf("%s has no comment", c.Name)
		}
	}
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "My PE.toml")
	if err := os.WriteFile(path, []byte("# mine\n[accumulator]\nmantissa = 3\nexponent = 3\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ arg, name, format, about string }{
		{"m7e4", "m7e4", "M7E4", "12-bit"},
		{"M7E4", "m7e4", "M7E4", "12-bit"},
		{"FP16", "fp16", "M10E5", "FP16"},
		{"fp32", "fp32", "M23E8", "FP32"},
		{"bf16", "bf16", "M7E8", "bfloat16"},
		{"M3E2", "m3e2", "M3E2", ""},
		{path, "my_pe", "M3E3", "mine"},
	} {
		got, err := Resolve(c.arg)
		if err != nil {
			t.Errorf("%s: %v", c.arg, err)
			continue
		}
		if got.Name != c.name || got.Params.Spec.Accumulator.String() != c.format || !strings.Contains(got.About, c.about) {
			t.Errorf("%s: %+v", c.arg, got)
		}
	}
	preset, _ := Resolve("m6e5")
	if p := gen.NewParams(fp.NewSpec(defaultOperand(), formatOf(6, 5))); preset.Params != p {
		t.Errorf("the preset m6e5 is %+v, the format M6E5 %+v", preset.Params, p)
	}
	for _, c := range []struct{ arg, want string }{
		{"m7e9", `format "m7e9": exponent = 9: want 2 to 8 bits`},
		{"fp61", `did you mean fp16 or fp32?`},
		{"nonsense", `configuration "nonsense": no preset (m7e4, fp16, fp32, bf16, m10e5, m9e5, m8e5, m7e5, m6e5, m4e3), no format name`},
		{"no/such.toml", "configuration: open no/such.toml: no such file or directory"},
		{"gone.toml", "configuration: open gone.toml: no such file or directory"},
		{dir, "is a directory"},
	} {
		if _, err := Resolve(c.arg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want ...%s...", c.arg, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range Presets() {
		f.Add(Canonical(c.Params))
	}
	f.Add([]byte("operand = 1\n[[rtl]]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse("fuzz.toml", data)
		if err != nil {
			return
		}
		if back, err := Parse("canonical.toml", Canonical(p)); err != nil || back != p {
			t.Errorf("%+v comes back as %+v, %v", p, back, err)
		}
	})
}

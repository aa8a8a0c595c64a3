package tests

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"fmaq/config"
	"fmaq/fp"
	"fmaq/fp/vectors"
	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/sim"
	"fmaq/verilog"
)

// fuzzVectors is how many vectors a fuzzed configuration gets.
const fuzzVectors = 4096

// FuzzParams draws configurations and holds the gates of each against the numerics. A failure leaves a folder with the
// configuration, the Verilog, and the failing vector in the bench, and prints how to replay it.
func FuzzParams(f *testing.F) {
	for seed := range uint64(24) {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, seed, vectorSeed uint64) {
		rng := rand.New(rand.NewPCG(seed, 11))
		p := randomParams(rng)
		p.Arch.Pipeline = rng.IntN(gen.MaxPipeline + 1)
		drive, source := subject(t, p, vectorSeed)
		place := map[string]int{}
		for i, n := range drive.face.Inputs {
			place[n.Name] = i
		}
		at := func(in []uint64, port string) uint32 {
			if i, ok := place[port]; ok {
				return uint32(in[i])
			}
			return 0
		}
		reference := func(in []uint64) uint32 {
			v := vectors.Vector{W: fp.Code(at(in, "w_i")), X: fp.Code(at(in, "x_i")), A: fp.Code(at(in, "acc_i")), R: at(in, "rnd_i"),
				Offset: p.Spec.Offset()}
			if p.Arch.Bias == gen.BiasPort {
				above := 32 - p.OffsetWidth()
				v.Offset = int(int32(at(in, "offset_i")<<above) >> above) // two's complement
			}
			return uint32(source.Result(v))
		}
		all := func(yield func([]uint64) bool) {
			for v := range source.First(fuzzVectors) {
				if !yield(drive.words(v)) {
					return
				}
			}
		}
		_, wrong, err := sim.Check(context.Background(), rtl.Lower(drive.design), all, reference, sim.ProofOptions{})
		require.NoError(t, err)
		if wrong != nil {
			dir := keep(t, p, drive.design, all, reference)
			t.Fatalf("seeds %d, %d: %+v\nkept in %s; replay:\n  go run ./cmd/fmaq sim %s --seed %d --vectors %d", seed, vectorSeed, wrong,
				dir, filepath.Join(dir, "config.toml"), vectorSeed, fuzzVectors)
		}
	})
}

// keep writes what a failure needs to be looked at again, and returns the folder.
func keep(t *testing.T, p gen.Params, d *rtl.Design, all func(func([]uint64) bool), reference func([]uint64) uint32) string {
	dir, err := os.MkdirTemp("", "fmaq-fuzz-")
	require.NoError(t, err)
	o := verilog.Options{Tool: "fmaq FuzzParams", Hash: config.ShortHash(p), Parameters: config.Tables(p)}
	all(func(in []uint64) bool {
		o.Vectors = append(o.Vectors, append(append([]uint64{}, in...), uint64(reference(in))))
		return true
	})
	files, err := verilog.Generate(d, o)
	require.NoError(t, err)
	_, err = verilog.WriteDir(dir, files, verilog.WriteOptions{})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.toml"), config.Canonical(p), 0o644))
	return dir
}

// A failure of FuzzParams leaves a folder that the bench and the command line can use as it is.
func TestFuzzFailureIsReplayable(t *testing.T) {
	c, err := config.Resolve("m4e3")
	require.NoError(t, err)
	d, err := gen.Build(c.Params)
	require.NoError(t, err)
	dir := keep(t, c.Params, d, func(yield func([]uint64) bool) { yield([]uint64{1, 2, 3}) }, func([]uint64) uint32 { return 3 })
	defer os.RemoveAll(dir)
	again, err := config.Resolve(filepath.Join(dir, "config.toml"))
	require.NoError(t, err)
	require.Equal(t, c.Params, again.Params)
	require.FileExists(t, filepath.Join(dir, verilog.VectorsPath))
}

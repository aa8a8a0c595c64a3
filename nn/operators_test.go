package nn

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ramp is the goldens' input; see testdata/golden.py.
func ramp(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i*29%101-50) / 16
	}
	return v
}

// TestOperators compares every operator with what ONNX Runtime 1.32.0 answers; see testdata/golden.py.
func TestOperators(t *testing.T) {
	file, err := os.ReadFile("testdata/operators.json")
	require.NoError(t, err)
	var answers map[string]struct {
		Shape  []int
		Values []float32
	}
	require.NoError(t, json.Unmarshal(file, &answers))
	models, err := filepath.Glob("testdata/operators/*.onnx")
	require.NoError(t, err)
	require.Len(t, models, len(answers))
	for _, path := range models {
		name := strings.TrimSuffix(filepath.Base(path), ".onnx")
		t.Run(name, func(t *testing.T) {
			n, err := Open(path)
			require.NoError(t, err)
			want := answers[name]
			assert.Equal(t, want.Shape, n.Output())
			r := n.newRunner(plain())
			perImage := size(n.Input())
			copy(r.input(), ramp(2*perImage))
			assertClose(t, want.Values, r.run(0, 2, nil))
		})
	}
}

// assertClose compares within 1e-4 of the largest magnitude wanted.
func assertClose(t *testing.T, want, got []float32) {
	t.Helper()
	require.Len(t, got, len(want))
	limit := 1e-4 * float64(largest(want))
	for i := range want {
		if d := math.Abs(float64(want[i]) - float64(got[i])); !(d <= limit) {
			assert.Fail(t, "differs", "element %d: %v, want %v", i, got[i], want[i])
		}
	}
}

// TestGroups has the quantised modes take grouped convolutions and transposed operands: with a wide format they must
// find what float32 does, up to the quantised operands' last place.
func TestGroups(t *testing.T) {
	spec := testSpec(t, "M10E5", "M23E8")
	for _, name := range []string{"conv_group", "conv_depthwise", "conv_strides", "gemm_trans", "gemm", "matmul_add", "residual"} {
		n, err := Open("testdata/operators/" + name + ".onnx")
		require.NoError(t, err)
		x := ramp(2 * size(n.Input()))
		exact := n.newRunner(plain())
		copy(exact.input(), x)
		want := exact.run(0, 2, nil)
		ranges := make(Ranges, len(n.layers))
		for i := range ranges {
			ranges[i] = largest(x)
		}
		q, err := n.Quantise(spec, ranges, 0)
		require.NoError(t, err)
		for mode, a := range map[string]arithmetic{"operands": q.operands(), "fmaq": q.newFMAq(true)} {
			r := n.newRunner(a)
			copy(r.input(), x)
			got := r.run(0, 2, nil)
			assert.Equal(t, x, r.input()[:len(x)], "other nodes may use the input too")
			for i := range want {
				assert.InDelta(t, want[i], got[i], 4e-3*float64(largest(want)), "%s, %s, element %d", name, mode, i)
			}
		}
	}
}

// TestLeNetLogits compares with ONNX Runtime 1.32.0; testdata/golden.py --check does so for all images.
func TestLeNetLogits(t *testing.T) {
	file, err := os.ReadFile("testdata/lenet.json")
	require.NoError(t, err)
	var want [][]float32
	require.NoError(t, json.Unmarshal(file, &want))
	logits, err := LeNet().Outputs(context.Background(), testSet())
	require.NoError(t, err)
	for i, w := range want {
		assertClose(t, w, logits[10*i:10*i+10])
	}
	if *dump != "" {
		writeFloats(t, *dump, logits)
	}
}

package mnist

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/nn/data"
)

func TestEmbedded(t *testing.T) {
	// The counts of each digit are those of the distribution.
	for _, c := range []struct {
		set    *data.Set
		counts [10]int
	}{
		{Train(), [10]int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}},
		{Test(), [10]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}},
	} {
		assert.Equal(t, []int{1, 28, 28}, c.set.Shape())
		assert.Len(t, c.set.Pixels, 28*28*c.set.Len())
		var counts [10]int
		for _, l := range c.set.Labels {
			counts[l]++
		}
		assert.Equal(t, c.counts, counts, c.set.Name)
	}
}

func TestLoad(t *testing.T) {
	s, err := LoadTest("idx")
	require.NoError(t, err)
	assert.Equal(t, Test().Pixels, s.Pixels)
	assert.Equal(t, "idx", s.Name)
	dir := t.TempDir()
	_, err = LoadTrain(dir)
	assert.ErrorContains(t, err, dir)
	assert.ErrorContains(t, err, "train-images-idx3-ubyte: no such file")
	assert.ErrorContains(t, err, "train-labels-idx1-ubyte: no such file")
}

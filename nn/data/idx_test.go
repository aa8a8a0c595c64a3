package data

import (
	"bytes"
	"compress/gzip"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two images of 2 by 3 pixels, and their labels.
var (
	images = []byte("\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x03" + "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\xff")
	labels = []byte("\x00\x00\x08\x01\x00\x00\x00\x02" + "\x07\x09")
)

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, err := z.Write(b)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return buf.Bytes()
}

func TestRead(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"plain":            {"i": {Data: images}, "l": {Data: labels}},
		"gz":               {"i.gz": {Data: zipped(t, images)}, "l.gz": {Data: zipped(t, labels)}},
		"mixed":            {"i": {Data: images}, "l.gz": {Data: zipped(t, labels)}},
		"misleading names": {"i": {Data: zipped(t, images)}, "l.gz": {Data: labels}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Read(fsys, "set", "i", "l")
			require.NoError(t, err)
			assert.Equal(t, &Set{Name: "set", Rows: 2, Cols: 3, Pixels: images[16:], Labels: []byte{7, 9}}, s)
			assert.Equal(t, 2, s.Len())
			assert.Equal(t, []int{1, 2, 3}, s.Shape())
			x := make([]float32, 6)
			s.Image(1, x)
			assert.Equal(t, []float32{6. / 255, 7. / 255, 8. / 255, 9. / 255, 10. / 255, 1}, x)
			assert.Equal(t, images[16:22], s.First(1).Pixels)
			assert.Equal(t, 2, s.First(5).Len())
		})
	}
	s, err := Read(fstest.MapFS{"i": {Data: images}, "l": {Data: labels}}, "set", "i.gz", "l.gz")
	require.NoError(t, err)
	assert.Equal(t, 2, s.Len())
}

func TestReadErrors(t *testing.T) {
	changed := func(b []byte, at int, v byte) []byte {
		c := bytes.Clone(b)
		c[at] = v
		return c
	}
	damaged := zipped(t, images)
	damaged[len(damaged)-6] ^= 1 // in the checksum
	for name, c := range map[string]struct {
		images, labels []byte
		want           []string
	}{
		"missing":       {nil, nil, []string{"i: no such file, and no i.gz either", "l: no such file, and no l.gz either"}},
		"empty":         {[]byte{}, labels, []string{"i: truncated: 0 bytes of header, want 16"}},
		"header":        {images[:9], labels, []string{"i: truncated: 9 bytes of header, want 16"}},
		"elements":      {images[:20], labels[:9], []string{"i: truncated: 4 bytes of elements, want 12", "l: truncated: 1 bytes of elements, want 2"}},
		"trailing":      {append(bytes.Clone(images), 0), labels, []string{"i: 1 bytes after the 12 elements that dimensions [2 2 3] ask for: want none"}},
		"swapped":       {labels, images, []string{"i: truncated", "l: magic number 0x00000803: want 0x00000801"}},
		"type":          {changed(images, 2, 0x0d), labels, []string{"i: magic number 0x00000d03: want 0x00000803"}},
		"not idx":       {[]byte("P5 28 28 255 and more"), labels, []string{"i: magic number 0x50352032"}},
		"no images":     {changed(images, 7, 0), labels, []string{"i: dimension 0 is 0: want 1 to 10000000"}},
		"huge":          {changed(images, 4, 0xff), labels, []string{"i: dimension 0 is 4278190082: want 1 to 10000000"}},
		"wide":          {changed(images, 13, 0xff), labels, []string{"i: dimension 2 is 16711683: want 1 to 4096"}},
		"label":         {images, changed(labels, 9, 10), []string{"l: label 1 is 10: want 0 to 9"}},
		"count":         {images, append(changed(labels, 7, 3), 1), []string{"i: 2 images, but l has 3 labels: want as many"}},
		"gzip header":   {[]byte{0x1f, 0x8b, 0, 0}, labels, []string{"i: damaged gzip header"}},
		"gzip cut":      {zipped(t, images)[:25], labels, []string{"i: truncated"}},
		"gzip checksum": {damaged, labels, []string{"i: after the elements: gzip: invalid checksum"}},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			if c.images != nil {
				fsys["i"] = &fstest.MapFile{Data: c.images}
			}
			if c.labels != nil {
				fsys["l"] = &fstest.MapFile{Data: c.labels}
			}
			_, err := Read(fsys, "set", "i", "l")
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

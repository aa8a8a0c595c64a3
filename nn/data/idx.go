package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// The idx format of the MNIST distribution: a big-endian magic number whose third byte is the element type and whose
// fourth is the number of dimensions, the dimensions as big-endian 32-bit integers, the elements row by row.
const (
	magicLabels = 0x00000801 // unsigned bytes, one dimension
	magicImages = 0x00000803 // unsigned bytes, three dimensions
)

// Bounds on what the reader accepts, so that a damaged header cannot ask for absurd memory.
const (
	maxImages = 10_000_000
	maxSide   = 4096
)

// Read reads an image and a label file from fsys. Each name may carry ".gz" or not; where only the other form exists, it
// is taken. A file counts as compressed if it starts as gzip does, whatever its name.
//
// The error of each file that is missing, damaged, truncated, too long or of the wrong kind is returned, with its name,
// what was found and what is accepted.
func Read(fsys fs.FS, name, images, labels string) (*Set, error) {
	shape, pixels, errImages := readIDX(fsys, images, magicImages)
	_, classes, errLabels := readIDX(fsys, labels, magicLabels)
	if err := errors.Join(errImages, errLabels); err != nil {
		return nil, err
	}
	if shape[0] != len(classes) {
		return nil, fmt.Errorf("%s: %d images, but %s has %d labels: want as many", images, shape[0], labels, len(classes))
	}
	for i, c := range classes {
		if c >= Classes {
			return nil, fmt.Errorf("%s: label %d is %d: want 0 to %d", labels, i, c, Classes-1)
		}
	}
	return &Set{Name: name, Rows: shape[1], Cols: shape[2], Pixels: pixels, Labels: classes}, nil
}

// readIDX returns dimensions and elements of one file.
func readIDX(fsys fs.FS, name string, magic uint32) (shape []int, elements []byte, err error) {
	f, err := open(fsys, name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	shape, elements, err = decodeIDX(f, magic)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return shape, elements, nil
}

func open(fsys fs.FS, name string) (fs.File, error) {
	f, err := fsys.Open(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	other := name + ".gz"
	if len(name) > 3 && name[len(name)-3:] == ".gz" {
		other = name[:len(name)-3]
	}
	if g, errOther := fsys.Open(other); errOther == nil {
		return g, nil
	}
	return nil, fmt.Errorf("%s: no such file, and no %s either", name, other)
}

func decodeIDX(src io.Reader, magic uint32) (shape []int, elements []byte, err error) {
	r := bufio.NewReader(src)
	if start, _ := r.Peek(2); bytes.Equal(start, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, fmt.Errorf("damaged gzip header: %w", err)
		}
		r = bufio.NewReader(z)
	}
	dims := int(magic & 0xff)
	header := make([]byte, 4+4*dims)
	if n, err := io.ReadFull(r, header); err != nil {
		return nil, nil, short("header", n, len(header), err)
	}
	if got := binary.BigEndian.Uint32(header); got != magic {
		return nil, nil, fmt.Errorf("magic number 0x%08x: want 0x%08x (idx, unsigned bytes, %d dimensions)", got, magic, dims)
	}
	size := 1
	for i := range dims {
		limit := uint32(maxSide)
		if i == 0 {
			limit = maxImages
		}
		d := binary.BigEndian.Uint32(header[4+4*i:])
		if d < 1 || d > limit {
			return nil, nil, fmt.Errorf("dimension %d is %d: want 1 to %d", i, d, limit)
		}
		shape = append(shape, int(d))
		size *= int(d)
	}
	// Growing with what really arrives keeps a header that lies from allocating.
	var buf bytes.Buffer
	n, err := io.CopyN(&buf, r, int64(size))
	if err != nil {
		return nil, nil, short("elements", int(n), size, err)
	}
	// Reading on checks gzip's checksum as well.
	extra, err := io.Copy(io.Discard, r)
	if err != nil {
		return nil, nil, fmt.Errorf("after the elements: %w", err)
	}
	if extra > 0 {
		return nil, nil, fmt.Errorf("%d bytes after the %d elements that dimensions %v ask for: want none", extra, size, shape)
	}
	return shape, buf.Bytes(), nil
}

func short(what string, got, want int, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("truncated: %d bytes of %s, want %d", got, what, want)
	}
	return fmt.Errorf("%s: %w", what, err)
}

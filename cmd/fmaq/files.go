package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// writeFile writes a file whole or not at all, and makes the folders above it.
func writeFile(path string, data []byte) error {
	f, err := newOutput(path)
	if err != nil {
		return err
	}
	defer f.discard()
	return f.write(data)
}

// output is a file to come: an empty one beside its place, made before the work whose result it will hold, so that a
// path that cannot be written is known in time.
type output struct {
	path string
	file *os.File // nil once it is in place or discarded
	made []string // folders made for it, outermost first
}

// newOutput makes the folders above a path and the temporary file. The caller discards it in the end, come what may.
func newOutput(path string) (*output, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a directory: want a file", path)
	}
	o := &output{path: path}
	err := o.makeFolder(filepath.Dir(path))
	if err == nil {
		name := fmt.Sprintf(".%s.%d", filepath.Base(path), os.Getpid())
		o.file, err = os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	}
	if err != nil {
		o.discard()
		return nil, err
	}
	return o, nil
}

func (o *output) makeFolder(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := o.makeFolder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	o.made = append(o.made, dir)
	return nil
}

// write fills the file and puts it in its place.
func (o *output) write(data []byte) error {
	_, err := o.file.Write(data)
	if err := errors.Join(err, o.file.Sync(), o.file.Close()); err != nil {
		return fmt.Errorf("%s: %w", o.path, err)
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return err
	}
	o.file, o.made = nil, nil
	return nil
}

// discard removes the file and the folders made for it, unless it is in its place.
func (o *output) discard() {
	if o.file != nil {
		_ = o.file.Close() // a second time does no harm
		_ = os.Remove(o.file.Name())
		o.file = nil
	}
	for i := len(o.made) - 1; i >= 0; i-- {
		_ = os.Remove(o.made[i]) // one that somebody else has put something into stays
	}
}

package verilog_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fmaq/verilog"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tree reads everything below a directory.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if e.IsDir() {
			files[name+"/"] = ""
			return nil
		}
		text, err := os.ReadFile(path)
		files[name] = string(text)
		return err
	}))
	return files
}

// generation returns files with a manifest that lists them.
func generation(t *testing.T, module string) []verilog.File {
	t.Helper()
	files, err := verilog.Generate(example(), options)
	require.NoError(t, err)
	if module != "example" { // one module with another name
		old := files[1].Path
		files[1].Path = "rtl/" + module + ".v"
		manifest := &files[len(files)-1]
		manifest.Data = []byte(strings.ReplaceAll(string(manifest.Data), old, files[1].Path))
	}
	return files
}

func put(t *testing.T, text string, path ...string) {
	t.Helper()
	name := filepath.Join(path...)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
}

func TestWriteDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "deep")
	files := generation(t, "example")
	report, err := verilog.WriteDir(dir, files, verilog.WriteOptions{})
	require.NoError(t, err)
	assert.Len(t, report.Written, len(files))
	got := tree(t, dir)
	for _, f := range files {
		assert.Equal(t, string(f.Data), got[filepath.FromSlash(f.Path)], f.Path)
	}
	assert.Len(t, got, len(files)+2, "the files, rtl/ and tb/, and no work folder")

	// Again, among foreign files.
	put(t, "mine", dir, "notes.txt")
	put(t, "mine", dir, "rtl", "other.v")
	_, err = verilog.WriteDir(dir, files, verilog.WriteOptions{})
	require.NoError(t, err)

	// The next generation lacks a module: it goes, foreign files stay.
	report, err = verilog.WriteDir(dir, generation(t, "renamed"), verilog.WriteOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"rtl/example.v"}, report.Removed)
	got = tree(t, dir)
	assert.NotContains(t, got, "rtl/example.v")
	assert.Contains(t, got, "rtl/renamed.v")
	assert.Equal(t, "mine", got["notes.txt"])
	assert.Equal(t, "mine", got["rtl/other.v"])

	// One that was edited stays too.
	put(t, "edited", dir, "rtl", "renamed.v")
	report, err = verilog.WriteDir(dir, files, verilog.WriteOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"rtl/renamed.v"}, report.Kept)
	assert.Equal(t, "edited", tree(t, dir)["rtl/renamed.v"])
}

func TestWriteDirConflicts(t *testing.T) {
	files := generation(t, "example")
	var conflict *verilog.ConflictError
	t.Run("foreign", func(t *testing.T) {
		dir := t.TempDir()
		put(t, "mine", dir, "rtl", "example.v")
		put(t, `{"name": "a web page"}`, dir, "manifest.json")
		before := tree(t, dir)
		_, err := verilog.WriteDir(dir, files, verilog.WriteOptions{Force: true})
		require.ErrorAs(t, err, &conflict)
		assert.Equal(t, []string{"rtl/example.v", "manifest.json"}, conflict.Foreign)
		assert.ErrorContains(t, err, dir)
		assert.Equal(t, before, tree(t, dir))
	})
	t.Run("edited", func(t *testing.T) {
		dir := t.TempDir()
		_, err := verilog.WriteDir(dir, files, verilog.WriteOptions{})
		require.NoError(t, err)
		put(t, "edited", dir, "rtl", "example.v")
		before := tree(t, dir)
		_, err = verilog.WriteDir(dir, files, verilog.WriteOptions{})
		require.ErrorAs(t, err, &conflict)
		assert.Equal(t, []string{"rtl/example.v"}, conflict.Edited)
		assert.Equal(t, before, tree(t, dir))
		_, err = verilog.WriteDir(dir, files, verilog.WriteOptions{Force: true})
		require.NoError(t, err)
		assert.NotEqual(t, before, tree(t, dir))
	})
}

// TestWriteDirFails makes writing fail, also midway, and finds everything as it was.
func TestWriteDirFails(t *testing.T) {
	files := generation(t, "example")
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
		below   string // the path to write to, below the prepared directory
		want    string // in the error
	}{
		{"a file", func(t *testing.T, dir string) { put(t, "mine", dir, "out") }, "out", "out: is a file"},
		{"below a file", func(t *testing.T, dir string) { put(t, "mine", dir, "out") }, "out/deep", "out"},
		{"a folder is a file", func(t *testing.T, dir string) { put(t, "mine", dir, "rtl") }, "", "rtl"},
		{"a file is a folder", func(t *testing.T, dir string) { put(t, "mine", dir, "fmaq.f", "x") }, "", "fmaq.f"},
		{"a folder leads nowhere", func(t *testing.T, dir string) {
			require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "tb"))) // found only after rtl is in place
		}, "", "tb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			test.prepare(t, dir)
			list := func() map[string]string { // a dangling link cannot be read
				names := map[string]string{}
				entries, err := os.ReadDir(dir)
				require.NoError(t, err)
				for _, e := range entries {
					names[e.Name()] = e.Type().String()
				}
				return names
			}
			before := list()
			_, err := verilog.WriteDir(filepath.Join(dir, test.below), files, verilog.WriteOptions{})
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, dir)
			assert.Equal(t, before, list())
		})
	}
}

// TestWriteDirUndoes fails after files of an earlier generation have been replaced.
func TestWriteDirUndoes(t *testing.T) {
	dir := t.TempDir()
	files := generation(t, "example")
	_, err := verilog.WriteDir(dir, files, verilog.WriteOptions{})
	require.NoError(t, err)
	for i := range files {
		files[i].Data = append(files[i].Data, '\n')
	}
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "tb")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "tb")))
	before, err := os.ReadFile(filepath.Join(dir, "rtl", "example.v"))
	require.NoError(t, err)
	_, err = verilog.WriteDir(dir, files, verilog.WriteOptions{})
	require.ErrorContains(t, err, "tb")
	after, err := os.ReadFile(filepath.Join(dir, "rtl", "example.v"))
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 4, "rtl, tb, fmaq.f, manifest.json")
}

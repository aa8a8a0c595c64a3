package exact_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestIndependent holds the oracle to sharing types, fields and constants with package fp and nothing that computes,
// and to no floating point of Go's own.
func TestIndependent(t *testing.T) {
	fset := token.NewFileSet()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, e.Name(), nil, 0)
		require.NoError(t, err)
		files = append(files, f)
		for _, i := range f.Imports {
			assert.Contains(t, []string{`"fmaq/fp"`, `"math/big"`, `"sync"`}, i.Path.Value, "import of %s", e.Name())
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	_, err = config.Check("fmaq/fp/exact", fset, files, info)
	require.NoError(t, err)
	shared := 0
	for ident, object := range info.Uses {
		if b, ok := object.(*types.TypeName); ok && b.Pkg() == nil {
			assert.NotContains(t, b.Name(), "float", "%v", fset.Position(ident.Pos()))
		}
		if object.Pkg() == nil || object.Pkg().Path() != "fmaq/fp" {
			continue
		}
		shared++
		_, computes := object.(*types.Func)
		assert.False(t, computes, "%v: uses fp.%s", fset.Position(ident.Pos()), object.Name())
	}
	assert.NotZero(t, shared, "no use of package fp found: the check is blind")
}

package verilog_test

import (
	"strings"
	"testing"

	"fmaq/gen/rtl"
	"fmaq/verilog"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// body prints a module and returns what stands between its ports and its end.
func body(t *testing.T, m *rtl.Module) string {
	t.Helper()
	d, err := rtl.NewDesign(m)
	require.NoError(t, err)
	files, err := verilog.RTL(d, verilog.Options{})
	require.NoError(t, err)
	text := string(files[len(files)-1].Data)
	_, text, ok := strings.Cut(text, "\n);\n")
	require.True(t, ok)
	text, _, ok = strings.Cut(text, "\nendmodule")
	require.True(t, ok)
	return strings.Trim(text, "\n")
}

// TestCells holds the text of every kind of cell, and of some of each in others.
func TestCells(t *testing.T) {
	covered := map[rtl.Kind]bool{}
	for _, test := range []struct {
		name  string
		kind  rtl.Kind
		build func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net // a, b of 4 bits, c of one
		want  string
	}{
		{"constant", rtl.Const, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Const(3, 5) }, "3'b101"},
		{"wide constant", rtl.Const, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Const(13, 0x1f) }, "13'h001f"},
		{"zero", rtl.Const, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Const(64, 0) }, "64'd0"},
		{"slice", rtl.Slice, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Slice("", a, 2, 1) }, "a_i[2:1]"},
		{"bit", rtl.Slice, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Bit(a, 3) }, "a_i[3]"},
		{"bit of a bit", rtl.Slice, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Bit(c, 0) }, "c_i"},
		{"concatenation", rtl.Concat, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net {
			return m.Concat("", m.Concat("", c, m.Const(1, 0)), m.Const(2, 3), a, a)
		}, "{c_i, 3'b011, {2{a_i}}}"},
		{"replication", rtl.Concat, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Concat("", c, c, c) }, "{3{c_i}}"},
		{"zero extension", rtl.ZeroExtend, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.ZeroExtend("", 9, a) },
			"{5'd0, a_i}"},
		{"sign extension", rtl.SignExtend, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.SignExtend("", 9, a) },
			"{{5{a_i[3]}}, a_i}"},
		{"sign extension of a bit", rtl.SignExtend, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.SignExtend("", 9, c) },
			"{9{c_i}}"},
		{"not", rtl.Not, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Not("", a) }, "~a_i"},
		{"not of or", rtl.Not, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Not("", m.Or("", a, b)) }, "~(a_i | b_i)"},
		{"not of any", rtl.Not, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Not("", m.ReduceOr("", a)) }, "~|a_i"},
		{"and of ors", rtl.And, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net {
			return m.And("", m.Or("", a, b), m.Not("", b), m.And("", a, b))
		}, "(a_i | b_i) & ~b_i & a_i & b_i"},
		{"or", rtl.Or, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Or("", c, m.ReduceXor("", a)) }, "c_i | (^a_i)"},
		{"xor", rtl.Xor, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Xor("", a, m.Const(4, 6)) }, "a_i ^ 4'b0110"},
		{"all", rtl.ReduceAnd, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.ReduceAnd("", m.Xor("", a, b)) },
			"&(a_i ^ b_i)"},
		{"any", rtl.ReduceOr, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.ReduceOr("", a) }, "|a_i"},
		{"any of a bit", rtl.ReduceOr, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.ReduceOr("", c) }, "c_i"},
		{"parity", rtl.ReduceXor, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.ReduceXor("", a) }, "^a_i"},
		{"add", rtl.Add, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Add("", 4, m.Add("", 4, a, b), b) },
			"a_i + b_i + b_i"},
		{"add with carries", rtl.Add, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Add("", 5, a, m.Const(4, 9), c) },
			"{1'b0, a_i} + 5'd9 + {4'b0000, c_i}"},
		{"subtract", rtl.Sub, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Sub("", 4, a, m.Sub("", 4, b, a)) },
			"a_i - (b_i - a_i)"},
		{"subtract with borrow", rtl.Sub, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Sub("", 5, a, b) },
			"{1'b0, a_i} - {1'b0, b_i}"},
		{"multiply", rtl.Mul, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Mul("", a, c) }, "{1'b0, a_i} * {4'b0000, c_i}"},
		{"equal", rtl.Eq, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Eq("", a, m.Const(4, 12)) }, "a_i == 4'd12"},
		{"less", rtl.Less, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Less("", m.And("", a, b), b) },
			"(a_i & b_i) < b_i"},
		{"never less", rtl.Less, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Less("", a, m.Const(4, 0)) }, "1'b0"},
		{"multiplexer", rtl.Mux, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net {
			return m.Mux("", m.Eq("", a, b), m.Mux("", c, a, b), m.Mux("", c, b, a))
		}, "(a_i == b_i) ? (c_i ? a_i : b_i) : c_i ? b_i : a_i"},
		{"shift left", rtl.ShiftLeft, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.ShiftLeft("", a, m.Slice("", b, 2, 0)) },
			"a_i << b_i[2:0]"},
		{"shift right", rtl.ShiftRight, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net {
			return m.ShiftRight("", m.Add("", 4, a, b), c)
		}, "(a_i + b_i) >> c_i"},
		{"register", rtl.Register, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net { return m.Register("", a, false) }, "y_q"},
		{"instance", rtl.Instance, func(m *rtl.Module, a, b, c *rtl.Net) *rtl.Net {
			sub := rtl.NewModule("sub", "")
			sub.Output("z_o", sub.Not("", sub.Input("p_i", 4)))
			return m.Instance("u", sub, rtl.Ports{"p_i": m.Xor("", a, b)})["z_o"]
		}, "z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			covered[test.kind] = true
			m := rtl.NewModule("m", "")
			m.ClockInput("clk_i")
			m.Output("y_o", test.build(m, m.Input("a_i", 4), m.Input("b_i", 4), m.Input("c_i", 1)))
			assert.Contains(t, body(t, m), "assign y_o = "+test.want+";")
		})
	}
	for _, kind := range rtl.Kinds() {
		assert.True(t, covered[kind], "%v has no test", kind)
	}
}

// TestNames is about nets that have no name and yet get one.
func TestNames(t *testing.T) {
	t.Run("read twice", func(t *testing.T) {
		m := rtl.NewModule("m", "")
		a, b := m.Input("a_i", 4), m.Input("b_i", 4)
		sum := m.Add("", 4, a, b)
		m.Output("y_o", m.Xor("y", sum, m.ShiftLeft("", sum, b)))
		assert.Equal(t, "    wire [3:0] y_sum = a_i + b_i;\n    wire [3:0] y     = y_sum ^ (y_sum << b_i);\n\n    assign y_o = y;", body(t, m))
	})
	t.Run("taken", func(t *testing.T) {
		m := rtl.NewModule("m", "")
		a, b := m.Input("y_sum", 4), m.Input("b_i", 4)
		sum := m.Add("", 4, a, b)
		m.Output("y_o", m.Xor("", sum, m.ShiftLeft("", sum, b)))
		assert.Contains(t, body(t, m), "wire [3:0] y_sum_2 = y_sum + b_i;")
	})
	t.Run("cheap", func(t *testing.T) {
		m := rtl.NewModule("m", "")
		a, c := m.Input("a_i", 4), m.Input("c_i", 1)
		not := m.Not("", c)
		m.Output("y_o", m.Concat("", not, m.And("", not, m.Bit(a, 0))))
		assert.Contains(t, body(t, m), "assign y_o = {~c_i, ~c_i & a_i[0]};")
	})
	t.Run("large", func(t *testing.T) {
		m := rtl.NewModule("m", "")
		a := m.Input("a_i", 12)
		var bits []*rtl.Net
		for i := range 12 {
			bits = append(bits, m.Bit(a, i))
		}
		m.Output("y_o", m.Not("", m.Or("", bits...)))
		text := body(t, m)
		assert.Contains(t, text, "wire y_or = a_i[0] | ")
		assert.Contains(t, text, "assign y_o = ~y_or;")
	})
	t.Run("of a port", func(t *testing.T) {
		sub := rtl.NewModule("sub", "")
		sub.Output("z_o", sub.Input("p_i", 4))
		m := rtl.NewModule("m", "")
		a, b := m.Input("a_i", 4), m.Input("b_i", 4)
		m.Output("y_o", m.Instance("u", sub, rtl.Ports{"p_i": m.Add("", 4, a, b)})["z_o"])
		text := body(t, m)
		assert.Contains(t, text, "wire [3:0] u_p_sum = a_i + b_i;")
		assert.Contains(t, text, ".p_i (u_p_sum),")
	})
}

func TestUnused(t *testing.T) {
	m := rtl.NewModule("m", "")
	a := m.Input("a_i", 8)
	m.Input("b_i", 2)
	m.Not("dead", m.Slice("", a, 5, 4))
	m.Output("y_o", m.Slice("", a, 2, 1))
	assert.Contains(t, body(t, m), "wire unused = &{1'b0, a_i[0], a_i[3], a_i[7:6], b_i, dead, 1'b0};")
}

// TestRows is about registers: those of one row of the pipeline stand together, whatever the order of the cells.
func TestRows(t *testing.T) {
	m := rtl.NewModule("m", "")
	m.ClockInput("clk_i")
	m.ResetInput("rst_ni")
	a, b := m.Input("a_i", 4), m.Input("b_i", 4)
	a1 := m.Register("a_s1", a, false)
	a2 := m.Register("a_s2", a1, false)
	b1 := m.Register("b_s1", b, true)
	m.Output("y_o", m.Xor("", a2, m.Register("b_s2", b1, true)))
	assert.Equal(t, `    // Registers, row 1.
    reg [3:0] a_s1;
    reg [3:0] b_s1;

    always @(posedge clk_i) begin
        if (!rst_ni) begin
            b_s1 <= 4'b0000;
        end else begin
            b_s1 <= b_i;
        end
    end

    always @(posedge clk_i) begin
        a_s1 <= a_i;
    end

    // Registers, row 2.
    reg [3:0] a_s2;
    reg [3:0] b_s2;

    always @(posedge clk_i) begin
        if (!rst_ni) begin
            b_s2 <= 4'b0000;
        end else begin
            b_s2 <= b_s1;
        end
    end

    always @(posedge clk_i) begin
        a_s2 <= a_s1;
    end

    assign y_o = a_s2 ^ b_s2;`, body(t, m))
}

// TestComments: notes reach the text, long ones are wrapped, and none can give an order to a tool.
func TestComments(t *testing.T) {
	m := rtl.NewModule("m", "Head.\n\n  a diagram   |")
	m.Note("verilator lint_off WIDTH\n%s", strings.Repeat("long words ", 20))
	m.Output("y_o", m.Not("y", m.Input("a_i", 1)))
	d, err := rtl.NewDesign(m)
	require.NoError(t, err)
	files, err := verilog.RTL(d, verilog.Options{})
	require.NoError(t, err)
	text := string(files[0].Data)
	assert.Contains(t, text, "// m: Head.\n//\n//   a diagram   |\n")
	assert.Contains(t, text, "    // \"verilator\" lint_off WIDTH\n    // long words")
	for _, line := range strings.Split(text, "\n") {
		assert.Less(t, len(line), 118)
	}
}

package verilog

import (
	"errors"
	"fmt"
	"strings"

	"fmaq/gen/rtl"
)

// unusedName is the wire that gathers the bits that nothing reads.
const unusedName = "unused"

const indent = "    "

// printer prints one module.
type printer struct {
	strings.Builder
	module *rtl.Module
	names  []string // of the nets that are declared, by index
	read   []uint64 // bits that some printed expression reads, by net index
	group  []declaration
	row    []*rtl.Cell // registers of one row of the pipeline
}

// declaration is `wire [7:0] name = value;`, or without value.
type declaration struct {
	kind  string // wire or reg
	net   *rtl.Net
	value expr // or nil
}

// moduleText prints a module from the line before `module` to the end of its file. Notes tell of its ports.
func moduleText(m *rtl.Module, notes map[string]PortNote) (string, error) {
	if err := checkNames(m); err != nil {
		return "", err
	}
	p := &printer{module: m, names: netNames(m), read: make([]uint64, len(m.Nets))}
	p.WriteString("`default_nettype none\n\n")
	p.ports(notes)
	cells, row := inOrder(m)
	for _, c := range cells {
		switch {
		case c.Kind == rtl.Instance:
			p.flush()
			p.instance(c)
		case p.names[c.Out[0].Index] == "":
		case c.Kind == rtl.Register:
			if len(p.row) == 0 || row[p.row[0]] != row[c] {
				p.flush()
				p.blank()
				fmt.Fprintf(p, "    // Registers, row %d.\n", row[c])
			}
			if c.Doc != "" {
				comment(&p.Builder, indent, c.Doc)
			}
			p.row = append(p.row, c)
		default:
			if len(p.row) > 0 || c.Doc != "" {
				p.flush()
			}
			p.doc(c)
			p.group = append(p.group, declaration{"wire", c.Out[0], p.cell(c)})
		}
	}
	p.flush()
	p.outputs()
	p.unused()
	p.WriteString("endmodule\n\n`default_nettype wire\n")
	return p.String(), nil
}

func checkNames(m *rtl.Module) error {
	var errs []error
	check := func(what, name string) {
		switch {
		case keywords[name]:
			errs = append(errs, fmt.Errorf("module %s: %s %s: a reserved word of Verilog or SystemVerilog", m.Name, what, name))
		case name == unusedName:
			errs = append(errs, fmt.Errorf("module %s: %s %s: the name is kept for the bits that nothing reads", m.Name, what, name))
		}
	}
	check("module", m.Name)
	for _, n := range m.Nets {
		check("net", n.Name)
	}
	for _, o := range m.Outputs {
		check("output", o.Name)
	}
	for _, c := range m.Cells {
		if c.Kind == rtl.Instance {
			check("instance", c.Name)
		}
	}
	return errors.Join(errs...)
}

// ports prints the head of the module, one port a line.
func (p *printer) ports(notes map[string]PortNote) {
	type port struct{ head, name, note string }
	var ports []port
	widest := 0
	for _, n := range p.module.Inputs {
		widest = max(widest, len(span(n.Width)))
	}
	for _, o := range p.module.Outputs {
		widest = max(widest, len(span(o.Net.Width)))
	}
	add := func(head, name string, width int) {
		if widest > 0 {
			head += fmt.Sprintf(" %-*s", widest, span(width))
		}
		note := strings.Join(strings.Fields(notes[name].Doc), " ")
		if notes[name].Signed {
			note = strings.TrimSuffix("two's complement; "+note, "; ")
		}
		ports = append(ports, port{head, name, note})
	}
	for _, n := range p.module.Inputs {
		add("input  wire", n.Name, n.Width)
	}
	for _, o := range p.module.Outputs {
		add("output wire", o.Name, o.Net.Width)
	}
	longest := 0
	for _, port := range ports {
		longest = max(longest, len(port.name)+1)
	}
	fmt.Fprintf(p, "module %s (\n", p.module.Name)
	for i, port := range ports {
		name := port.name
		if i < len(ports)-1 {
			name += ","
		}
		line := indent + port.head + " " + name
		if port.note != "" {
			line += strings.Repeat(" ", longest-len(name)) + " // " + port.note
		}
		p.WriteString(line + "\n")
	}
	p.WriteString(");\n")
	p.blank()
}

// blank ends a paragraph: the next line follows one empty line.
func (p *printer) blank() {
	if !strings.HasSuffix(p.String(), "\n\n") {
		p.WriteString("\n")
	}
}

// span is the range of a declaration: [7:0], or nothing for one bit.
func span(width int) string {
	if width == 1 {
		return ""
	}
	return fmt.Sprintf("[%d:0]", width-1)
}

func (p *printer) doc(c *rtl.Cell) {
	if c.Doc != "" {
		p.blank()
		comment(&p.Builder, indent, c.Doc)
	}
}

// flush prints the declarations gathered so far, aligned, and the always blocks of the row of registers.
func (p *printer) flush() {
	if len(p.row) > 0 {
		p.registers()
	}
	if len(p.group) == 0 {
		return
	}
	p.declare(p.group)
	p.group = nil
}

func (p *printer) declare(group []declaration) {
	widest, longest := 0, 0
	for _, d := range group {
		widest = max(widest, len(span(d.net.Width)))
		if d.value != nil {
			longest = max(longest, len(p.names[d.net.Index]))
		}
	}
	for _, d := range group {
		head := indent + d.kind + " "
		if widest > 0 {
			head += fmt.Sprintf("%-*s ", widest, span(d.net.Width))
		}
		head += p.names[d.net.Index]
		if d.value != nil {
			head += strings.Repeat(" ", longest-len(p.names[d.net.Index])) + " = "
			head += format(d.value, len(head))
			p.use(d.value)
		}
		p.WriteString(head + ";\n")
	}
}

// registers prints a row of registers: declarations, the block of those that reset clears, the block of the others.
func (p *printer) registers() {
	var group []declaration
	var clear, hold []*rtl.Cell
	for _, c := range p.row {
		group = append(group, declaration{"reg", c.Out[0], nil})
		if c.Clear {
			clear = append(clear, c)
		} else {
			hold = append(hold, c)
		}
	}
	p.row = nil
	p.declare(group)
	p.blank()
	p.use(p.net(p.module.Clock))
	if len(clear) > 0 {
		p.use(p.net(p.module.Reset))
		fmt.Fprintf(p, "    always @(posedge %s) begin\n        if (!%s) begin\n", p.name(p.module.Clock), p.name(p.module.Reset))
		p.assign(clear, func(c *rtl.Cell) expr { return literal{c.Out[0].Width, 0} }, 3)
		p.WriteString("        end else begin\n")
		p.assign(clear, func(c *rtl.Cell) expr { return p.net(c.In[0]) }, 3)
		p.WriteString("        end\n    end\n")
		p.blank()
	}
	if len(hold) > 0 {
		fmt.Fprintf(p, "    always @(posedge %s) begin\n", p.name(p.module.Clock))
		p.assign(hold, func(c *rtl.Cell) expr { return p.net(c.In[0]) }, 2)
		p.WriteString("    end\n")
		p.blank()
	}
}

// assign prints nonblocking assignments to registers, aligned.
func (p *printer) assign(cells []*rtl.Cell, value func(*rtl.Cell) expr, indents int) {
	longest := 0
	for _, c := range cells {
		longest = max(longest, len(p.name(c.Out[0])))
	}
	for _, c := range cells {
		e := value(c)
		p.use(e)
		head := fmt.Sprintf("%s%-*s <= ", strings.Repeat(indent, indents), longest, p.name(c.Out[0]))
		p.WriteString(head + format(e, len(head)) + ";\n")
	}
}

// instance prints the wires of an instance's outputs and its named connections.
func (p *printer) instance(c *rtl.Cell) {
	p.blank()
	if c.Doc != "" {
		comment(&p.Builder, indent, c.Doc)
	}
	var group []declaration
	for _, n := range c.Out {
		group = append(group, declaration{"wire", n, nil})
	}
	p.declare(group)
	fmt.Fprintf(p, "    %s %s (\n", c.Module.Name, c.Name)
	longest := 0
	for _, n := range c.Module.Inputs {
		longest = max(longest, len(n.Name))
	}
	for _, o := range c.Module.Outputs {
		longest = max(longest, len(o.Name))
	}
	connect := func(port, value, end string) {
		fmt.Fprintf(p, "        .%-*s (%s)%s\n", longest, port, value, end)
	}
	for i, n := range c.In {
		e := p.net(n)
		p.use(e)
		connect(c.Module.Inputs[i].Name, format(e, 8+1+longest+2), ",")
	}
	for i, n := range c.Out {
		end := ","
		if i == len(c.Out)-1 {
			end = ""
		}
		connect(c.Module.Outputs[i].Name, p.names[n.Index], end)
	}
	p.WriteString("    );\n")
	p.blank()
}

// outputs connects the output ports.
func (p *printer) outputs() {
	p.blank()
	longest := 0
	for _, o := range p.module.Outputs {
		longest = max(longest, len(o.Name))
	}
	for _, o := range p.module.Outputs {
		e := p.net(o.Net)
		p.use(e)
		head := fmt.Sprintf("    assign %-*s = ", longest, o.Name)
		p.WriteString(head + format(e, len(head)) + ";\n")
	}
}

// unused gathers the bits of declared nets that nothing reads, so that linters know that this is meant.
func (p *printer) unused() {
	parts := []expr{literal{1, 0}}
	for _, n := range p.module.Nets {
		if p.names[n.Index] == "" {
			continue
		}
		for low := 0; low < n.Width; {
			if p.read[n.Index]>>low&1 == 1 {
				low++
				continue
			}
			high := low
			for high+1 < n.Width && p.read[n.Index]>>(high+1)&1 == 0 {
				high++
			}
			parts = append(parts, bitsOf{n, p.names[n.Index], high, low})
			low = high + 1
		}
	}
	if len(parts) == 1 {
		return
	}
	head := indent + "wire " + unusedName + " = "
	p.blank()
	p.WriteString("    // Bits that nothing reads.\n")
	p.WriteString(head + format(unary{"&", concat{append(parts, literal{1, 0})}}, len(head)) + ";\n")
}

// use notes which bits an expression reads.
func (p *printer) use(e expr) {
	walk(e, func(e expr) {
		if b, ok := e.(bitsOf); ok {
			p.read[b.net.Index] |= ones(b.high-b.low+1) << b.low
		}
	})
}

func ones(width int) uint64 { return 1<<width - 1 }

func (p *printer) name(n *rtl.Net) string { return p.names[n.Index] }

// net is the expression that reads a net: its name, or what drives it.
func (p *printer) net(n *rtl.Net) expr {
	if name := p.names[n.Index]; name != "" {
		return bitsOf{n, name, n.Width - 1, 0}
	}
	return p.cell(p.module.Driver(n))
}

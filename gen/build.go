package gen

import (
	"fmt"

	"fmaq/fp"
	"fmaq/gen/rtl"
)

// Build returns the circuit. The error is that of [Params.Validate].
//
// The top module is named [Params.Name]. Its ports, with widths in bits:
//
//	w_i, x_i    1+e+m  operand codes
//	acc_i       1+E+M  accumulator code
//	acc_o       1+E+M  FMAq(w, x, acc)
//	offset_i           with Bias = BiasPort: b_w + b_x - b_prod, signed, [Params.OffsetWidth]; hold it still while
//	                   operations are in flight
//	rnd_i       k      with stochastic rounding: random bits
//	clk_i, rst_ni, valid_i, valid_o   with a pipeline: a result leaves Pipeline cycles after its operands entered, with
//	                   its valid bit; rst_ni, synchronous and active low, clears the valid bits only
func Build(p Params) (*rtl.Design, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	d, err := rtl.NewDesign(newShape(p).top())
	if err != nil {
		panic("gen: " + err.Error()) // a fault of ours, not of p
	}
	return d, nil
}

// stages gives, for each number of pipeline stages, the stage in which each group of blocks works. Registers stand
// wherever a word crosses into a later stage, and the result is registered once more at the end, so a design of n
// stages has n ranks.
var stages = [MaxPipeline + 1]struct{ sort, align, add, normalise int }{
	{0, 0, 0, 0},
	{0, 0, 0, 0},
	{0, 1, 1, 1},
	{1, 1, 2, 2},
	{1, 1, 2, 3},
}

// pipe is the top module under construction: where each word is made, and its delayed copies.
type pipe struct {
	*rtl.Module
	made map[*rtl.Net]int
	late map[*rtl.Net][]*rtl.Net // copies, one stage later each
}

// at returns a word as it stands in a stage, through as many registers as it takes.
func (p *pipe) at(stage int, n *rtl.Net) *rtl.Net {
	if n == nil {
		return nil
	}
	for made := p.made[n]; made+len(p.late[n]) < stage; {
		from := n
		if k := len(p.late[n]); k > 0 {
			from = p.late[n][k-1]
		}
		p.late[n] = append(p.late[n], p.Register(fmt.Sprintf("%s_s%d", n.Name, made+len(p.late[n])+1), from, false))
	}
	if made := p.made[n]; stage > made {
		return p.late[n][stage-made-1]
	}
	return n
}

// block instantiates a block in a stage, with its inputs brought there, and returns its outputs. Inputs left empty are
// dropped, and so are those that the block has no use for.
func (p *pipe) block(stage int, name string, sub *rtl.Module, in rtl.Ports) map[string]*rtl.Net {
	has := map[string]bool{}
	for _, port := range sub.Inputs {
		has[port.Name] = true
	}
	wired := rtl.Ports{}
	for port, n := range in {
		if n != nil && has[port] {
			wired[port] = p.at(stage, n)
		}
	}
	out := p.Instance(name, sub, wired)
	for _, n := range out {
		p.made[n] = stage
	}
	return out
}

// part takes bits high down to low of an input under a name, nil if there are none.
func (p *pipe) part(name string, n *rtl.Net, high, low int) *rtl.Net {
	if high < low {
		return nil
	}
	return p.Slice(name, n, high, low)
}

func (s *shape) top() *rtl.Module {
	latency := s.Arch.Pipeline
	doc := fmt.Sprintf("FMAq: acc_o = Q_acc(Q_prod(w_i * x_i) + acc_i), operands %v, accumulator %v.", s.Spec.Weight, s.Spec.Accumulator)
	if latency > 0 {
		doc += fmt.Sprintf("\nPipelined: latency %d, one operation a cycle.", latency)
	}
	p := &pipe{rtl.NewModule(s.Name(), doc), map[*rtl.Net]int{}, map[*rtl.Net][]*rtl.Net{}}
	var valid *rtl.Net
	if latency > 0 {
		p.ClockInput("clk_i")
		p.ResetInput("rst_ni")
		valid = p.Input("valid_i", 1)
	}
	w, x := p.Input("w_i", 1+s.e+s.m), p.Input("x_i", 1+s.e+s.m)
	acc := p.Input("acc_i", 1+s.E+s.M)
	in := rtl.Ports{}
	if s.Arch.Bias == BiasPort {
		in["offset_i"] = p.Input("offset_i", s.OffsetWidth())
	}
	if s.Spec.Rounding == fp.Stochastic {
		in["rnd_i"] = p.named("rnd", p.Input("rnd_i", s.Spec.RandomBits))
	}

	at := stages[latency]
	// Outputs of one block are inputs of later ones under the same name with _i for _o.
	run := func(stage int, name string, sub *rtl.Module) {
		for port, n := range p.block(stage, name, sub, in) {
			in[port[:len(port)-1]+"i"] = n
		}
	}
	p.operand(s, in, "w", w)
	p.operand(s, in, "x", x)
	if s.m > 0 {
		run(0, "multiplier", s.multiplier())
		in["carry_i"] = p.Slice("product_carry", in["sig_product_i"], s.productWidth()-1, s.productWidth()-1)
	}
	run(0, "exponent_adder", s.exponentAdder())
	run(0, "product_quantiser", s.productQuantiser())
	in["acc_sign_i"] = p.part("acc_sign", acc, s.E+s.M, s.E+s.M)
	in["acc_field_i"] = p.part("acc_field", acc, s.E+s.M-1, s.M)
	in["acc_frac_i"] = p.part("acc_frac", acc, s.M-1, 0)
	run(at.sort, "sorter", s.sorter())
	run(at.align, "aligner", s.aligner())
	run(at.add, "adder", s.adder())
	run(at.normalise, "lzd", s.lzd())
	run(at.normalise, "renormaliser", s.renormaliser())
	if s.Spec.Rounding != fp.Truncate {
		carry := in["carry_i"] // the adder's; the rounder's is another
		run(at.normalise, "rounder", s.rounder())
		in["frac_i"], in["round_carry_i"], in["carry_i"] = in["rounded_i"], in["carry_i"], carry
	}
	run(at.normalise, "acc_quantiser", s.accQuantiser())
	result := in["acc_i"]
	if latency > 0 {
		for i := range latency {
			valid = p.Register(fmt.Sprintf("valid_s%d", i+1), valid, true)
		}
		p.Module.Output("valid_o", valid)
		result = p.at(latency, result)
	}
	p.Module.Output("acc_o", result)
	return p.Module
}

// operand names the fields of an operand code and connects them.
func (p *pipe) operand(s *shape, in rtl.Ports, name string, code *rtl.Net) {
	top := s.e + s.m
	in[name+"_sign_i"] = p.part(name+"_sign", code, top, top)
	in[name+"_field_i"] = p.part(name+"_field", code, top-1, s.m)
	in[name+"_frac_i"] = p.part(name+"_frac", code, s.m-1, 0)
	in[name+"_magnitude_i"] = in[name+"_field_i"]
	if s.Spec.Zero == fp.ZeroCode && s.m > 0 {
		in[name+"_magnitude_i"] = p.part(name+"_magnitude", code, top-1, 0)
	}
}

// named gives an input port a net of its own, whose name the delayed copies carry on.
func (p *pipe) named(name string, n *rtl.Net) *rtl.Net { return p.Slice(name, n, n.Width-1, 0) }

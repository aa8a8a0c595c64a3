package rtl

// sweep drops the gates that reach no output, and renumbers the rest.
func (n *Netlist) sweep() {
	live := make([]bool, len(n.Gates))
	live[wireZero], live[wireOne] = true, true
	for _, ports := range [][]Port{n.Inputs, n.Outputs} {
		for _, p := range ports {
			for _, w := range p.Bits {
				live[w] = true
			}
		}
	}
	for i := len(n.Gates) - 1; i >= 0; i-- {
		for _, w := range n.Gates[i].In {
			if live[i] && w != Floating {
				live[w] = true
			}
		}
	}
	moved := make([]Wire, len(n.Gates))
	kept := n.Gates[:0]
	for i, g := range n.Gates {
		if !live[i] {
			continue
		}
		for j, w := range g.In {
			if w != Floating {
				g.In[j] = moved[w]
			}
		}
		moved[i] = Wire(len(kept))
		kept = append(kept, g)
	}
	n.Gates = kept
	n.move(moved)
}

// reduceCarries makes the carry of a full adder whose sum nothing reads
//
//	(x and y) or (c and (x xor y))
//
// the majority that it then is, (x and y) or (c and (x or y)): two less by weight. Where x or y is an inverter, as in a
// subtraction, the exclusive-or stands as its complement over the bare bits.
func (n *Netlist) reduceCarries() {
	readers := make([]int, len(n.Gates))
	for _, g := range n.Gates {
		for _, w := range g.In {
			if w != Floating {
				readers[w]++
			}
		}
	}
	for _, p := range n.Outputs {
		for _, w := range p.Bits {
			readers[w]++
		}
	}
	bare := func(w Wire) (Wire, bool) { // without an inverter, and whether there was one
		if g := n.Gates[w]; g.Kind == GateNot {
			return g.In[0], true
		}
		return w, false
	}
	// isXor reports whether gate w is the exclusive-or of x and y, read once.
	isXor := func(w, x, y Wire) bool {
		x, ix := bare(x)
		y, iy := bare(y)
		v, iv := bare(w)
		g := n.Gates[v]
		return g.Kind == GateXor && iv == (ix != iy) && readers[v] == 1 && readers[w] == 1 &&
			(g.In[0] == x && g.In[1] == y || g.In[0] == y && g.In[1] == x)
	}
	for _, or := range n.Gates {
		if or.Kind != GateOr {
			continue
		}
		for i := range 2 {
			generate, propagate := n.Gates[or.In[i]], n.Gates[or.In[1-i]]
			if generate.Kind != GateAnd || propagate.Kind != GateAnd || readers[or.In[1-i]] != 1 {
				continue
			}
			x, y := generate.In[0], generate.In[1]
			for _, w := range propagate.In[:2] {
				if isXor(w, x, y) && x < w && y < w {
					n.Gates[w].Kind, n.Gates[w].In = GateOr, generate.In
				}
			}
		}
	}
	n.rebuild() // an or may have stood there already
}

// rebuild makes every gate anew, so that equal ones are one again.
func (n *Netlist) rebuild() {
	b := newGateBuilder()
	moved := make([]Wire, len(n.Gates))
	for i, g := range n.Gates {
		in := g.In
		for j, w := range in {
			if w != Floating {
				in[j] = moved[w]
			}
		}
		b.block = g.Block
		switch g.Kind {
		case GateZero, GateOne:
			moved[i] = Wire(i)
		case GateInput:
			moved[i] = b.input()
		case GateNot:
			moved[i] = b.not(in[0])
		case GateAnd, GateOr:
			moved[i] = b.lattice(g.Kind, in[0], in[1])
		case GateXor:
			moved[i] = b.xor(in[0], in[1])
		case GateMux:
			moved[i] = b.mux(in[0], in[1], in[2])
		case GateFlop:
			moved[i] = b.make(GateFlop, in[0], in[1], Floating)
		}
	}
	n.Gates = b.gates
	n.move(moved)
	n.sweep()
}

// move renames the wires of the ports.
func (n *Netlist) move(to []Wire) {
	for _, ports := range [][]Port{n.Inputs, n.Outputs} {
		for i := range ports {
			bits := make([]Wire, len(ports[i].Bits)) // a net's wires may stand in several ports
			for j, w := range ports[i].Bits {
				bits[j] = to[w]
			}
			ports[i].Bits = bits
		}
	}
}

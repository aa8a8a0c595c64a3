package rtl

import "slices"

// gateBuilder makes gates, each equal one once, after local simplification.
type gateBuilder struct {
	gates []Gate
	known map[gateKey]Wire
	block uint16 // owner of the gates made from now on
}

type gateKey struct {
	kind GateKind
	in   [3]Wire
}

func newGateBuilder() *gateBuilder {
	b := &gateBuilder{known: map[gateKey]Wire{}}
	b.make(GateZero, Floating, Floating, Floating)
	b.make(GateOne, Floating, Floating, Floating)
	return b
}

// make returns the wire of the gate, an existing one if there is an equal one. Flip-flops with the same data and clear
// hold the same bit too, as all start at 0.
func (b *gateBuilder) make(kind GateKind, in ...Wire) Wire {
	key := gateKey{kind, [3]Wire(in)}
	if w, ok := b.known[key]; ok {
		return w
	}
	w := Wire(len(b.gates))
	b.gates = append(b.gates, Gate{Kind: kind, Block: b.block, In: key.in})
	b.known[key] = w
	return w
}

func (b *gateBuilder) input() Wire {
	b.gates = append(b.gates, Gate{Kind: GateInput, In: [3]Wire{Floating, Floating, Floating}})
	return Wire(len(b.gates) - 1)
}

// inverted returns the operand if x is an inverter.
func (b *gateBuilder) inverted(x Wire) (Wire, bool) {
	g := b.gates[x]
	return g.In[0], g.Kind == GateNot
}

// opposite reports whether one is the complement of the other, as far as the structure shows.
func (b *gateBuilder) opposite(x, y Wire) bool {
	nx, ix := b.inverted(x)
	ny, iy := b.inverted(y)
	return x^y == 1 && x <= wireOne && y <= wireOne || ix && nx == y || iy && ny == x
}

// reads reports whether x is a two-input gate of the kind with y among its operands, and returns the other operand.
func (b *gateBuilder) reads(x Wire, kind GateKind, y Wire) (Wire, bool) {
	g := b.gates[x]
	switch {
	case g.Kind != kind:
		return Floating, false
	case g.In[0] == y:
		return g.In[1], true
	}
	return g.In[0], g.In[1] == y
}

func (b *gateBuilder) not(x Wire) Wire {
	if x <= wireOne {
		return wireOne - x
	}
	if y, ok := b.inverted(x); ok {
		return y
	}
	return b.make(GateNot, x, Floating, Floating)
}

func (b *gateBuilder) and(x, y Wire) Wire { return b.lattice(GateAnd, x, y) }
func (b *gateBuilder) or(x, y Wire) Wire  { return b.lattice(GateOr, x, y) }

// lattice is and, or; each simplifies as the other with the constants exchanged.
func (b *gateBuilder) lattice(kind GateKind, x, y Wire) Wire {
	dual, absorbing := GateOr, wireZero
	if kind == GateOr {
		dual, absorbing = GateAnd, wireOne
	}
	if x > y {
		x, y = y, x
	}
	switch {
	case x == absorbing || b.opposite(x, y):
		return absorbing
	case x <= wireOne || x == y: // the neutral constant
		return y
	}
	// With one operand inside the other: x(xz) = xz, x(x+z) = x, x(x'+z) = xz, x(x'z) = 0, and the duals.
	for range 2 {
		if _, ok := b.reads(y, kind, x); ok {
			return y
		}
		if _, ok := b.reads(y, dual, x); ok {
			return x
		}
		complement, exists := b.known[gateKey{GateNot, [3]Wire{x, Floating, Floating}}]
		if n, ok := b.inverted(x); ok {
			complement, exists = n, true
		}
		if exists {
			if _, ok := b.reads(y, kind, complement); ok {
				return absorbing
			}
			if z, ok := b.reads(y, dual, complement); ok {
				return b.lattice(kind, x, z)
			}
		}
		x, y = y, x
	}
	return b.make(kind, x, y, Floating)
}

// xor moves inverters behind the gate, where they meet and cancel.
func (b *gateBuilder) xor(x, y Wire) Wire {
	if x > y {
		x, y = y, x
	}
	switch {
	case x == y:
		return wireZero
	case x == wireZero:
		return y
	case x == wireOne:
		return b.not(y)
	}
	if n, ok := b.inverted(x); ok {
		return b.not(b.xor(n, y))
	}
	if n, ok := b.inverted(y); ok {
		return b.not(b.xor(x, n))
	}
	for range 2 {
		if z, ok := b.reads(y, GateXor, x); ok {
			return z
		}
		x, y = y, x
	}
	return b.make(GateXor, x, y, Floating)
}

// mux is x where sel is 1, else y.
func (b *gateBuilder) mux(sel, x, y Wire) Wire {
	if n, ok := b.inverted(sel); ok {
		sel, x, y = n, y, x
	}
	if g := b.gates[x]; g.Kind == GateMux && g.In[0] == sel {
		x = g.In[1]
	}
	if g := b.gates[y]; g.Kind == GateMux && g.In[0] == sel {
		y = g.In[2]
	}
	switch {
	case sel == wireOne || x == y:
		return x
	case sel == wireZero:
		return y
	case x == wireOne || x == sel:
		return b.or(sel, y)
	case x == wireZero || b.opposite(x, sel):
		return b.and(b.not(sel), y)
	case y == wireOne || b.opposite(y, sel):
		return b.or(b.not(sel), x)
	case y == wireZero || y == sel:
		return b.and(sel, x)
	case b.opposite(x, y):
		return b.xor(sel, y)
	}
	nx, ix := b.inverted(x)
	ny, iy := b.inverted(y)
	if ix && iy {
		return b.not(b.mux(sel, nx, ny))
	}
	return b.make(GateMux, sel, x, y)
}

// tree joins wires two by two, level by level, as balanced as can be.
func (b *gateBuilder) tree(kind GateKind, word []Wire) Wire {
	level := slices.Clone(word)
	for len(level) > 1 {
		half := (len(level) + 1) / 2
		for i := range half {
			if 2*i+1 == len(level) {
				level[i] = level[2*i]
				continue
			}
			x, y := level[2*i], level[2*i+1]
			switch kind {
			case GateXor:
				level[i] = b.xor(x, y)
			default:
				level[i] = b.lattice(kind, x, y)
			}
		}
		level = level[:half]
	}
	return level[0]
}

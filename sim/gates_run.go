package sim

import "fmt"

// gateOp computes slot d from slots a, b, c. Inverters are part of the operations that read them.
type gateOp struct {
	op         gateOpcode
	d, a, b, c uint16
}

type gateOpcode uint16

const (
	gateNot    gateOpcode = iota // not a
	gateAnd                      // a and b
	gateAndNot                   // a and not b
	gateNor                      // not (a or b)
	gateOr                       // a or b
	gateOrNot                    // a or not b
	gateNand                     // not (a and b)
	gateXor                      // a xor b
	gateXnor                     // not (a xor b)
	gateMux                      // b where a is 1, else c
	gateAnd3                     // a and b and c
	gateOr3                      // a or b or c
	gateXor3                     // a xor b xor c
	gateCarry                    // majority of a, b, c
	gateBorrow                   // majority of a, b, not c
	gateAndOr                    // a and (b or c)
	gateOrAnd                    // a or (b and c)
	gateXorAnd                   // a xor (b and c)
	gateAndXor                   // a and (b xor c)
	gateOrXor                    // a or (b xor c)
	gateOrXnor                   // a or not (b xor c)
)

// gateOpcodes gives for each operation how many operands it reads, and its truth table as gates_compile.go explains.
var gateOpcodes = [...]struct {
	operands int
	table    uint8
}{
	gateNot:    {1, 0x55},
	gateAnd:    {2, 0x88},
	gateAndNot: {2, 0x22},
	gateNor:    {2, 0x11},
	gateOr:     {2, 0xee},
	gateOrNot:  {2, 0xbb},
	gateNand:   {2, 0x77},
	gateXor:    {2, 0x66},
	gateXnor:   {2, 0x99},
	gateMux:    {3, 0xd8},
	gateAnd3:   {3, 0x80},
	gateOr3:    {3, 0xfe},
	gateXor3:   {3, 0x96},
	gateCarry:  {3, 0xe8},
	gateBorrow: {3, 0x8e},
	gateAndOr:  {3, 0xa8},
	gateOrAnd:  {3, 0xea},
	gateXorAnd: {3, 0x6a},
	gateAndXor: {3, 0x28},
	gateOrXor:  {3, 0xbe},
	gateOrXnor: {3, 0xeb},
}

// runGates is the inner loop of every proof. The words are written out because the compiler unrolls no loops: loops
// take half as long again. Each word depends on the same word of the operands alone, so d may be one of them.
func runGates(program []gateOp, slots []lanes) {
	for i := range program {
		o := &program[i]
		d, a, b, c := &slots[o.d], &slots[o.a], &slots[o.b], &slots[o.c]
		switch o.op {
		case gateNot:
			d[0], d[1], d[2], d[3] = ^a[0], ^a[1], ^a[2], ^a[3]
			d[4], d[5], d[6], d[7] = ^a[4], ^a[5], ^a[6], ^a[7]
		case gateAnd:
			d[0], d[1], d[2], d[3] = a[0]&b[0], a[1]&b[1], a[2]&b[2], a[3]&b[3]
			d[4], d[5], d[6], d[7] = a[4]&b[4], a[5]&b[5], a[6]&b[6], a[7]&b[7]
		case gateAndNot:
			d[0], d[1], d[2], d[3] = a[0]&^b[0], a[1]&^b[1], a[2]&^b[2], a[3]&^b[3]
			d[4], d[5], d[6], d[7] = a[4]&^b[4], a[5]&^b[5], a[6]&^b[6], a[7]&^b[7]
		case gateNor:
			d[0], d[1], d[2], d[3] = ^(a[0] | b[0]), ^(a[1] | b[1]), ^(a[2] | b[2]), ^(a[3] | b[3])
			d[4], d[5], d[6], d[7] = ^(a[4] | b[4]), ^(a[5] | b[5]), ^(a[6] | b[6]), ^(a[7] | b[7])
		case gateOr:
			d[0], d[1], d[2], d[3] = a[0]|b[0], a[1]|b[1], a[2]|b[2], a[3]|b[3]
			d[4], d[5], d[6], d[7] = a[4]|b[4], a[5]|b[5], a[6]|b[6], a[7]|b[7]
		case gateOrNot:
			d[0], d[1], d[2], d[3] = a[0]|^b[0], a[1]|^b[1], a[2]|^b[2], a[3]|^b[3]
			d[4], d[5], d[6], d[7] = a[4]|^b[4], a[5]|^b[5], a[6]|^b[6], a[7]|^b[7]
		case gateNand:
			d[0], d[1], d[2], d[3] = ^(a[0] & b[0]), ^(a[1] & b[1]), ^(a[2] & b[2]), ^(a[3] & b[3])
			d[4], d[5], d[6], d[7] = ^(a[4] & b[4]), ^(a[5] & b[5]), ^(a[6] & b[6]), ^(a[7] & b[7])
		case gateXor:
			d[0], d[1], d[2], d[3] = a[0]^b[0], a[1]^b[1], a[2]^b[2], a[3]^b[3]
			d[4], d[5], d[6], d[7] = a[4]^b[4], a[5]^b[5], a[6]^b[6], a[7]^b[7]
		case gateXnor:
			d[0], d[1], d[2], d[3] = ^(a[0] ^ b[0]), ^(a[1] ^ b[1]), ^(a[2] ^ b[2]), ^(a[3] ^ b[3])
			d[4], d[5], d[6], d[7] = ^(a[4] ^ b[4]), ^(a[5] ^ b[5]), ^(a[6] ^ b[6]), ^(a[7] ^ b[7])
		case gateMux:
			d[0], d[1], d[2], d[3] = c[0]^a[0]&(b[0]^c[0]), c[1]^a[1]&(b[1]^c[1]), c[2]^a[2]&(b[2]^c[2]), c[3]^a[3]&(b[3]^c[3])
			d[4], d[5], d[6], d[7] = c[4]^a[4]&(b[4]^c[4]), c[5]^a[5]&(b[5]^c[5]), c[6]^a[6]&(b[6]^c[6]), c[7]^a[7]&(b[7]^c[7])
		case gateAnd3:
			d[0], d[1], d[2], d[3] = a[0]&b[0]&c[0], a[1]&b[1]&c[1], a[2]&b[2]&c[2], a[3]&b[3]&c[3]
			d[4], d[5], d[6], d[7] = a[4]&b[4]&c[4], a[5]&b[5]&c[5], a[6]&b[6]&c[6], a[7]&b[7]&c[7]
		case gateOr3:
			d[0], d[1], d[2], d[3] = a[0]|b[0]|c[0], a[1]|b[1]|c[1], a[2]|b[2]|c[2], a[3]|b[3]|c[3]
			d[4], d[5], d[6], d[7] = a[4]|b[4]|c[4], a[5]|b[5]|c[5], a[6]|b[6]|c[6], a[7]|b[7]|c[7]
		case gateXor3:
			d[0], d[1], d[2], d[3] = a[0]^b[0]^c[0], a[1]^b[1]^c[1], a[2]^b[2]^c[2], a[3]^b[3]^c[3]
			d[4], d[5], d[6], d[7] = a[4]^b[4]^c[4], a[5]^b[5]^c[5], a[6]^b[6]^c[6], a[7]^b[7]^c[7]
		case gateCarry:
			d[0], d[1], d[2], d[3] = b[0]^(a[0]^b[0])&(b[0]^c[0]), b[1]^(a[1]^b[1])&(b[1]^c[1]), b[2]^(a[2]^b[2])&(b[2]^c[2]), b[3]^(a[3]^b[3])&(b[3]^c[3])
			d[4], d[5], d[6], d[7] = b[4]^(a[4]^b[4])&(b[4]^c[4]), b[5]^(a[5]^b[5])&(b[5]^c[5]), b[6]^(a[6]^b[6])&(b[6]^c[6]), b[7]^(a[7]^b[7])&(b[7]^c[7])
		case gateBorrow:
			d[0], d[1], d[2], d[3] = b[0]^(a[0]^b[0])&^(b[0]^c[0]), b[1]^(a[1]^b[1])&^(b[1]^c[1]), b[2]^(a[2]^b[2])&^(b[2]^c[2]), b[3]^(a[3]^b[3])&^(b[3]^c[3])
			d[4], d[5], d[6], d[7] = b[4]^(a[4]^b[4])&^(b[4]^c[4]), b[5]^(a[5]^b[5])&^(b[5]^c[5]), b[6]^(a[6]^b[6])&^(b[6]^c[6]), b[7]^(a[7]^b[7])&^(b[7]^c[7])
		case gateAndOr:
			d[0], d[1], d[2], d[3] = a[0]&(b[0]|c[0]), a[1]&(b[1]|c[1]), a[2]&(b[2]|c[2]), a[3]&(b[3]|c[3])
			d[4], d[5], d[6], d[7] = a[4]&(b[4]|c[4]), a[5]&(b[5]|c[5]), a[6]&(b[6]|c[6]), a[7]&(b[7]|c[7])
		case gateOrAnd:
			d[0], d[1], d[2], d[3] = a[0]|b[0]&c[0], a[1]|b[1]&c[1], a[2]|b[2]&c[2], a[3]|b[3]&c[3]
			d[4], d[5], d[6], d[7] = a[4]|b[4]&c[4], a[5]|b[5]&c[5], a[6]|b[6]&c[6], a[7]|b[7]&c[7]
		case gateXorAnd:
			d[0], d[1], d[2], d[3] = a[0]^b[0]&c[0], a[1]^b[1]&c[1], a[2]^b[2]&c[2], a[3]^b[3]&c[3]
			d[4], d[5], d[6], d[7] = a[4]^b[4]&c[4], a[5]^b[5]&c[5], a[6]^b[6]&c[6], a[7]^b[7]&c[7]
		case gateAndXor:
			d[0], d[1], d[2], d[3] = a[0]&(b[0]^c[0]), a[1]&(b[1]^c[1]), a[2]&(b[2]^c[2]), a[3]&(b[3]^c[3])
			d[4], d[5], d[6], d[7] = a[4]&(b[4]^c[4]), a[5]&(b[5]^c[5]), a[6]&(b[6]^c[6]), a[7]&(b[7]^c[7])
		case gateOrXor:
			d[0], d[1], d[2], d[3] = a[0]|(b[0]^c[0]), a[1]|(b[1]^c[1]), a[2]|(b[2]^c[2]), a[3]|(b[3]^c[3])
			d[4], d[5], d[6], d[7] = a[4]|(b[4]^c[4]), a[5]|(b[5]^c[5]), a[6]|(b[6]^c[6]), a[7]|(b[7]^c[7])
		case gateOrXnor:
			d[0], d[1], d[2], d[3] = a[0]|^(b[0]^c[0]), a[1]|^(b[1]^c[1]), a[2]|^(b[2]^c[2]), a[3]|^(b[3]^c[3])
			d[4], d[5], d[6], d[7] = a[4]|^(b[4]^c[4]), a[5]|^(b[5]^c[5]), a[6]|^(b[6]^c[6]), a[7]|^(b[7]^c[7])
		default:
			panic(fmt.Sprintf("sim: gate operation %d", o.op))
		}
	}
}

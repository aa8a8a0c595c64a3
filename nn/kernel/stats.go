package kernel

// Stats counts what happened in chunked dot products. An FMAq is active if neither operand is zero; only active ones can
// have events, so rates are taken among them.
type Stats struct {
	FMAqs  uint64 // all, those with a zero operand (padding, ReLU) included
	Active uint64

	ProductOverflow  uint64 // [fp.ProductOverflow], and so on
	ProductUnderflow uint64
	AccOverflow      uint64
	AccUnderflow     uint64
	Swamped          uint64

	// The additions y = Q_acc(y + a_chunk), one a chunk, apart from the FMAqs.
	Sums         uint64
	SumOverflow  uint64 // |y + a_chunk| reaches 2^(2^E - b_acc), the first binade above R_OF
	SumUnderflow uint64 // a sum other than zero became zero
	SumSwamped   uint64 // y and a_chunk are not zero, and the result is y
}

// Add adds the counts of t.
func (s *Stats) Add(t *Stats) {
	s.FMAqs += t.FMAqs
	s.Active += t.Active
	s.ProductOverflow += t.ProductOverflow
	s.ProductUnderflow += t.ProductUnderflow
	s.AccOverflow += t.AccOverflow
	s.AccUnderflow += t.AccUnderflow
	s.Swamped += t.Swamped
	s.Sums += t.Sums
	s.SumOverflow += t.SumOverflow
	s.SumUnderflow += t.SumUnderflow
	s.SumSwamped += t.SumSwamped
}

// Rate is a count among the active FMAqs, 0 if there are none.
func (s *Stats) Rate(count uint64) float64 { return ratio(count, s.Active) }

// SumRate is a count among the additions over chunks.
func (s *Stats) SumRate(count uint64) float64 { return ratio(count, s.Sums) }

func ratio(a, b uint64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// Product events of up to tile columns, packed into one word.
const (
	countBits    = 10
	oneActive    = 1
	oneUnderflow = 1 << countBits
	oneOverflow  = 1 << (2 * countBits)
	countMask    = 1<<countBits - 1
)

// addProducts adds packed counts and returns the underflows among them.
func (s *Stats) addProducts(packed uint32) (underflow uint64) {
	underflow = uint64(packed >> countBits & countMask)
	s.Active += uint64(packed & countMask)
	s.ProductUnderflow += underflow
	s.ProductOverflow += uint64(packed >> (2 * countBits))
	return underflow
}

package sim

// Unsigned is a machine word that holds the results of a circuit.
type Unsigned interface{ ~uint32 | ~uint64 }

// transpose transposes the square bit matrices that stand side by side in m. With n = len(m), a power of two up to 64,
// field q of a word is its bits q*n to q*n+n-1; in every field, bit j of word i and bit i of word j change places. Each
// round swaps blocks half as large as the last (Warren, "Hacker's Delight", 2nd ed., section 7-3).
func transpose(m []uint64) {
	mask := ^uint64(0)
	for half := 32; half >= 1; half >>= 1 {
		mask ^= mask << half // blocks of half ones, half zeros
		if half >= len(m) {
			continue
		}
		for i := 0; i < len(m); i = (i + half + 1) &^ half {
			t := (m[i]>>half ^ m[i+half]) & mask
			m[i] ^= t << half
			m[i+half] ^= t
		}
	}
}

// fieldWidth is the least power of two that a word of so many bits fits, at least 8.
func fieldWidth(width int) int {
	n := 8
	for n < width {
		n *= 2
	}
	return n
}

// sliceLanes turns one word a lane, at most Lanes of width bits, into the lanes of each bit. Lanes without a word are 0.
//
// 64 words of n bits are packed into n: words j, j+n, j+2n, ... side by side in row j, so that a transposition of each
// field leaves bit b of all 64, in order, in row b.
func sliceLanes[W Unsigned](values []W, width int, bits []lanes) {
	var rows [64]uint64
	n := fieldWidth(width)
	for w := range laneWords {
		clear(rows[:n])
		first := min(64*w, len(values))
		for i, v := range values[first:min(first+64, len(values))] {
			rows[i&(n-1)] |= uint64(v) << (i &^ (n - 1) & 63)
		}
		transpose(rows[:n])
		for b := range width {
			bits[b][w] = rows[b]
		}
	}
}

// unsliceLanes is the reverse of sliceLanes.
func unsliceLanes[W Unsigned](bits []lanes, values []W) {
	var rows [64]uint64
	n := fieldWidth(len(bits))
	mask := ^uint64(0) >> (64 - n)
	for w := 0; 64*w < len(values); w++ {
		clear(rows[:n])
		for b := range bits {
			rows[b] = bits[b][w]
		}
		transpose(rows[:n])
		part := values[64*w : min(64*w+64, len(values))]
		for i := range part {
			part[i] = W(rows[i&(n-1)] >> (i &^ (n - 1) & 63) & mask)
		}
	}
}

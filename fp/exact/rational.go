package exact

import (
	"math/big"
	"sync"
)

// powers holds the results of pow2.
var powers sync.Map

// pow2 is 2^n.
func pow2(n int) *big.Rat {
	if v, ok := powers.Load(n); ok {
		return v.(*big.Rat)
	}
	v := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(max(n, -n))))
	if n < 0 {
		v.Inv(v)
	}
	powers.Store(n, v)
	return v
}

func add(x, y *big.Rat) *big.Rat { return new(big.Rat).Add(x, y) }
func sub(x, y *big.Rat) *big.Rat { return new(big.Rat).Sub(x, y) }
func mul(x, y *big.Rat) *big.Rat { return new(big.Rat).Mul(x, y) }
func neg(x *big.Rat) *big.Rat    { return new(big.Rat).Neg(x) }
func abs(x *big.Rat) *big.Rat    { return new(big.Rat).Abs(x) }

// copySign is the magnitude with the sign of x.
func copySign(magnitude, x *big.Rat) *big.Rat {
	if x.Sign() < 0 {
		return neg(magnitude)
	}
	return magnitude
}

// exponent is the e with 2^e <= |x| < 2^(e+1), for x other than zero.
func exponent(x *big.Rat) int {
	// Numerator and denominator each lie less than a factor of two above 2^(bits-1): e is this difference or one less.
	e := x.Num().BitLen() - x.Denom().BitLen()
	if abs(x).Cmp(pow2(e)) < 0 {
		e--
	}
	return e
}

// roundDown is the largest multiple of 2^place that is not above x, for x >= 0.
func roundDown(x *big.Rat, place int) *big.Rat {
	n := floor(mul(x, pow2(-place)))
	return mul(new(big.Rat).SetInt(n), pow2(place))
}

// roundEven is the multiple of 2^place nearest to x, for x >= 0; of two equally near, the even one.
func roundEven(x *big.Rat, place int) *big.Rat {
	q := mul(x, pow2(-place))
	n := floor(q)
	up := 0
	switch sub(q, new(big.Rat).SetInt(n)).Cmp(big.NewRat(1, 2)) {
	case 0:
		up = int(n.Bit(0))
	case 1:
		up = 1
	}
	n.Add(n, big.NewInt(int64(up)))
	return mul(new(big.Rat).SetInt(n), pow2(place))
}

// floor is the largest integer that is not above x, for x >= 0.
func floor(x *big.Rat) *big.Int { return new(big.Int).Quo(x.Num(), x.Denom()) }

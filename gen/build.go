package gen

import (
	"errors"

	"fmaq/gen/rtl"
)

// Build returns the circuit. The error is that of [Params.Validate].
func Build(p Params) (*rtl.Design, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return nil, errors.New("under construction")
}

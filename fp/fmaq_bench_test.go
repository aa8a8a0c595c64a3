package fp

import "testing"

func BenchmarkFMAq(b *testing.B) {
	m7e4, err := ParseFormat("M7E4")
	if err != nil {
		b.Fatal(err)
	}
	m4e3, err := ParseFormat("M4E3")
	if err != nil {
		b.Fatal(err)
	}
	u, err := New(NewSpec(m4e3, m7e4))
	if err != nil {
		b.Fatal(err)
	}
	var sink Code
	for i := range b.N {
		sink = u.FMAq(Code(i)&255, Code(i>>8)&255, Code(i*2654435761>>13)&4095)
	}
	_ = sink
}

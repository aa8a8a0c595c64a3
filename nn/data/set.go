// Package data holds labelled image sets and reads the idx files they come in.
package data

import "fmt"

// Set is a list of equally large grey images with their classes.
type Set struct {
	Name   string // where it came from, for messages
	Rows   int
	Cols   int
	Pixels []byte // image after image, row by row; 0 is black
	Labels []byte // one an image, below Classes
}

// Classes is the number of classes of a [Set]: the ten digits.
const Classes = 10

// Len is the number of images.
func (s *Set) Len() int { return len(s.Labels) }

// Shape is the shape of one image as a network sees it: channels, rows, columns.
func (s *Set) Shape() []int { return []int{1, s.Rows, s.Cols} }

// Image writes image i into dst, which has Rows*Cols elements, with the pixels scaled to [0, 1].
func (s *Set) Image(i int, dst []float32) {
	n := s.Rows * s.Cols
	for j, p := range s.Pixels[i*n : (i+1)*n] {
		dst[j] = float32(p) / 255
	}
}

// First returns the set of the first n images, or of all if there are fewer. It shares the pixels.
func (s *Set) First(n int) *Set {
	n = min(n, s.Len())
	return &Set{
		Name:   fmt.Sprintf("%s, first %d", s.Name, n),
		Rows:   s.Rows,
		Cols:   s.Cols,
		Pixels: s.Pixels[:n*s.Rows*s.Cols],
		Labels: s.Labels[:n],
	}
}

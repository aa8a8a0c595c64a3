// Package mnist carries the MNIST digits: LeCun, Cortes and Burges, 60 000 training and 10 000 test images of 28 by 28
// pixels, in the idx files of the original distribution.
package mnist

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"fmaq/nn/data"
)

//go:embed idx/*.gz
var embedded embed.FS

// The file names of the distribution, without ".gz", which is optional.
const (
	TrainImages = "train-images-idx3-ubyte"
	TrainLabels = "train-labels-idx1-ubyte"
	TestImages  = "t10k-images-idx3-ubyte"
	TestLabels  = "t10k-labels-idx1-ubyte"
)

// Train returns the embedded training set, decoded on the first call and shared by all; it must not be changed.
var Train = sync.OnceValue(func() *data.Set { return fromEmbedded("MNIST training", TrainImages, TrainLabels) })

// Test is the embedded test set, as [Train] is.
var Test = sync.OnceValue(func() *data.Set { return fromEmbedded("MNIST test", TestImages, TestLabels) })

func fromEmbedded(name, images, labels string) *data.Set {
	sub, err := fs.Sub(embedded, "idx")
	if err != nil {
		panic(err)
	}
	s, err := data.Read(sub, name, images, labels)
	if err != nil {
		panic(fmt.Sprintf("mnist: embedded files: %v", err))
	}
	return s
}

// LoadTrain reads a training set under the distribution's names from a directory; see [data.Read] for the errors.
func LoadTrain(dir string) (*data.Set, error) { return load(dir, TrainImages, TrainLabels) }

// LoadTest reads a test set likewise.
func LoadTest(dir string) (*data.Set, error) { return load(dir, TestImages, TestLabels) }

func load(dir, images, labels string) (*data.Set, error) {
	s, err := data.Read(os.DirFS(dir), dir, images, labels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return s, nil
}

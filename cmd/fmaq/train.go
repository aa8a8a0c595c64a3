package main

import (
	"errors"
	"fmt"

	"fmaq/nn"
	"fmaq/nn/train"
)

type trainCmd struct {
	dataFlag
	Out          string  `short:"o" required:"" placeholder:"FILE" help:"ONNX file to write."`
	Seed         uint64  `default:"1" placeholder:"S" help:"Seed of weights, shuffling and shifts (${default})."`
	Epochs       int     `default:"20" placeholder:"N" help:"Passes over the training set (${default})."`
	Batch        int     `default:"64" placeholder:"N" help:"Images a step (${default})."`
	LearningRate float64 `default:"0.002" placeholder:"X" help:"Of Adam's first step (${default}); falls linearly to zero."`
}

func (c *trainCmd) Run(w *world) error {
	if err := errors.Join(positive("epochs", c.Epochs, "batch", c.Batch), notEmpty("out", c.Out, "a file")); err != nil {
		return err
	}
	training, test, err := c.sets(0)
	if err != nil {
		return err
	}
	out, err := newOutput(c.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	var bar *progress
	model, err := train.Run(w.ctx, training, train.Options{
		Seed: c.Seed, Epochs: c.Epochs, Batch: c.Batch, LearningRate: c.LearningRate,
		Progress: func(done, total int) {
			if bar == nil {
				bar = w.progress("training", int64(total))
			}
			bar.set(int64(done))
		},
		Epoch: func(epoch int, loss float64) {
			if bar != nil {
				bar.close() // out of the way of the line
			}
			fmt.Fprintf(w.stdout, "epoch %2d: mean loss %.5f\n", epoch, loss)
		},
	})
	if bar != nil {
		bar.close()
	}
	if err != nil {
		return err
	}
	file, err := model.ONNX()
	if err != nil {
		return err
	}
	network, err := nn.Load(c.Out, file)
	if err != nil {
		return err
	}
	score, err := network.Accuracy(w.ctx, test, nil)
	if err != nil {
		return err
	}
	if err := out.write(file); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s: %d bytes, %d of %d images of %s correct, top-1 %s\n", c.Out, len(file), score.Correct, test.Len(), test.Name,
		percent(float64(score.Correct)/float64(test.Len())))
	return nil
}

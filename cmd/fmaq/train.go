package main

import (
	"fmt"

	"fmaq/config"
	"fmaq/nn"
	"fmaq/nn/train"
)

type trainCmd struct {
	dataFlag
	Out          string  `short:"o" required:"" placeholder:"FILE" help:"ONNX file to write."`
	Seed         uint64  `default:"1" help:"Seed of weights, shuffling and shifts (${default})."`
	Epochs       int     `default:"20" help:"Passes over the training set (${default})."`
	Batch        int     `default:"64" help:"Images a step (${default})."`
	LearningRate float64 `default:"0.002" help:"Of Adam's first step (${default}); falls linearly to zero."`
}

func (c *trainCmd) Run(w *world) error {
	for _, n := range []struct {
		flag  string
		value int
	}{{"epochs", c.Epochs}, {"batch", c.Batch}} {
		if n.value < 1 {
			return fmt.Errorf("--%s %d: want 1 or more", n.flag, n.value)
		}
	}
	training, err := c.train()
	if err != nil {
		return err
	}
	test, err := c.test()
	if err != nil {
		return err
	}
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
	// Float32 alone reads nothing of the configuration, but Infer wants one.
	reference, err := config.Resolve("m7e4")
	if err != nil {
		return err
	}
	r, err := nn.Infer(w.ctx, network, test, training.First(nn.CalibrationImages), reference.Params.Spec, nn.Options{Modes: nn.Float32})
	if err != nil {
		return err
	}
	if err := writeFile(c.Out, file); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s: %d bytes, %d of %d images of %s correct, top-1 %s\n", c.Out, len(file), r.Float32.Correct,
		r.Images, test.Name, percent(r.Top1(r.Float32)))
	return nil
}

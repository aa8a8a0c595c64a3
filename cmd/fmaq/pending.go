package main

type (
	runCmd   struct{}
	genCmd   struct{}
	gatesCmd struct{}
	simCmd   struct{}
	proveCmd struct{}
	trainCmd struct{}
	inferCmd struct{}
)

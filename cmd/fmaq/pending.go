package main

type (
	runCmd   struct{}
	simCmd   struct{}
	proveCmd struct{}
)

package main

type (
	runCmd   struct{}
	proveCmd struct{}
)

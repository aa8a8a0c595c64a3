package verilog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"fmaq/gen/rtl"
)

// Manifest is manifest.json: what a generated directory holds and how its top module is driven.
type Manifest struct {
	Tool       string         `json:"tool"` // name and version of the generator
	Hash       string         `json:"hash"` // of the configuration
	Parameters any            `json:"parameters"`
	Top        string         `json:"top"`
	Latency    int            `json:"latency"`         // cycles from inputs to outputs; 0 means combinational
	Clock      string         `json:"clock,omitempty"` // port; rising edge
	Reset      string         `json:"reset,omitempty"` // port; synchronous, active-low
	Ports      []ManifestPort `json:"ports"`           // in the order of the module's port list
	Files      []ManifestFile `json:"files"`           // all but the manifest
}

// ManifestPort is a port of the top module.
type ManifestPort struct {
	Name      string `json:"name"`
	Direction string `json:"direction"` // input or output
	Width     int    `json:"width"`     // bits
	Signed    bool   `json:"signed,omitempty"`
	Doc       string `json:"doc,omitempty"`
}

// ManifestFile is a file below the manifest's directory.
type ManifestFile struct {
	Path   string `json:"path"`   // slash-separated
	SHA256 string `json:"sha256"` // hexadecimal
}

// manifestOf describes a design and its files.
func manifestOf(d *rtl.Design, o Options, files []File) (File, error) {
	face := NewInterface(d)
	m := Manifest{Tool: o.Tool, Hash: o.Hash, Parameters: o.Parameters, Top: d.Top.Name, Latency: face.Latency}
	if face.Clock != nil {
		m.Clock = face.Clock.Name
	}
	if face.Reset != nil {
		m.Reset = face.Reset.Name
	}
	port := func(name, direction string, width int) {
		m.Ports = append(m.Ports, ManifestPort{name, direction, width, o.Ports[name].Signed, o.Ports[name].Doc})
	}
	for _, n := range d.Top.Inputs {
		port(n.Name, "input", n.Width)
	}
	for _, out := range d.Top.Outputs {
		port(out.Name, "output", out.Net.Width)
	}
	for _, f := range files {
		m.Files = append(m.Files, ManifestFile{f.Path, SHA256(f.Data)})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return File{}, fmt.Errorf("%s: %w", ManifestPath, err)
	}
	return File{ManifestPath, b.Bytes()}, nil
}

// SHA256 is the hash of a file as the manifest lists it.
func SHA256(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

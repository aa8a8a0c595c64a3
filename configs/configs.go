// Package configs holds the presets: one TOML file each, its first comment line saying what it is for. Package config
// reads them.
package configs

import "embed"

// Files has every preset as <name>.toml.
//
//go:embed *.toml
var Files embed.FS

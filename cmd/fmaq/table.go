package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// tableFormat is the flag of subcommands that print tables.
type tableFormat struct {
	Format string `enum:"table,json,csv,md" default:"table" help:"Output format: ${enum}." placeholder:"FORMAT"`
}

// figure is a number in words of its own, such as "+12" or "37 %", which stands to the right like one.
type figure string

// grid is a table of cells: strings, integers, floats or figures. All but strings stand to the right. A row whose first cell
// is in total is set off.
type grid struct {
	title  string
	header []string
	rows   [][]any
	total  int // how many of the last rows are totals
	digits int // of floats
}

func (g *grid) add(cells ...any) { g.rows = append(g.rows, cells) }

// print writes the grid, or for JSON the value.
func (f tableFormat) print(w io.Writer, g *grid, v any) error {
	switch f.Format {
	case "json":
		return printJSON(w, v)
	case "csv":
		return g.csv(w)
	case "md":
		_, err := io.WriteString(w, g.markdown())
		return err
	}
	_, err := io.WriteString(w, g.text())
	return err
}

// printAll writes grids one below the other, in any format but JSON.
func (f tableFormat) printAll(w io.Writer, grids ...*grid) error {
	for i, g := range grids {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if f.Format == "md" {
			fmt.Fprintf(w, "%s:\n\n", g.title)
		}
		if err := f.print(w, g, nil); err != nil {
			return err
		}
	}
	return nil
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func (g *grid) cell(c any, group bool) string {
	switch c := c.(type) {
	case nil:
		return ""
	case int:
		return grouped(int64(c), group)
	case int64:
		return grouped(c, group)
	case float64:
		return strconv.FormatFloat(c, 'f', g.digits, 64)
	}
	return fmt.Sprint(c)
}

// grouped sets thousands apart with spaces, where there are five digits or more.
func grouped(n int64, group bool) string {
	s := strconv.FormatInt(n, 10)
	if !group || len(s) < 5 || n < 0 {
		return s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

func (g *grid) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{g.header}
	for _, r := range g.rows {
		row := make([]string, len(r))
		for i, c := range r {
			row[i] = g.cell(c, false)
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}

func (g *grid) text() string {
	t := g.pretty()
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true, SeparateRows: false, DrawBorder: false, SeparateColumns: false}
	style.Format = table.FormatOptions{Header: text.FormatDefault, Row: text.FormatDefault}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	lines := strings.Split(t.Render(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	s := strings.Join(lines, "\n") + "\n"
	if g.title != "" {
		s = g.title + "\n\n" + s
	}
	return s
}

func (g *grid) markdown() string { return g.pretty().RenderMarkdown() + "\n" }

func (g *grid) pretty() table.Writer {
	t := table.NewWriter()
	header := make(table.Row, len(g.header))
	columns := make([]table.ColumnConfig, len(g.header))
	for i, h := range g.header {
		header[i] = h
		columns[i] = table.ColumnConfig{Number: i + 1, Align: text.AlignLeft}
		if len(g.rows) > 0 && i < len(g.rows[0]) {
			switch g.rows[0][i].(type) {
			case int, int64, float64, figure:
				columns[i].Align, columns[i].AlignHeader = text.AlignRight, text.AlignRight
			}
		}
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(columns)
	for i, r := range g.rows {
		if g.total > 0 && i == len(g.rows)-g.total {
			t.AppendSeparator()
		}
		row := make(table.Row, len(r))
		for j, c := range r {
			row[j] = g.cell(c, true)
		}
		t.AppendRow(row)
	}
	return t
}

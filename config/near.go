package config

import "strings"

// near returns the names within two edits of a word, in any case, the nearest ones only.
func near(word string, names []string) []string {
	var found []string
	best := 2
	for _, name := range names {
		d := edits(strings.ToLower(word), strings.ToLower(name))
		if d > best || d >= len(name) {
			continue
		}
		if d < best {
			best, found = d, nil
		}
		found = append(found, name)
	}
	return found
}

// edits is the Levenshtein distance, a row of the table at a time.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

package main

import (
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// patience is how long a task may take before it shows its progress.
const patience = 2 * time.Second

// progress is a bar on standard error: only where that is a terminal, and only for a task that outlasts [patience]. It
// may be used by several goroutines, and by none after [progress.close].
type progress struct {
	w     *world
	what  string
	total int64
	begun time.Time
	shown bool // whether there is anyone to see it

	mutex sync.Mutex
	bar   *progressbar.ProgressBar
}

func (w *world) progress(what string, total int64) *progress {
	f, ok := w.stderr.(*os.File)
	return &progress{w: w, what: what, total: total, begun: time.Now(), shown: ok && term.IsTerminal(int(f.Fd()))}
}

// set tells how much is done.
func (p *progress) set(done int64) {
	if !p.shown || time.Since(p.begun) < patience {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(p.total,
			progressbar.OptionSetWriter(p.w.stderr),
			progressbar.OptionSetDescription(p.what),
			progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionShowCount(),
			progressbar.OptionClearOnFinish())
	}
	_ = p.bar.Set64(min(done, p.total)) // a bar that cannot be drawn is no reason to fail
}

// close takes the bar away.
func (p *progress) close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}

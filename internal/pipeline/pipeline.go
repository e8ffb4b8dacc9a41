package pipeline

import (
	"context"
	"errors"
	"io"
	"iter"
	"runtime"
	"sync"

	"github.com/whybounce/whybounce/internal/mailbox"
	"github.com/whybounce/whybounce/internal/output"
)

// Sizes of what is in flight: one batch a worker being read, one being waited for.
const (
	maxHeld       = 256 << 10 // a larger message is streamed by the reading goroutine
	batchBytes    = 64 << 10  // a batch is full at so much mail
	batchMessages = 64        // or at so many messages
	maxWorkers    = 64
)

// Options say how Run works.
type Options struct {
	// Workers is the number of goroutines that analyse; default GOMAXPROCS.
	Workers int
}

// Run analyses messages and gives a result for each, and for each error of the
// source, in the order of the input whatever the number of workers. A result
// and all it points to are the caller's until the next one only.
func Run(ctx context.Context, messages iter.Seq2[*mailbox.Message, error], a *Analyser, o Options) iter.Seq[*Result] {
	return func(yield func(*Result) bool) {
		n := o.Workers
		if n <= 0 {
			n = runtime.GOMAXPROCS(0)
		}
		newRun(ctx, a, min(n, maxWorkers)).each(messages, yield)
	}
}

// A run is what one reading goroutine, some workers and the caller share.
type run struct {
	ctx   context.Context
	a     *Analyser
	free  chan *batch   // ready to be filled
	todo  chan *batch   // to be analysed
	order chan *batch   // in the order of the input
	stop  chan struct{} // closed when the caller has enough
}

// A batch is some messages in a row, to spare handing over each alone.
type batch struct {
	buf     []byte
	items   []item
	results []Result
	work    scratch
	ready   chan struct{}
}

// An item is a message in the buffer of a batch, or a result that is known already.
type item struct {
	source     string
	start, end int
	cut        error // what cut it short
	known      *Result
}

// A place is where the last message stood.
type place struct {
	path   string
	number int
}

func (p *place) note(m *mailbox.Message) {
	if m != nil {
		p.path, p.number = m.Path, m.Number
	}
}

// is reports whether an error is about the last message.
func (p *place) is(err error) bool {
	var e *mailbox.Error
	return errors.As(err, &e) && p.path != "" && e.Path == p.path && e.Number == p.number
}

func newRun(ctx context.Context, a *Analyser, workers int) *run {
	batches := 2*workers + 1
	r := &run{
		ctx: ctx, a: a,
		free:  make(chan *batch, batches),
		todo:  make(chan *batch, batches),
		order: make(chan *batch, batches),
		stop:  make(chan struct{}),
	}
	for range batches {
		r.free <- &batch{ready: make(chan struct{}, 1)}
	}
	for range workers {
		go r.analyse()
	}
	return r
}

// each runs it all. It waits for the source to be closed, unless the context
// is done: then a source may hang for good.
func (r *run) each(messages iter.Seq2[*mailbox.Message, error], yield func(*Result) bool) {
	var reading sync.WaitGroup
	reading.Go(func() { r.read(messages) })
	defer func() {
		close(r.stop)
		if r.ctx.Err() == nil {
			reading.Wait()
		}
	}()
	for {
		b, ok := r.next()
		if !ok {
			return
		}
		for i := range b.results {
			if r.ctx.Err() != nil || !yield(&b.results[i]) {
				return
			}
		}
		r.free <- b
	}
}

// next waits for the batch whose turn it is.
func (r *run) next() (*batch, bool) {
	select {
	case b, ok := <-r.order:
		if !ok {
			return nil, false
		}
		select {
		case <-b.ready:
			return b, true
		case <-r.ctx.Done():
		}
	case <-r.ctx.Done():
	}
	return nil, false
}

// read fills batches from the source and hands them over.
func (r *run) read(messages iter.Seq2[*mailbox.Message, error]) {
	defer close(r.order)
	defer close(r.todo)
	b := r.empty()
	var last place
	for m, err := range r.guardSource(messages) {
		if b == nil {
			return
		}
		switch {
		case err != nil:
			b.items = append(b.items, item{known: &Result{Err: err, Class: output.Unreadable, Cut: last.is(err)}})
		case !b.hold(m):
			large := b.takeLast(m)
			r.hand(b)
			if b = r.empty(); b == nil {
				return
			}
			b.items = append(b.items, item{known: r.a.readLarge(m, large)})
		}
		last.note(m)
		if len(b.buf) >= batchBytes || len(b.items) >= batchMessages {
			r.hand(b)
			b = r.empty()
		}
	}
	if b != nil && len(b.items) > 0 {
		r.hand(b)
	}
}

// empty waits for a batch to fill; nil when the caller has enough.
func (r *run) empty() *batch {
	select {
	case b := <-r.free:
		b.buf, b.items = b.buf[:0], b.items[:0]
		return b
	case <-r.stop:
	case <-r.ctx.Done():
	}
	return nil
}

// hand hands a batch to the workers and to the caller; neither can block, as
// there are no more batches than places.
func (r *run) hand(b *batch) {
	r.order <- b
	r.todo <- b
}

// hold copies a message into the batch; false when it is too large. The
// beginning is then at the end of the buffer, and the last item is it.
func (b *batch) hold(m *mailbox.Message) bool {
	start := len(b.buf)
	for {
		if cap(b.buf)-len(b.buf) < 4096 {
			b.buf = append(make([]byte, 0, max(2*cap(b.buf), 2*batchBytes)), b.buf...)
		}
		n, err := m.Read(b.buf[len(b.buf):cap(b.buf)])
		b.buf = b.buf[:len(b.buf)+n]
		if err != nil {
			cut := m.Err()
			if cut == nil && !errors.Is(err, io.EOF) {
				cut = err
			}
			b.items = append(b.items, item{source: m.Source(), start: start, end: len(b.buf), cut: cut})
			return true
		}
		if len(b.buf)-start > maxHeld {
			b.items = append(b.items, item{start: start, end: len(b.buf)})
			return false
		}
	}
}

// takeLast takes a message that is too large out of the batch again: what has
// been read of it, then the rest.
func (b *batch) takeLast(m *mailbox.Message) io.Reader {
	last := b.items[len(b.items)-1]
	b.items = b.items[:len(b.items)-1]
	head := append([]byte(nil), b.buf[last.start:last.end]...)
	b.buf = b.buf[:last.start]
	return &joined{head: head, rest: m.Reader}
}

// A joined reader gives a head, then a rest. It lets go of the head.
type joined struct {
	head []byte
	rest io.Reader
}

func (j *joined) Read(p []byte) (int, error) {
	if len(j.head) > 0 {
		n := copy(p, j.head)
		j.head = j.head[n:]
		return n, nil
	}
	j.head = nil
	return j.rest.Read(p)
}

// analyse is a worker.
func (r *run) analyse() {
	for b := range r.todo {
		b.results = b.results[:0]
		b.work.reset()
		for i := range b.items {
			it := &b.items[i]
			if it.known != nil {
				b.results = append(b.results, *it.known)
				continue
			}
			b.results = append(b.results, Result{})
			r.a.read(&b.results[len(b.results)-1], &b.work, it, b.buf[it.start:it.end])
		}
		b.ready <- struct{}{}
	}
}

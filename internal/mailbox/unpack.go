package mailbox

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
)

const (
	// layersMax is how often a file may be compressed.
	layersMax = 2
	// grace is what a file may expand to before its ratio counts.
	grace   = 64 << 20
	graceXZ = 32 << 20 // less, since what is unpacked stays in the dictionary
)

// compression tells how a file that begins with b is compressed; "" if it is not.
func compression(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\x1f\x8b")):
		return "gzip"
	case bytes.HasPrefix(b, []byte("\x28\xb5\x2f\xfd")), isSkippable(b):
		return "zstd"
	case len(b) >= 10 && bytes.HasPrefix(b, []byte("BZh")) && b[3] >= '1' && b[3] <= '9' &&
		(string(b[4:10]) == "1AY&SY" || string(b[4:10]) == "\x17\x72\x45\x38\x50\x90"):
		return "bzip2"
	case bytes.HasPrefix(b, []byte("\xfd7zXZ\x00")):
		return "xz"
	}
	return utf16Order(b)
}

// isSkippable recognises the skippable frame that some zstd tools write first (RFC 8878, 3.1.2).
func isSkippable(b []byte) bool {
	return len(b) >= 4 && b[0]&0xf0 == 0x50 && string(b[1:4]) == "\x2a\x4d\x18"
}

// A decoders holds what can be used again for the next file.
type decoders struct {
	gzip *gzip.Reader
	zstd *zstd.Decoder
}

func (d *decoders) close() {
	if d.zstd != nil {
		d.zstd.Close()
	}
}

// open gives the decoder of a layer; only the first layer's is used again.
func (d *decoders) open(name string, src io.Reader, o Options, again bool) (io.Reader, error) {
	switch name {
	case "gzip":
		if again && d.gzip != nil {
			return d.gzip, d.gzip.Reset(src)
		}
		z, err := gzip.NewReader(src)
		if again && err == nil {
			d.gzip = z
		}
		return z, err
	case "zstd":
		if again && d.zstd != nil {
			return d.zstd, d.zstd.Reset(src)
		}
		z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(uint64(max(o.MaxWindow, 1<<10))))
		if again && err == nil {
			d.zstd = z
		}
		return z, err
	case utf16LE, utf16BE:
		return newUTF16(name, src), nil
	case "bzip2":
		return bzip2.NewReader(src), nil
	default:
		return xz.NewReader(src, uint32(min(o.MaxWindow, 1<<31)))
	}
}

// An unpacker reads through a decoder, within the limits of a file.
type unpacker struct {
	name  string
	open  func() (io.Reader, error)
	dec   io.Reader
	in    func() int64 // bytes of the file used up
	out   int64
	grace int64
	o     Options
	err   error
}

func (u *unpacker) Read(p []byte) (n int, err error) {
	if u.err != nil {
		return 0, u.err
	}
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, fmt.Errorf("%w: the %s decoder failed", ErrDamaged, u.name)
		}
		u.err = err
	}()
	if u.dec == nil {
		if u.dec, err = u.open(); err != nil {
			return 0, u.explain(err)
		}
	}
	n, err = u.dec.Read(p)
	u.out += int64(n)
	if err != nil && err != io.EOF {
		return n, u.explain(err)
	}
	if u.out > u.o.MaxExpanded {
		return n, fmt.Errorf("%w of %d bytes", ErrTooLarge, u.o.MaxExpanded)
	}
	if u.out > u.grace && u.out/int64(u.o.MaxRatio) > u.in() {
		return n, fmt.Errorf("%w of %d times its size", ErrTooLarge, u.o.MaxRatio)
	}
	return n, err
}

// explain turns the errors of the decoders into ours.
func (u *unpacker) explain(err error) error {
	switch {
	case errors.Is(err, ErrTruncated), errors.Is(err, ErrDamaged), errors.Is(err, ErrTooLarge):
		return err // of the layer below
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF, errors.Is(err, xz.ErrBuf):
		return fmt.Errorf("%w, in the middle of %s", ErrTruncated, u.name)
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, xz.ErrMemlimit):
		return fmt.Errorf("%w: its %s window needs more than %d MiB of memory", ErrTooLarge, u.name, u.o.MaxWindow>>20)
	case isCorrupt(err):
		return fmt.Errorf("%w: %s: %w", ErrDamaged, u.name, err)
	}
	return err
}

// isCorrupt tells errors of a decoder from those of the file system.
func isCorrupt(err error) bool {
	var sys interface{ Timeout() bool } // as *fs.PathError and syscall.Errno have
	return !errors.As(err, &sys)
}

// unpackHint says what to do about an error of a compressed file.
func unpackHint(err error, tool string) string {
	switch {
	case errors.Is(err, ErrTooLarge):
		return "if you trust it, unpack it first: " + tool + " -dc FILE | whybounce -"
	case errors.Is(err, ErrTruncated):
		return "what came before was read; copy or download it again"
	case errors.Is(err, ErrDamaged):
		return "what came before was read; test it with " + tool + " -t"
	}
	return ""
}

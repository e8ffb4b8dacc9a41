package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// A Secret says where a password or a token comes from: the first of these that is set.
type Secret struct {
	File    string // its first line
	Command string // the first line that it prints; run by the shell
	Env     string // the environment variable of this name
}

const (
	secretTimeout = time.Minute
	secretMax     = 64 << 10
)

// IsSet tells whether there is a place for the secret to come from.
func (s Secret) IsSet() bool { return s != Secret{} }

// read gets the secret. Neither it nor what a command says reaches an error.
func (s Secret) read(ctx context.Context) (string, error) {
	var value, from string
	var err error
	switch {
	case s.File != "":
		from = "the file " + s.File
		value, err = readSecretFile(s.File)
	case s.Command != "":
		from = "the command"
		value, err = runSecretCommand(ctx, s.Command)
	case s.Env != "":
		from = "the environment variable " + s.Env
		value = os.Getenv(s.Env)
	default:
		return "", ErrSecret
	}
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrSecret, from, err)
	}
	value, _, _ = strings.Cut(value, "\n")
	value = strings.TrimSuffix(value, "\r")
	if value == "" {
		return "", fmt.Errorf("%w: %s gives none", ErrSecret, from)
	}
	if strings.ContainsRune(value, 0) {
		return "", fmt.Errorf("%w: %s gives a NUL", ErrSecret, from)
	}
	return value, nil
}

func readSecretFile(name string) (string, error) {
	f, err := os.Open(name)
	var pe *os.PathError
	if errors.As(err, &pe) {
		return "", pe.Err
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, secretMax))
	return string(b), err
}

func runSecretCommand(ctx context.Context, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, secretTimeout)
	defer cancel()
	shell := []string{"/bin/sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/c"}
	}
	cmd := exec.CommandContext(ctx, shell[0], shell[1], command)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("it took longer than %v", secretTimeout)
	case errors.As(err, &exit):
		return "", errors.New(exit.ProcessState.String())
	case err != nil:
		return "", errors.New("it cannot be run")
	}
	return string(out[:min(len(out), secretMax)]), nil
}

package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Update replaces what stands between "<!-- bench NAME -->" and "<!-- end NAME -->" in a document by the blocks of those
// names. A block the document has no place for is an error, and so is a place without an end: nothing is written then.
func Update(document string, blocks map[string]string) error {
	b, err := os.ReadFile(document)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: it says where each table goes, <!-- bench NAME --> to <!-- end NAME -->", err)
	}
	if err != nil {
		return err
	}
	text := string(b)
	for name, block := range blocks {
		if text, err = replace(text, name, block); err != nil {
			return fmt.Errorf("%s: %w", document, err)
		}
	}
	return os.WriteFile(document, []byte(text), 0o644)
}

func replace(text, name, block string) (string, error) {
	begin, end := "<!-- bench "+name+" -->", "<!-- end "+name+" -->"
	before, rest, ok := strings.Cut(text, begin)
	if !ok {
		return "", fmt.Errorf("no %q", begin)
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("no %q after %q", end, begin)
	}
	return before + begin + "\n\n" + strings.TrimSpace(block) + "\n\n" + end + after, nil
}

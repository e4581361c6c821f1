package wt

import (
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
)

// hashPrefix begins the fragment of a URL that pins a certificate.
const hashPrefix = "sha256="

var errURL = errors.New("wt: want https://host:port/path, with #sha256= and 64 hex digits behind it to pin a certificate")

// parseURL takes a URL apart. The hash is nil when the certificate is judged as usual.
func parseURL(raw string) (u *url.URL, hash []byte, err error) {
	u, err = url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return nil, nil, errURL
	}
	if u.Fragment != "" {
		digits, ok := strings.CutPrefix(u.Fragment, hashPrefix)
		hash, err = hex.DecodeString(digits)
		if !ok || err != nil || len(hash) != 32 {
			return nil, nil, errURL
		}
	}
	u.Fragment, u.RawFragment = "", ""
	return u, hash, nil
}

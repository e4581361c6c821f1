//go:build !js

package wt

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"net"
	"time"
)

// devLife is how long a development certificate holds: "the validity period ... MUST NOT exceed two weeks" (W3C
// WebTransport, serverCertificateHashes). It begins an hour before it was made, for clocks that are behind.
const (
	devLife = 13 * 24 * time.Hour
	devSlow = time.Hour
)

// DevCertificate makes a self-signed certificate, valid for 13 days from an hour before now, for names and IP addresses
// such as "localhost" and "192.168.1.5", and the fragment that pins it in a URL: "sha256=" and 64 hex
// digits. It is for development: who hands out the fragment decides whom pages talk to.
func DevCertificate(now time.Time, hosts ...string) (cert tls.Certificate, fragment string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, "", err
	}
	var serial [16]byte
	rand.Read(serial[:])
	t := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial[:]), Subject: pkix.Name{CommonName: "development"},
		NotBefore: now.Add(-devSlow), NotAfter: now.Add(-devSlow).Add(devLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return cert, "", err
	}
	hash := sha256.Sum256(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, hashPrefix + hex.EncodeToString(hash[:]), nil
}

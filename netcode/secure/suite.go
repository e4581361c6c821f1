package secure

import "golang.org/x/sys/cpu"

// Suite is a way to seal records, or a set of them.
type Suite uint8

// The suites. Everybody speaks ChaCha20Poly1305.
const (
	AES128GCM        Suite = 1 << iota // RFC 5116
	ChaCha20Poly1305                   // RFC 8439
)

func (s Suite) String() string {
	switch s {
	case AES128GCM:
		return "AES-128-GCM"
	case ChaCha20Poly1305:
		return "ChaCha20-Poly1305"
	}
	return "none"
}

// Supported returns the suites that this machine runs well: AES only with AES and carry-less multiplication in
// hardware, since in software it is slow and its time depends on the key.
func Supported() Suite {
	x86 := cpu.X86.HasAES && cpu.X86.HasPCLMULQDQ && cpu.X86.HasSSE41 && cpu.X86.HasSSSE3
	arm := cpu.ARM64.HasAES && cpu.ARM64.HasPMULL
	if x86 || arm || cpu.S390X.HasAESGCM {
		return AES128GCM | ChaCha20Poly1305
	}
	return ChaCha20Poly1305
}

// choose returns the best suite of those that both sides offer, 0 when there is none.
func choose(a, b Suite) Suite {
	switch both := a & b; {
	case both&AES128GCM != 0:
		return AES128GCM
	case both&ChaCha20Poly1305 != 0:
		return ChaCha20Poly1305
	}
	return 0
}

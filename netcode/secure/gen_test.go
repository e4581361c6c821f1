package secure
import ("testing";"os";"fmt")
func TestGen(t *testing.T) {
	put := func(target, name string, lines ...string) { os.MkdirAll("testdata/fuzz/"+target,0o755)
		s := "go test fuzz v1\n"; for _, l := range lines { s += l + "\n" }
		os.WriteFile("testdata/fuzz/"+target+"/"+name, []byte(s), 0o644) }
	bs := func(b []byte) string { return fmt.Sprintf("[]byte(%q)", b) }
	i, init, accept, tickets := handshake(t)
	_, _, ticket, _ := i.Accept(accept)
	other := append([]byte(nil), init...); other[1] = 9
	lie := append([]byte(nil), init...); lie[2] = 0xff
	put("FuzzInit","version",bs(other)); put("FuzzInit","suites",bs(lie))
	var h [payloadSize]byte
	(&Hello{Token: make([]byte, MaxToken)}).put(h[:]); put("FuzzHello","longest",bs(h[:])); h[21]=0xff; put("FuzzHello","too-long",bs(h[:]))
	long := append(append([]byte(nil), accept...), make([]byte, MaxClaims)...)
	put("FuzzAccept","longest",bs(long)); bad := append([]byte(nil), accept...); bad[12] ^= 0x80; put("FuzzAccept","ephemeral",bs(bad)); low := append([]byte(nil), accept...); clear(low[12:44]); put("FuzzAccept","low-order",bs(low))
	cookies := NewCookies(NewRandom([32]byte{7}))
	r := NewGate(identity(t, 2).Public()).AppendRetry(make([]byte, 0, RetrySize), init, cookies.Make(0, init, address)); r[40]^=1
	put("FuzzRetry","mac",bs(r))
	c := AppendConfirm(nil, ticket); c[2], c[3] = 0xff, 0xff; put("FuzzConfirm","length",bs(c))
	c = append(AppendConfirm(nil, ticket), 1); c[4] = 9; put("FuzzConfirm","epoch",bs(c))
	put("FuzzTicketBody","claims",bs(append(make([]byte,144),0xff,0xff)))
	q := AppendQuery(make([]byte, 0, QuerySize), 77)
	in := AppendInfo(nil, q, Info{Name:"x"}); in[72]=0xff; put("FuzzInfo","length",bs(in))
	for _, s := range suites { b := NewSealer(s, [32]byte{1}, 0).Seal(0, record(10), 7, 5); b[0] |= FlagPhase
		put("FuzzOpenRecord","phase-"+fmt.Sprint(uint8(s)),bs(b),"uint64(5)",fmt.Sprintf("bool(%v)", s==AES128GCM)) }
}

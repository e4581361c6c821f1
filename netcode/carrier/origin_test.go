package carrier

import "testing"

func TestOrigins(t *testing.T) {
	listed := Origins{Pages: []string{"https://play.example", "http://localhost:8080"}}
	for _, c := range []struct {
		o      Origins
		origin []string
		want   bool
	}{
		{Origins{}, []string{"https://game.example"}, true},
		{Origins{}, []string{"HTTPS://Game.Example"}, true},
		{Origins{}, []string{"https://game.example:8443"}, false},
		{Origins{}, []string{"https://evil.example"}, false},
		{Origins{}, []string{"https://game.example.evil.example"}, false},
		{Origins{}, []string{"https://evil@game.example"}, false},
		{Origins{}, []string{"https://game.example/page"}, false},
		{Origins{}, []string{"file://game.example"}, false},
		{Origins{}, []string{"null"}, false},
		{Origins{}, []string{""}, false},
		{Origins{}, []string{"https://game.example", "https://evil.example"}, false},
		{Origins{}, nil, false},
		{Origins{Programs: true}, nil, true},
		{Origins{Programs: true}, []string{"https://evil.example"}, false},
		{listed, []string{"https://play.example"}, true},
		{listed, []string{"http://localhost:8080"}, true},
		{listed, []string{"http://play.example"}, false},
		{listed, []string{"https://game.example"}, false},
		{Origins{Pages: []string{"*"}}, []string{"null"}, true},
		{Origins{Pages: []string{"*"}}, nil, false},
	} {
		if got := c.o.Allow(c.origin, "game.example"); got != c.want {
			t.Errorf("%+v, %q: %v, want %v", c.o, c.origin, got, c.want)
		}
	}
}

// Whatever the header says: a page that is let in without a list is one of this very host, and nothing longer.
func FuzzOrigins(f *testing.F) {
	f.Add("https://game.example", "game.example")
	f.Add("https://a@game.example", "game.example")
	f.Add("http://[::1%25zone]:80", "[::1%zone]:80")
	f.Fuzz(func(t *testing.T, origin, host string) {
		if !(Origins{}).Allow([]string{origin}, host) {
			return
		}
		if host == "" || len(origin) != len("http://")+len(host) && len(origin) != len("https://")+len(host) {
			t.Errorf("%q may come to %q", origin, host)
		}
	})
}

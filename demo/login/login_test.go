package login

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// backend answers each question with the next of some texts, "403 ..." with that status.
func backend(t *testing.T, answers ...string) Backend {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answers[0]
		answers = answers[1:]
		if why, no := strings.CutPrefix(a, "403 "); no {
			http.Error(w, why, http.StatusForbidden)
			return
		}
		w.Write([]byte(a))
	}))
	t.Cleanup(s.Close)
	return Backend{URL: s.URL + "/", User: "ann", Password: "secret"}
}

// The first token is the one that came with the answer, each further one is asked for: a token lets in once.
func TestEachDialHasATokenOfItsOwn(t *testing.T) {
	key := strings.Repeat("ab", 32)
	b := backend(t, `{"token": "AQ==", "server": "play.example:7777", "server_key": "`+key+`"}`, `{"token": "Ag=="}`, "403 she is banned")
	first, fresh, err := b.Enter(t.Context(), [32]byte{1})
	if err != nil || first.Server != "play.example:7777" || first.ServerKey[31] != 0xab {
		t.Fatalf("%+v, %v", first, err)
	}
	for _, want := range []string{"\x01", "\x02"} {
		if got, err := fresh(t.Context()); err != nil || string(got) != want {
			t.Errorf("token %q, %v; want %q", got, err, want)
		}
	}
	if _, err := fresh(t.Context()); err == nil || !strings.Contains(err.Error(), `"she is banned"`) {
		t.Errorf("refused: %v", err)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, a := range []string{"", "{", `{"server_key": "ab"}`, `{"server_key": "` + strings.Repeat("zz", 32) + `"}`, strings.Repeat(" ", maxAnswer) + "{}"} {
		if _, err := backend(t, a).Ask(t.Context(), [32]byte{1}); err == nil || !strings.Contains(err.Error(), "not understood") {
			t.Errorf("%.30q: %v", a, err)
		}
	}
}

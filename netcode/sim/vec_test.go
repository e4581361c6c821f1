package sim

import "testing"

func TestVec2(t *testing.T) {
	a, b := V(3, 4), V(-1, 2)
	if a.Add(b) != V(2, 6) || a.Sub(b) != V(4, 2) || a.Mul(2) != V(6, 8) {
		t.Error("Add, Sub or Mul")
	}
	if a.Dot(b) != 5 || a.Len2() != 25 || a.Len() != 5 {
		t.Error("Dot, Len2 or Len")
	}
	if V(0, 5).Unit() != V(0, 1) || (Vec2{}).Unit() != (Vec2{}) {
		t.Error("Unit")
	}
	if a.Lerp(b, 0) != a || a.Lerp(b, 0.5) != V(1, 3) {
		t.Error("Lerp")
	}
}

// Package demo holds the programs that prove the library, one directory each, and the tests of the
// whole repository: that a match holds together over any network (the end-to-end tests), and that
// the code keeps the rules of its architecture (rules_test.go, census_test.go, globals_test.go,
// form_test.go).
//
// arena holds the rules of the demo game. play is the window, dedicated the headless server, bots a
// load of clients, hello the smallest whole game, examples one short program a technique.
package demo

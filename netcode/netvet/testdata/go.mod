module example.com/games

go 1.26.0

require github.com/halftick/halftick v0.0.0

replace github.com/halftick/halftick => ../../..

module example.com/games

go 1.26.0

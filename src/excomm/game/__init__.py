"""The crisis game: postures, compilation from the world, solution, policy and extensive-form files."""

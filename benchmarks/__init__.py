"""What speed and memory are promised, as ratios of two things measured in turn, here and now."""

"""What a coverage-guided fuzzer is let loose on, and what it found. See `make fuzz`."""

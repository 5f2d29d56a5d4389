"""What is decided over the hits of one vehicle: each analyser takes a state and a batch."""

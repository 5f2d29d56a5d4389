"""Programs that measure, and the simulator that makes cities and days with known truth."""

"""A day that was judged once and must be judged alike for ever: rules, hits, violations."""

"""One hit against the rules: kernel, wrapper and explanation."""

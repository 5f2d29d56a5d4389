"""Network files into a road graph: the first importer that says it can."""

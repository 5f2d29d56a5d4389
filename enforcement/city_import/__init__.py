"""Files of others turned into the files of a city folder."""

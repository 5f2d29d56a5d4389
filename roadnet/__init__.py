"""Roads and where cameras stand on them; nothing of permits or hits."""

"""What a city states: permits, restrictions, schedules, calendars."""

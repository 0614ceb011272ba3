"""One module a dialect; nothing outside this folder knows any dialect's words."""

"""What a citizen's words mean: clean text, people, place, time, kind and topic. Pure; reads only its own rules."""

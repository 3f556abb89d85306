"""`make demo`: a simulated city writes to a real Muara over real protocols; a simulated hub takes what comes out."""

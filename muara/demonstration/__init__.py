"""`make demo`: a simulated city writes to a real Muara over real protocols, and a simulated hub takes what comes out."""

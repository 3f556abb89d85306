"""How often Muara is right, measured on labelled cases: half of them to build by, half held back until the end."""

"""It judges: rules that watch each station's frames, and what they have found."""

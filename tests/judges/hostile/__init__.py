"""Parts of `hostile_deliveries.py`, `byte_flips.py` and `kills.py`. They share no code with the tool."""

"""An attacker of released folders. Reads what was published and the contract, and nothing of the code that made it."""

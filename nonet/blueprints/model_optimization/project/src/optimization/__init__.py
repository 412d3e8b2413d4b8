"""Makes a trained model faster or smaller, and measures what that costs in fidelity."""

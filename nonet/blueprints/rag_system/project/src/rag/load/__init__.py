"""Load tests of the server: requests at a fixed rate, whatever the answers take."""

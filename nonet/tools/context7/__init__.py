"""Context7: the documentation of the libraries that are installed, at their exact versions."""

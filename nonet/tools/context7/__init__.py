"""Context7: documentation of libraries, of those installed at their exact versions from their own sources."""

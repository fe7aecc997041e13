"""What people make of the library, over HTTP."""

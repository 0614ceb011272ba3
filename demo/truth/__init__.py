"""Whether what we send is what the vendors' own schemas allow."""

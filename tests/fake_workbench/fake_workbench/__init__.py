"""A stand-in for the licensed product Posit Workbench: what a cluster's configuration can see of it, and no more."""

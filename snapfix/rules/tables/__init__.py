"""What is known of the world outside the project: names of modules, packages and their former homes."""

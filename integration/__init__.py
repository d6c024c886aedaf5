"""How others reach Probity: typed client, command line, case files."""

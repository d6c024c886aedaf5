"""How others reach Probity: typed client, command line, HTTP, files, webhooks."""

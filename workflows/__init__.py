"""What happens when: deterministic workflows, of which `case.py` reads as the lifecycle."""

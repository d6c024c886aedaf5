"""Intake: referrals in files, matter by matter (docs/intake.md)."""

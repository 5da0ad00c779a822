"""Outgoing e-mail: written to the outbox with the change it tells of, delivered by a job.

Begin with `outbox.py`.
"""

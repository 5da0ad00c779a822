"""The membership desk: one package per room, imports run downwards only (docs/architecture.md)."""

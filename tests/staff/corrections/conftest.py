from tests.articles.corrections.conftest import cases, ours, send

__all__ = ["cases", "ours", "send"]  # fixtures

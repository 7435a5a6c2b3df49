"""Measures memos-admin side by side with what people would use instead. See README.md."""

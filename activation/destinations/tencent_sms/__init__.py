"""Text messages by Tencent Cloud (腾讯云短信), up to two hundred a request."""

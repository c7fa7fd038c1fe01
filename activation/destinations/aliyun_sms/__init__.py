"""Text messages by Aliyun (阿里云短信), up to a hundred a request."""

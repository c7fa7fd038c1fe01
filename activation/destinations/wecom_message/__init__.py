"""Messages to WeCom contacts (客户群发), which their guides confirm before they go."""

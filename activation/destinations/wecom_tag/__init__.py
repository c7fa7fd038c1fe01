"""Tags of WeCom contacts (企业标签), set on each pair of a guide and a contact."""

"""The columnar copy that audiences are counted over."""

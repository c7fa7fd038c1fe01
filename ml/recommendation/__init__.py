"""Recommending: what product_recommendation and category_recommendation are made of."""

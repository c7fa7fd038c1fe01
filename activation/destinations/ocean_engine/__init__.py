"""Audiences of Ocean Engine (巨量引擎 DMP), for ads on Douyin and Toutiao."""

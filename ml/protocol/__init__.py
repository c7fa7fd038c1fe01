"""The one protocol every supervised model follows: back-test, baselines, gate."""

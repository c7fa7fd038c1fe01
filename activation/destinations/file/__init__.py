"""CSV files in a folder: parts first, the manifest that makes them count last."""

"""Events over HTTP: taken durably, sealed into segments, landed like any other file."""

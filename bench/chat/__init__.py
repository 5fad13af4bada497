"""Two chat servers and a model, all driven from one process, to measure one beside the other."""

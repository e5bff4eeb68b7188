"""What every benchmark stands on: measuring a command, playing sides against each other, writing the tables."""

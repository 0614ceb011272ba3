"""The bundled sample of the demo; `python -m demo.sample.make` writes its two files anew."""

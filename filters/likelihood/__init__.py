"""How probable a text is, by a language model: the embedded one, a KenLM one, or one that a server serves."""

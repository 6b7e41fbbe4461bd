"""EMULATED eff.core."""


class Archive:
    """Encrypted archive; none can be read here."""

    @staticmethod
    def restore_artifact(*args, **kwargs):
        """Refuse."""
        raise NotImplementedError("EMULATED eff: encrypted archives cannot be read here")

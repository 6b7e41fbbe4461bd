"""EMULATED tao_codec."""


def decrypt_stream(*args, **kwargs):
    """Refuse: .etlt files are encrypted with a private library."""
    raise NotImplementedError("EMULATED eff_tao_encryption: .etlt files cannot be decrypted here")


def encrypt_stream(*args, **kwargs):
    """Refuse: there is no encryption library here."""
    raise NotImplementedError("EMULATED eff_tao_encryption: encryption is not available here")

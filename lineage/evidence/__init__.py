"""Evidence: an export that anybody can verify offline, with nothing but the public key.

``merkle`` is the tree of RFC 6962, ``checkpoint`` the signed root, ``bundle`` the file that holds both with
all that they speak for, ``verifying`` the proof that not one byte of it was changed.
"""

"""The room where untrusted distributions are opened: a path and limits in, facts or a refusal out.

``inspect.inspect`` reads a wheel or an sdist from the first byte to the last, under a budget, and returns
``facts.Facts``; ``inspect.check_filename`` judges a name before there are bytes. Whatever the bytes are, nothing but
``kernel.refused.Refused`` comes out, with a code of ``refusals.REFUSALS``.

From the file inwards: ``filename``, ``source`` (bytes by position), ``zip_records``, ``zip_framing`` and ``zip_reader``,
``gzip_stream`` and ``tar_reader``, ``paths`` (names of members), ``wheel`` with ``record``, ``wheel_file`` and
``entry_points``, ``sdist``, ``headers`` and ``metadata``. No database, no HTTP, no Django.
"""

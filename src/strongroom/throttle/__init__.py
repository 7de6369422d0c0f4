"""Rate limits and lock-outs, counted in the SQL database so that no cache loss forgets them."""

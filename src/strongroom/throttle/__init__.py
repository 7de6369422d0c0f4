"""Rate limits and lock-outs, counted in the SQL database so that no cache loss forgets them."""

from strongroom.throttle.limits import Limit, address_block, forget, spend

__all__ = ["Limit", "address_block", "forget", "spend"]

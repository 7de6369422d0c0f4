"""Statements that the ORM compiles once and that are then run again and again.

Compiling one takes the ORM twenty times as long as SQLite takes to answer it; where every upload asks, that is most of the
time. Models and querysets stay the only place where tables and columns are named.
"""

"""When something is lost or stolen: the panic link in every mail, and getting back in after losing every factor."""

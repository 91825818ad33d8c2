"""The power path of an EVSE: grid, outlet, cable, onboard charger, battery, and the chain of limits between them."""

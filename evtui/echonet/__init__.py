"""The house next door: an ECHONET Lite node that shows the fleet's EVSEs to a home-energy controller."""

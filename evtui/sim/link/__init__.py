"""What goes over the link and when: registration, the queues of messages, heartbeats, back-off."""

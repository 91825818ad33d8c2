"""MEASURING: how many stations this machine holds, and what each message costs. Nothing here runs in a fleet.

A measurement runs in a process of its own, against a sink in another, so that what is counted is the fleet's alone.
"""

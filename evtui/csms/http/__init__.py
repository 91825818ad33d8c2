"""The CSMS over HTTP: one file for each thing that is asked about. Imported when it is needed: fastapi is heavy."""

"""The window as plain text: one line a change, and commands that are typed. For screen readers and poor terminals."""

"""The state of one visitor: uploads, runs, client id; its restoration after a reload; its cleanup."""

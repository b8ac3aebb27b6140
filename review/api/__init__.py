"""The same things as JSON, for programs: described by OpenAPI, opened by a token, never by a cookie."""

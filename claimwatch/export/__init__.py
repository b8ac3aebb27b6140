"""What is known, in the form that the guide's own tools read: versioned, described by a JSON Schema, honest about age."""

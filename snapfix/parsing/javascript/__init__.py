"""JavaScript and TypeScript: Node.js and its test runners."""

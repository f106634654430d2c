// Imported before everything else: libraries read NODE_ENV when they are loaded, and graphql-js checks every value twice unless it is production.
process.env.NODE_ENV ??= "production";
